from django.urls import path

from sscard.portal.sandbox import views

urlpatterns = [
    path("sandbox/phone/<str:area>/", views.phone),
    path("sandbox/face/<uuid:challenge>/", views.face),
]
