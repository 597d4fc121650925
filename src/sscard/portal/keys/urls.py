from django.urls import path

from sscard.portal.keys import ceremonies, custody, home, sets

urlpatterns = [
    path("keys/", home.overview),
    path("keys/ceremonies/new/", ceremonies.new),
    path("keys/ceremonies/<uuid:which>/", ceremonies.detail),
    path("keys/ceremonies/<uuid:which>/share/", ceremonies.share),
    path("keys/ceremonies/<uuid:which>/<str:step>/", ceremonies.step),
    path("keys/carriers/new/", custody.new),
    path("keys/carriers/<uuid:which>/", custody.detail),
    path("keys/carriers/<uuid:which>/load/", sets.load),
    path("keys/carriers/<uuid:which>/<str:name>/", custody.move),
    path("keys/sets/retire/", sets.retire),
    path("keys/receivers/new/", sets.admit),
    path("keys/receivers/strike/", sets.strike),
    path("keys/losses/<uuid:which>/", custody.loss),
    path("keys/losses/<uuid:which>/<str:name>/", custody.settle),
]
