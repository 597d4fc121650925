"""The root address list: pages and the JSON API."""

from importlib.util import find_spec

from django.urls import include, path

urlpatterns = []
if find_spec("sscard.api.urls"):
    urlpatterns.append(path("api/", include("sscard.api.urls")))
    urlpatterns.append(path("", include("sscard.api.oauth")))
if find_spec("sscard.portal.urls"):
    urlpatterns.append(path("", include("sscard.portal.urls")))

handler400 = "sscard.portal.errors.bad_request"
handler403 = "sscard.portal.errors.forbidden"
handler404 = "sscard.portal.errors.not_found"
handler500 = "sscard.portal.errors.server_error"
