from django.urls import path

from sscard.portal.developers import catalogue, clients, conformance, home, hooks, register, sandbox

_ONE = "developers/<uuid:sandbox>/"

urlpatterns = [
    path("developers/", home.home),
    path("developers/register/", register.register),
    path("developers/new/", home.new),
    path("developers/errors/", catalogue.errors),
    path("developers/errors/<str:code>/", catalogue.error),
    path(_ONE, sandbox.overview),
    path(_ONE + "keys/", sandbox.keys),
    path(_ONE + "reset/", sandbox.reset),
    path(_ONE + "clock/", sandbox.clock),
    path(_ONE + "magic/", sandbox.magic_values),
    path(_ONE + "clients/", clients.clients),
    path(_ONE + "clients/stop/", clients.stop),
    path(_ONE + "calls/", sandbox.calls),
    path(_ONE + "events/", hooks.endpoints),
    path(_ONE + "events/trigger/", hooks.trigger),
    path(_ONE + "events/replay/", hooks.replay),
    path(_ONE + "events/<uuid:endpoint>/", hooks.endpoint),
    path(_ONE + "conformance/", conformance.runs),
    path(_ONE + "conformance/<uuid:run>/report.<str:form>", conformance.report),
]
