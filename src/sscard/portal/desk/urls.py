from django.urls import path

from sscard.portal.desk import applying, at_devices, changing, home, imports, invite, person, registering, where

urlpatterns = [
    path("desk/", home.home),
    path("desk/purpose/", home.purpose),
    path("desk/find/", home.find),
    path("people/new/", registering.register),
    path("people/<uuid:person>/", person.show),
    path("people/<uuid:person>/reveal/", person.reveal),
    path("people/<uuid:person>/looks/", person.who_looked),
    path("people/<uuid:person>/correct/", changing.correct),
    path("people/<uuid:person>/photo/", changing.photo),
    path("people/<uuid:person>/invite/", invite.invite),
    path("people/<uuid:person>/apply/", applying.apply),
    path("cards/<uuid:card>/hand-over/", at_devices.hand_over),
    path("cards/<uuid:card>/enable/", at_devices.enable),
    path("cards/<uuid:card>/where/", where.where),
    path("desk/devices/<uuid:session>/", at_devices.devices),
    path("imports/", imports.runs),
    path("imports/new/", imports.upload),
    path("imports/<uuid:run>/", imports.run_page),
    path("imports/<uuid:run>/progress/", imports.progress),
    path("imports/<uuid:run>/faults/<int:number>/", imports.faults_file),
    path("imports/<uuid:run>/register/", imports.register),
    path("imports/<uuid:run>/drop/", imports.drop),
]
