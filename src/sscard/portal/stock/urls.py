from django.urls import path

from sscard.portal.stock import batches, boxes

urlpatterns = [
    path("batches/", batches.batches),
    path("batches/new/", batches.make),
    path("batches/<uuid:batch>/", batches.detail),
    path("batches/<uuid:batch>/account-file/", batches.account_file),
    path("batches/<uuid:batch>/account-answer/", batches.account_answer),
    path("batches/<uuid:batch>/release/", batches.release),
    path("batches/<uuid:batch>/return/", batches.receive_return),
    path("batches/<uuid:batch>/dissolve/", batches.dissolve),
    path("stock/", boxes.stock),
    path("stock/send/", boxes.send),
    path("stock/receive/<uuid:shipment>/", boxes.receive),
    path("stock/outlet/<str:outlet>/", boxes.outlet),
]
