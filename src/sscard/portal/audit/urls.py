from django.urls import path

from sscard.portal.audit import search, trail

urlpatterns = [
    path("audit/", search.search),
    path("audit/person/", search.about_person),
    path("audit/trail/", trail.trail),
    path("audit/<uuid:row>/", search.detail),
]
