from django.urls import path

from sscard.portal.review import applications, approvals, doubts

urlpatterns = [
    path("approvals/", approvals.waiting),
    path("approvals/mine/", approvals.mine),
    path("approvals/<uuid:approval>/", approvals.detail),
    path("approvals/<uuid:approval>/approve/", approvals.approve),
    path("approvals/<uuid:approval>/reject/", approvals.reject),
    path("approvals/<uuid:approval>/withdraw/", approvals.withdraw),
    path("applications/", applications.queue),
    path("applications/<uuid:application>/", applications.detail),
    path("applications/<uuid:application>/check/", applications.check),
    path("campaigns/<uuid:campaign>/check/", applications.check_campaign),
    path("doubts/", doubts.queue),
    path("doubts/<uuid:case>/", doubts.detail),
    path("doubts/<uuid:case>/decide/", doubts.decide),
    path("doubts/<uuid:case>/undo/", doubts.undo),
]
