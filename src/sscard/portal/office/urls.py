from django.urls import path

from sscard.portal.office import overview, packs, producers, staff, values

urlpatterns = [
    path("office/", overview.overview),
    path("office/values/", values.values),
    path("office/pack/", packs.pack),
    path("office/producers/", producers.producers),
    path("office/producers/new/", producers.register),
    path("office/clock/", values.move_clock),
    path("office/staff/", staff.accounts),
    path("office/staff/new/", staff.create),
    path("office/staff/<uuid:account>/", staff.detail),
    path("office/staff/<uuid:account>/grant/", staff.grant),
    path("office/staff/<uuid:account>/disable/", staff.disable),
]
