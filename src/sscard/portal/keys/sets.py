"""Forms of the key service's own lists: a set's retirement, machines that may get real keys, the loading of a PSAM."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Fault, Refusal
from sscard.keys import reach, reads
from sscard.keys.holding import AdmitReceiver, RetireSet, StrikeReceiver
from sscard.keys.psams import LoadPsam
from sscard.keys.tree.ciphers import DES, SM4
from sscard.portal.forms import faults_of
from sscard.portal.keys.home import CUSTODY, VIEW, crumbs, sent
from sscard.portal.shapes import Field
from sscard.portal.signed import AtPage, for_staff, fresh_key


@for_staff(CUSTODY)
def retire(request: HttpRequest, at: AtPage) -> HttpResponse:
    """Sets of one's own level that serve older cards only; each says whom it still serves."""
    level = f"city:{at.caller.area}" if at.caller.area else "ministry"
    with at.reading(VIEW, "keys"):
        options = tuple(
            (one.name, one.name, _served(at, one.name))
            for one in reads.sets(at.caller.area)
            if one.name.startswith(f"{level}#") and one.state == "decrypt_only"
        )
    if request.method == "POST" and (chosen := _among(request, "key_set", options)):
        at.perform("keys.retire_set", RetireSet(chosen), purpose="keys")
        return sent(at)
    return _form(
        request, at, at.word("keys.retire"), "/keys/sets/retire/",
        [Field("key_set", at.word("keys.set"), kind="radio", options=options)],
        lead=at.word("keys.retire_lead") if options else at.word("keys.retire_none"), possible=bool(options),
        faults=(Fault("key_set", "portal.answer_missing"),) if request.method == "POST" else (),
    )  # fmt: skip


def _served(at: AtPage, key_set: str) -> str:
    cards, people = reach.cards_in(at.caller.area, {key_set}) if at.caller.area else (0, 0)
    return at.word("keys.retire_served", cards=f"{cards:,}", people=f"{people:,}")


@for_staff(CUSTODY)
def admit(request: HttpRequest, at: AtPage) -> HttpResponse:
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        name, public = request.POST.get("name", "").strip(), "".join(request.POST.get("public", "").lower().split())
        try:
            at.perform("keys.admit_receiver", AdmitReceiver(name, public), purpose="keys")
        except Refusal as refusal:
            faults = faults_of(refusal)
        else:
            return sent(at)
    fields = [
        Field("name", at.word("keys.machine"), hint=at.word("keys.machine_hint"), maxlength=80),
        Field("public", at.word("keys.public"), hint=at.word("keys.public_hint"), kind="textarea", maxlength=200),
    ]
    return _form(request, at, at.word("keys.admit"), "/keys/receivers/new/", fields, lead=at.word("keys.admit_lead"),
                 faults=faults)  # fmt: skip


@for_staff(CUSTODY)
def strike(request: HttpRequest, at: AtPage) -> HttpResponse:
    options = _machines()
    if request.method == "POST" and (chosen := _among(request, "public", options)):
        at.perform("keys.strike_receiver", StrikeReceiver(chosen), purpose="keys")
        return HttpResponseRedirect("/keys/")
    return _form(
        request, at, at.word("keys.strike"), "/keys/receivers/strike/",
        [Field("public", at.word("keys.machine"), kind="radio", options=options)], possible=bool(options),
        lead=at.word("keys.strike_lead") if options else at.word("keys.no_machines"),
        faults=(Fault("public", "portal.answer_missing"),) if request.method == "POST" else (),
    )  # fmt: skip


@for_staff(CUSTODY)
def load(request: HttpRequest, at: AtPage, which: uuid.UUID) -> HttpResponse:
    """The package for a PSAM's machine, as a file; it opens in that machine and that PSAM only."""
    with at.reading(VIEW, "keys") as inside:
        one = reads.carrier(inside, which)
    options, faults = _machines(), tuple[Fault, ...]()
    if request.method == "POST":
        algorithm = {str(DES): DES, str(SM4): SM4}.get(request.POST.get("algorithm", ""), 0)
        try:
            wanted = LoadPsam(which, _among(request, "receiver", options), algorithm)
            outcome = at.perform("keys.load_psam", wanted, purpose="keys")
        except Refusal as refusal:
            faults = faults_of(refusal)
        else:
            if "package" not in outcome.once:
                return HttpResponseRedirect(f"/keys/carriers/{which}/")
            answer = HttpResponse(outcome.once["package"], content_type="application/octet-stream")
            answer["Content-Disposition"] = f'attachment; filename="psam-{one.number}.load"'
            answer["Cache-Control"] = "no-store"
            return answer
    kinds = ((str(SM4), "SM4", at.word("keys.for_third")), (str(DES), "3DES", at.word("keys.for_older")))
    fields = [
        Field("receiver", at.word("keys.machine"), kind="radio", options=options),
        Field("algorithm", at.word("keys.algorithm"), kind="radio", options=kinds),
    ]
    return _form(
        request, at, at.word("keys.do_load"), f"/keys/carriers/{which}/load/", fields, possible=bool(options),
        lead=at.word("keys.load_lead") if options else at.word("keys.no_machines"), faults=faults,
        back=f"/keys/carriers/{which}/",
    )  # fmt: skip


def _machines() -> tuple[tuple[str, str, str], ...]:
    return tuple((one["public"], one["name"], f"{one['public'][:16]}…") for one in keys().receivers())


def _among(request: HttpRequest, name: str, options: tuple[tuple[str, str, str], ...]) -> str:
    """The chosen one, "" where none of them was."""
    given = request.POST.get(name, "")
    return given if given in {value for value, _, _ in options} else ""


def _form(
    request: HttpRequest, at: AtPage, title: str, action: str, fields: list[Field], *, lead: str,
    faults: tuple[Fault, ...] = (), possible: bool = True, back: str = "/keys/",
) -> HttpResponse:  # fmt: skip
    if not possible:
        return at.render(
            "portal/done.html", title=title, sentence=lead, here="/keys/", next_steps=crumbs(at, title)[:1]
        )
    return at.render(
        "portal/form.html", title=title, lead=lead, fields=fields, values=request.POST, faults=faults, action=action,
        submit_label=at.word("keys.submit"), hidden={"key": fresh_key()}, cancel_url=back, here="/keys/",
        crumbs=crumbs(at, title),
    )  # fmt: skip
