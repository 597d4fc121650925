"""The root address list of a bank's own host: its pages and the JSON API for its customers."""

from django.urls import include, path

urlpatterns = [path("api/", include("sscard.api.urls")), path("", include("sscard.portal.netbank.site"))]

handler400 = "sscard.portal.errors.bad_request"
handler403 = "sscard.portal.errors.forbidden"
handler404 = "sscard.portal.errors.not_found"
handler500 = "sscard.portal.errors.server_error"
