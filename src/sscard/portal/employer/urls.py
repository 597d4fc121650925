from django.urls import path

from sscard.portal.employer import listing, register

urlpatterns = [
    path("employer/", listing.listing),
    path("employer/new/", register.register),
]
