"""What every command needs first: Django set up on this installation's configuration."""

from __future__ import annotations

import os
from typing import Any


def configured() -> Any:
    """The configuration, with Django ready to be used."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sscard.app.settings")
    import django

    django.setup()
    from django.conf import settings

    return settings.CONFIG


def configuration() -> Any:
    """The configuration alone, for a command that reaches the service from outside and needs no database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sscard.app.settings")
    from django.conf import settings

    return settings.CONFIG
