"""Addresses of a bank's own site; `hosts.Sites` chooses them by the host name."""

from __future__ import annotations

from django.urls import path

from sscard.portal.front.views import health
from sscard.portal.netbank import (
    card,
    front,
    home,
    limits,
    mine,
    notices,
    orders,
    passkeys,
    recharge,
    shell,
    statement,
    transfer,
)

urlpatterns = [
    path("", home.home),
    path("reveal/", home.reveal),
    path("statement/", statement.statement),
    path("statement.<str:kind>", statement.file),
    path("transfer/", transfer.transfer),
    path("orders/", orders.orders),
    path("orders/recall/", orders.recall),
    path("recharge/", recharge.recharge),
    path("recharge/number/", recharge.number),
    path("settings/limits/", limits.limits),
    path("card/", card.card),
    path("notices/", notices.notices),
    path("settings/", mine.settings),
    path("settings/password/", mine.password),
    path("settings/passkeys/", passkeys.keys),
    path("settings/passkeys/remove/", passkeys.remove),
    path("passkey/", passkeys.sign_in),
    path("settings/end/", mine.end_session),
    path("settings/stop/", mine.stop),
    path("stopped/", front.stopped),
    path("sign-in/", front.sign_in),
    path("sign-out/", front.sign_out),
    path("set-up/", front.set_up),
    path("manifest.webmanifest", shell.manifest),
    path("look.css", shell.look),
    path("mark.svg", shell.mark),
    path("icon-<int:size>.png", shell.icon),
    path("icon-<str:kind>-<int:size>.png", shell.icon),
    path("worker.js", shell.worker),
    path("offline/", shell.offline),
    path("health/", health),
]
