"""The phone agent: what the caller says of himself goes in, one sentence to read out comes back (ACT-5)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from sscard.bank.savings_opening import phone as savings_phone
from sscard.bank.savings_opening.function import Told
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal.shapes import Field
from sscard.portal.signed import AtPage, for_staff, fresh_key


@for_staff(savings_phone.RIGHT)
def ask(request: HttpRequest, at: AtPage) -> HttpResponse:
    if request.method != "POST":
        return _page(at)
    post = request.POST
    asked = savings_phone.Asked(
        post.get("name", "")[:60], post.get("id_number", "")[:40], post.get("phone_last", "")[:10]
    )
    try:
        told = savings_phone.ask(at.caller, asked)
    except Refusal as refusal:
        if refusal.faults:
            return _page(at, faults=refusal.faults)
        return _page(at, refusal=refusal)
    return _page(at, told=told)


def _page(
    at: AtPage, *, told: Told | None = None, refusal: Refusal | None = None, faults: tuple[Fault, ...] = ()
) -> HttpResponse:
    """Nothing that was typed comes back: the next caller is somebody else."""
    fields = [
        Field("name", at.word("savings.phone.name")),
        Field("id_number", at.word("savings.phone.id_number"), width="20"),
        Field("phone_last", at.word("savings.phone.last"), kind="digits", width="4", maxlength=4),
    ]
    return at.render(
        "portal/bank/savings_phone.html",
        title=at.word("savings.phone.title"),
        lead=at.word("savings.phone.lead"),
        fields=fields,
        values={},
        faults=faults,
        sentence=told.sentence(at.lang) if told else "",
        next_step=told.next_step(at.lang) if told else "",
        refusal_text=refusal.sentence(at.lang) if refusal else "",
        refusal_next=refusal.next_step(at.lang) if refusal else "",
        key=fresh_key(),
        status=refusal.status if refusal else 422 if faults else 200,
    )
