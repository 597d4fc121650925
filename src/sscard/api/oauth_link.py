"""The link itself as a resource: how it stands, its signed paper, its end. Called with the link's own access token."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI

from sscard.api import auth
from sscard.api.oauth_forms import caller_of, client_of, form_of, needed, wrong
from sscard.binding import access, paying, tokens
from sscard.binding.ending import ClientRevoke
from sscard.control.door import perform
from sscard.documents import kept
from sscard.kernel import ids
from sscard.kernel.refusals import Fault, Refusal
from sscard.people import lookup


def mount(api: NinjaAPI) -> None:
    @api.get("/link", tags=["link"], summary="what was agreed · 绑定和授权")
    def link(request: HttpRequest) -> dict[str, Any]:
        """State (AUTHORISED; USED when its one payment was booked), what it covers, until when. A consent that does not hold any
        more is refused by name."""
        with access.reading(request, "", what="consent") as (inside, found):
            return {"state": paying.state_told(found.consent, inside.now), **tokens.details_of(found.consent)}

    @api.get("/link/authorisation", tags=["link"], summary="the signed authorisation · 授权书")
    def authorisation(request: HttpRequest) -> HttpResponse:
        """A sealed PDF (PAdES B-T): what the holder agreed to. For banks; other partners' holders fetch it themselves."""
        with access.reading(request, "", what="consent") as (inside, found):
            if found.consent.document_id is None:
                raise Refusal("control.not_found")
            row, file = kept.fetch(inside, found.person_id, found.consent.document_id)
        answer = HttpResponse(file, content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="authorisation-{row.code}.pdf"'
        answer["Cache-Control"] = "no-store"
        return answer

    @api.delete("/link", tags=["link"], summary="un-bind at the customer's wish · 解除绑定")
    def unlink(request: HttpRequest) -> dict[str, Any]:
        """The bank's customer un-bound the card at the bank's page."""
        found = access.authorised(request)
        wish = ClientRevoke(found.consent.consent_id, at_wish=True)
        done = perform(
            found.caller, "binding.client_revoke", wish, key=str(ids.new_id()), purpose="consent", area=found.area
        )
        return done.answer


def end(request: HttpRequest) -> HttpResponse:
    """`POST /oauth/unlink`: the same without an access token (a suspended consent gives none): `consent` and, unless the
    client gives up by itself, `wish=customer`. The client proves itself as everywhere."""
    form = form_of(request)
    client = client_of(form, request)
    if faults := needed(form, "consent"):
        raise wrong(*faults)
    try:
        consent = uuid.UUID(form["consent"])
    except ValueError:
        raise wrong(Fault("consent", "binding.parameter_form", {"expected": "a UUID"})) from None
    area = lookup.require("consent", consent).area
    wish = ClientRevoke(consent, at_wish=form.get("wish") == "customer")
    done = perform(
        caller_of(client, request)(area),
        "binding.client_revoke",
        wish,
        key=f"unlink:{auth.trace_id(request)}:{ids.new_id()}",
        purpose="consent",
        area=area,
    )
    return JsonResponse(done.answer)
