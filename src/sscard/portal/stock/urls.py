from django.urls import path

from sscard.portal.stock import batch_steps, batches, boxes, ends, ordering, stocks, test_cards

urlpatterns = [
    path("batches/", batches.batches),
    path("batches/new/", ordering.make),
    path("batches/<uuid:batch>/", batches.detail),
    path("batches/<uuid:batch>/account-file/", batch_steps.account_file),
    path("batches/<uuid:batch>/account-answer/", batch_steps.account_answer),
    path("batches/<uuid:batch>/release/", batch_steps.release),
    path("batches/<uuid:batch>/return/", batch_steps.receive_return),
    path("batches/<uuid:batch>/dissolve/", batch_steps.dissolve),
    path("batches/<uuid:batch>/recall/", ends.recall),
    path("test-cards/", test_cards.listing),
    path("test-cards/new/", test_cards.register),
    path("test-cards/decision/", test_cards.decision),
    path("test-cards/<uuid:test_card>/", test_cards.detail),
    path("test-cards/<uuid:test_card>/<str:form>/", test_cards.download),
    path("stock/", stocks.stock),
    path("stock/send/", boxes.send),
    path("stock/receive/<uuid:shipment>/", boxes.receive),
    path("stock/count/<str:place>/", ends.count),
    path("stock/missing/", ends.missing),
    path("stock/missing/<uuid:card>/", ends.missing_card),
    path("stock/outlet/<str:outlet>/", stocks.outlet),
]
