"""Addresses of all pages: each part of the portal brings its own."""

from __future__ import annotations

from django.conf import settings
from django.urls import include, path

from sscard.portal.navigation import parts

urlpatterns = [path("", include(f"sscard.portal.{part}.urls")) for part in parts()]

if settings.CONFIG.profile in ("demo", "test"):
    urlpatterns.append(path("gallery/", include("sscard.portal.gallery")))
