from django.urls import path

from sscard.portal.front import banks, holder_setup, passwords, savings, views

urlpatterns = [
    path("", views.start),
    path("sign-in/", views.staff_sign_in),
    path("sign-out/", views.sign_out),
    path("password/", views.password),
    path("my/sign-in/", views.holder_sign_in),
    path("my/set-up/", holder_setup.set_up),
    path("banks/", banks.choose_area),
    path("banks/sites/", banks.sites),
    path("banks/<str:area>/", banks.which_bank),
    path("passwords/", passwords.table),
    path("savings/", savings.choose_area),
    path("savings/<str:area>/", savings.compare),
    path("documents/", savings.check),
    path("health/", views.health),
]
