from django.urls import path

from sscard.portal.bank import approvals, books, customer, deposit, matter, start

urlpatterns = [
    path("bank/", start.start),
    path("bank/counter/", start.choose),
    path("bank/read/", start.read),
    path("bank/next/", start.next_customer),
    path("bank/customer/", customer.customer),
    path("bank/begin/<str:name>/", matter.begin),
    path("bank/devices/", matter.devices),
    path("bank/live/", matter.live),
    path("bank/do/", matter.do),
    path("bank/deposit/", deposit.deposit),
    path("bank/approvals/", approvals.approvals),
    path("bank/approvals/decide/", approvals.decide_page),
    path("bank/books/", books.books),
]
