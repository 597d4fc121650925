"""Who calls: a bearer token of a staff, holder or customer session, or a program's name and key (HTTP Basic over TLS).

Cookies are not looked at here, so no page of another site can act in somebody's name (T20).
"""

from __future__ import annotations

import base64
import binascii
import uuid
from typing import Any

from django.http import HttpRequest

from sscard.api.sites import bank_of
from sscard.bank import customers
from sscard.control import signin
from sscard.control.caller import Caller
from sscard.control.models import Staff
from sscard.control.rights import declared
from sscard.control.sessions import SessionStore, token_hash
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.people import holders


def caller(request: HttpRequest) -> Caller:
    """The caller behind the Authorization header, noted on the request for its log. Raises api.sign_in_needed."""
    found = _caller(request)
    request.sscard_caller = found  # type: ignore[attr-defined]
    return found


def _caller(request: HttpRequest) -> Caller:
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    if bank_of(request):
        return _of_customer(rest.strip() if scheme.lower() == "bearer" else "", request)
    more = {"address": address(request), "request_id": trace_id(request)}
    if scheme.lower() == "bearer":
        return _of_session(rest.strip(), request, more)
    if scheme.lower() == "basic":
        name, _, secret = _basic(rest).partition(":")
        program = signin.program(name, secret, address=more["address"])
        return Caller.of_program(program, channel="api", **more, **_area(request, program.area_code))
    raise Refusal("api.sign_in_needed")


def caller_for(request: HttpRequest, right: str) -> Caller:
    """The caller of an act. Without an Authorization header there is one for acts only whose right names visitors: they
    send an id of their own making (`Sscard-Visitor`, a UUID, kept for repeats) and the area they turn to (`Sscard-Area`)."""
    if not bank_of(request) and "Authorization" not in request.headers and "visitor" in declared().get(right, ()):
        return visitor(request)
    return caller(request)


def visitor(request: HttpRequest, area: str = "") -> Caller:
    """Somebody who has not signed in. Raises api.visitor_needed and law.area_unknown."""
    try:
        mark = uuid.UUID(request.headers.get("Sscard-Visitor", ""))
    except ValueError:
        raise Refusal("api.visitor_needed") from None
    found = areas.get(area or request.headers.get("Sscard-Area", ""))
    return Caller.of_visitor(
        mark, area=found.code, channel="api", address=address(request), request_id=trace_id(request)
    )


def _of_session(token: str, request: HttpRequest, more: dict[str, Any]) -> Caller:
    store = SessionStore(token)
    data = store.load()
    kind, subject = data.get("kind"), data.get("subject")
    if kind == "staff" and subject:
        staff = Staff.objects.select_related("organisation").filter(staff_id=uuid.UUID(subject), active=True).first()
        if staff is not None and not staff.must_change_password:
            session = token_hash(token).hex()[:32]
            return Caller.of_staff(staff, channel="api", session=session, **more, **_area(request, staff.area_code))
    if kind == "holder" and subject:
        account = holders.account_of(uuid.UUID(subject))
        if account is not None:
            return holders.caller_of(account, channel="api", session=token_hash(token).hex()[:32], **more)
    raise Refusal("api.sign_in_needed")


def _of_customer(token: str, request: HttpRequest) -> Caller:
    """At a bank's host: a customer of this bank, and nobody else, whatever he signed in with elsewhere."""
    data, bank = SessionStore(token).load() if token else {}, bank_of(request)
    if data.get("kind") == "customer" and data.get("bank") == bank and data.get("subject"):
        customer = customers.customer_of(bank, uuid.UUID(data["subject"]))
        if customer is not None:
            return customers.caller_of(
                customer,
                channel="api",
                session=token_hash(token).hex()[:32],
                address=address(request),
                request_id=trace_id(request),
                extra=customers.stepped_up(data),
            )
    raise Refusal("api.sign_in_needed")


def _area(request: HttpRequest, own: str) -> dict[str, str]:
    """National staff and banks name the area they act in; everybody else has his own."""
    asked = request.headers.get("Sscard-Area", "")
    return {"area": asked} if not own and asked.isdigit() and len(asked) == 6 else {}


def _basic(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise Refusal("api.sign_in_needed") from None


def address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))[:45]


def trace_id(request: HttpRequest) -> str:
    """The caller's own trace id if it is sound, else one of ours; it comes back in every answer."""
    found = getattr(request, "sscard_trace", "")
    if not found:
        given = request.headers.get("Sscard-Trace", "")
        ok = 8 <= len(given) <= 64 and all(c.isalnum() or c in "-_" for c in given)
        found = given if ok else uuid.uuid4().hex
        request.sscard_trace = found  # type: ignore[attr-defined]
    return found
