from django.urls import path

from sscard.portal.my import consents, correct, data, guide, looked, money, papers, passkeys, records, savings, start

urlpatterns = [
    path("my/", start.start),
    path("my/whose/", start.choose),
    path("my/guide/", guide.guide_page),
    path("my/records/", records.records),
    path("my/money/", money.money),
    path("my/savings/", savings.savings),
    path("my/savings/withdraw/", savings.withdraw),
    path("papers/<uuid:document>/", papers.paper),
    path("my/looked/", looked.looked),
    path("my/consents/", consents.consents),
    path("my/consents/bank-card/", consents.bank_card),
    path("my/consents/<uuid:consent>/", consents.ask),
    path("my/consents/<uuid:consent>/code/", consents.code),
    path("my/consents/<uuid:consent>/face/", consents.face),
    path("my/consents/<uuid:consent>/agree/", consents.agree),
    path("my/consents/<uuid:consent>/decline/", consents.decline),
    path("my/consents/<uuid:consent>/end/", consents.end),
    path("my/data/", data.data),
    path("my/data/correct/", correct.correct),
    path("my/data/reveal/", data.reveal),
    path("my/password/", data.password),
    path("my/passkeys/", passkeys.keys),
    path("my/passkeys/remove/", passkeys.remove),
    path("my/passkey/", passkeys.sign_in),
]
