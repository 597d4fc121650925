"""The holder has died: the account stops, whatever it had agreed to; and stands again if that was a mistake."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sscard.bank import restricting, witness
from sscard.bank.models import AccountStatus
from sscard.bank.standing import Standing, bank_rule, find, in_area, load, reflect, rows_in_force, store
from sscard.bank.states import Restriction, Status
from sscard.cards.events import note_bank
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any

RIGHT, APPROVE = "bank.death", "bank.restrict_approve"
SOURCES = ("relatives", "bureau", "police", "hospital")
MOST_PAPER = 60
REASON = "death"


@dataclass(frozen=True, slots=True)
class ReportDeath:
    """`document`: number of the death certificate or of the bureau's notice; `source`: who brought it."""

    account: uuid.UUID
    document: str
    source: str = "relatives"


@dataclass(frozen=True, slots=True)
class RevokeDeath:
    """The report was wrong; `document` proves it."""

    account: uuid.UUID
    document: str


def _check(inside: Inside, request: ReportDeath | RevokeDeath) -> tuple[AccountStatus, Standing]:
    mirror = find(inside, request.account)
    faults = []
    if not 1 <= len(request.document.strip()) <= MOST_PAPER:
        faults.append(Fault("document", "bank.death_document", {"most": MOST_PAPER}))
    if isinstance(request, ReportDeath) and request.source not in SOURCES:
        faults.append(Fault("source", "bank.death_source"))
    refuse_if_any(faults)
    bank, now = bank_rule(mirror, inside), inside.now
    with inside.bank_role():
        standing = load(mirror, bank, now=now, lock=True)
    known = Restriction.DECEASED in standing.restrictions
    if standing.status not in (Status.NOT_ACTIVATED, Status.ACTIVE):
        raise Refusal("bank.closed" if standing.status is Status.CLOSED else "bank.not_open_yet")
    if isinstance(request, ReportDeath) and known:
        raise Refusal("bank.death_known")
    if isinstance(request, RevokeDeath) and not known:
        raise Refusal("bank.death_not_reported")
    return mirror, standing


@act(
    "bank.report_death", right=RIGHT, about_person=True, four_eyes=True, approve_right=APPROVE, check=_check,
    summary=lambda r: {"document": r.document, "source": r.source, "account": str(r.account)},
)  # fmt: skip
def report_death(inside: Inside, request: ReportDeath) -> dict[str, Any]:
    """Full stop, agreed debits too. Whether money may still come in (a last pension, a refund) is the bank's rule."""
    mirror, standing = _check(inside, request)
    refuse_credits = bank_rule(mirror, inside).life.credits_after_death == "refuse"
    who = inside.maker or inside.caller.id
    with inside.bank_role():
        restricting.add(standing, Restriction.DECEASED, who=who, reason=REASON, document=request.document)
        if refuse_credits:
            restricting.add(standing, Restriction.CREDIT_FREEZE, who=who, reason=REASON, document=request.document)
        store(standing)
    reflect(inside, standing, since=inside.now)
    inside.detail |= {"document": request.document.strip(), "source": request.source}
    _tell_card(inside, mirror, str(standing.status), str(Restriction.DECEASED), "report_death")
    inside.emit("bank.death_reported", {"account": str(mirror.account_id), "card": str(mirror.card_id)})
    return _answer(standing)


@act(
    "bank.revoke_death", right=RIGHT, about_person=True, four_eyes=True, approve_right=APPROVE, check=_check,
    summary=lambda r: {"document": r.document, "account": str(r.account)},
)  # fmt: skip
def revoke_death(inside: Inside, request: RevokeDeath) -> dict[str, Any]:
    """What the report had closed opens; every other restriction stays."""
    mirror, standing = _check(inside, request)
    with inside.bank_role():
        rows_in_force(standing.account, standing.now).filter(
            kind__in=[str(Restriction.DECEASED), str(Restriction.CREDIT_FREEZE)], reason=REASON
        ).update(
            lifted_at=standing.now,
            lifted_by=inside.maker or inside.caller.id,
            lift_document=request.document.strip(),
        )
        restricting.refresh(standing)
        store(standing)
    reflect(inside, standing, since=inside.now)
    inside.detail["document"] = request.document.strip()
    _tell_card(inside, mirror, str(Restriction.DECEASED), str(standing.status), "revoke_death")
    inside.emit("bank.death_revoked", {"account": str(mirror.account_id), "card": str(mirror.card_id)})
    return _answer(standing)


def _tell_card(inside: Inside, mirror: AccountStatus, was: str, became: str, act_name: str) -> None:
    """The card's own history, and whoever watches it: links to on-line banking stop and go on with it."""
    card = witness.card_of(inside, mirror)
    if card is not None:
        with in_area(inside, mirror.area_code):
            note_bank(inside, card, was=was, became=became, act=act_name)


def _answer(standing: Standing) -> dict[str, Any]:
    return {
        "account": str(standing.account.account_id),
        "restrictions": sorted(str(one) for one in standing.restrictions),
        "at": standing.now.isoformat(),
    }
