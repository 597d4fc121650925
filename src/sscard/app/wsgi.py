"""The portal's WSGI application: pages and JSON API."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sscard.app.settings")
application = get_wsgi_application()
