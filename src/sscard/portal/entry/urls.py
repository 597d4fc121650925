from django.urls import path

from sscard.portal.entry import deciding, public, queue

urlpatterns = [
    path("register/", public.choose_area),
    path("register/state/", public.state),
    path("register/<str:area>/", public.register),
    path("people/self/", queue.queue),
    path("people/self/<uuid:entry>/", deciding.show),
    path("people/self/<uuid:entry>/accept/", deciding.accept),
    path("people/self/<uuid:entry>/refuse/", deciding.refuse),
]
