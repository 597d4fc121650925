"""Browsers that somebody has signed in with: wrong passwords typed elsewhere do not shut their owner out (T18).

After each sign-in the browser keeps a sign for this account: a random value that we signed for the account's name, which the
sign itself does not hold. Whoever shows it is counted by that browser alone; everybody else by account and by address, as
`control.throttle` has it. It opens nothing: password and second factor are asked for as ever.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.core import signing
from django.http import HttpRequest, HttpResponse

from sscard.control import passwords

COOKIE = "__Host-sscard-known"
GOOD_FOR = timedelta(days=180)
MOST = 6
"""So many accounts of one browser are kept: a family's phone, a counter's shared machine."""


def device(request: HttpRequest, way: str, name: str) -> str:
    """The value by which this browser is known for the account, "" if it is not. `way`: staff, holder or a bank's code."""
    signer = _signer(way, name)
    for one in _kept(request):
        try:
            return str(signer.unsign(one, max_age=GOOD_FOR))
        except signing.BadSignature:
            continue
    return ""


def remember(request: HttpRequest, response: HttpResponse, way: str, name: str) -> None:
    """Keep the sign, new each time; the account's older one goes, and the oldest of too many."""
    signer = _signer(way, name)
    others = [one for one in _kept(request) if not _is_of(signer, one)]
    kept = [signer.sign(secrets.token_urlsafe(16)), *others][:MOST]
    age = int(GOOD_FOR.total_seconds())
    response.set_cookie(COOKIE, ".".join(kept), max_age=age, secure=True, httponly=True, samesite="Strict")


def _signer(way: str, name: str) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=f"sscard.known|{way}|{passwords.normal_name(name)}")


def _is_of(signer: signing.TimestampSigner, one: str) -> bool:
    try:
        signer.unsign(one)
    except signing.BadSignature:
        return False
    return True


def _kept(request: HttpRequest) -> list[str]:
    return [one for one in request.COOKIES.get(COOKIE, "")[:2000].split(".") if one][:MOST]
