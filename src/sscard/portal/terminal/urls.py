from django.urls import path

from sscard.portal.terminal import consent, flow, savings, sign_in, staff, start

urlpatterns = [
    path("terminal/", start.start),
    path("terminal/sign-in/", sign_in.sign_in),
    path("terminal/sign-out/", sign_in.sign_out),
    path("terminal/begin/", start.begin),
    path("terminal/staff/", staff.staff),
    path("terminal/devices/", flow.devices),
    path("terminal/live/", flow.live),
    path("terminal/do/", flow.do),
    path("terminal/savings/", savings.savings),
    path("terminal/savings/live/", savings.live),
    path("terminal/savings/draft/", savings.draft),
    path("terminal/savings/paper/<uuid:document>/", savings.paper),
    path("terminal/consent/", consent.consent),
    path("terminal/leave/", start.leave),
]
