from django.urls import path

from sscard.portal.consent import views

urlpatterns = [
    path("authorise", views.arrive),
    path("authorise/<uuid:consent>/", views.ask),
    path("authorise/<uuid:consent>/code/", views.code),
    path("authorise/<uuid:consent>/face/", views.face),
    path("authorise/<uuid:consent>/agree/", views.agree),
    path("authorise/<uuid:consent>/decline/", views.decline),
]
