from django.urls import path

from sscard.portal.ecard import account, check, family, home, sign

urlpatterns = [
    path("my/ecard/", home.home),
    path("my/ecard/code/", home.code),
    path("my/ecard/reveal/", home.reveal),
    path("my/ecard/open/", home.open_),
    path("my/ecard/message/", home.message),
    path("my/ecard/app.webmanifest", home.manifest),
    path("my/ecard/sign/", sign.sign),
    path("my/ecard/face/", sign.face),
    path("my/ecard/allow/", account.allow),
    path("my/ecard/account/", account.link),
    path("my/ecard/password/", account.password),
    path("my/ecard/end/", account.end),
    path("my/ecard/family/", family.family),
    path("my/ecard/family/answer/", family.answer),
    path("my/ecard/family/end/", family.end),
    path("check-card/", check.check),
    path("ecard/verify/", check.verify),
]
