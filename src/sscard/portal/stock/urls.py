from django.urls import path

from sscard.portal.stock import batches, boxes, test_cards

urlpatterns = [
    path("batches/", batches.batches),
    path("batches/new/", batches.make),
    path("batches/<uuid:batch>/", batches.detail),
    path("batches/<uuid:batch>/account-file/", batches.account_file),
    path("batches/<uuid:batch>/account-answer/", batches.account_answer),
    path("batches/<uuid:batch>/release/", batches.release),
    path("batches/<uuid:batch>/return/", batches.receive_return),
    path("batches/<uuid:batch>/dissolve/", batches.dissolve),
    path("test-cards/", test_cards.listing),
    path("test-cards/new/", test_cards.register),
    path("test-cards/decision/", test_cards.decision),
    path("test-cards/<uuid:test_card>/", test_cards.detail),
    path("test-cards/<uuid:test_card>/<str:form>/", test_cards.download),
    path("stock/", boxes.stock),
    path("stock/send/", boxes.send),
    path("stock/receive/<uuid:shipment>/", boxes.receive),
    path("stock/outlet/<str:outlet>/", boxes.outlet),
]
