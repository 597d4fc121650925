"""Using it: opened by its own password on a known phone, then a code a minute; allowed during a loss; password anew."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sscard.cards.electronic import family, holding, passwords, platform, proofs
from sscard.cards.electronic.models import EcardCode, EcardPhone, ElectronicCard
from sscard.cards.electronic.signing import own
from sscard.codes.ecard_code import Claims
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel import clock, ids
from sscard.kernel.refusals import Refusal, refuse_if_any
from sscard.people import reads as people
from sscard.verification import codes

OPEN_FOR: Final = timedelta(minutes=15)
MOST_PHONES: Final = 5
KEPT: Final = timedelta(days=1)
"""How long a spent code is remembered, so that a replay is told from a number that never was."""


@dataclass(frozen=True, slots=True)
class OpenElectronicCard:
    """`phone`: the token that this phone was given. A phone without one brings the `challenge` and `code` of a message to
    the telephone of record."""

    password: str = field(repr=False)
    phone: str = field(default="", repr=False)
    challenge: uuid.UUID | None = None
    code: str = field(default="", repr=False)


@act("cards.ecard_open", right="cards.ecard", clause="QAM-1", about_person=True)
def open_(inside: Inside, request: OpenElectronicCard) -> dict[str, Any]:
    """For this session, a quarter of an hour. The first display on a phone asks for the check by message first."""
    ecard = own(inside)
    passwords.check(inside, ecard, request.password)
    phone = _known(ecard, request.phone)
    if phone is None:
        if request.challenge is None:
            raise Refusal("cards.ecard_new_phone")
        _by_message(inside, ecard, request)
        phone = _new_phone(inside, ecard)
    phone.open_session, phone.open_until = inside.caller.session, clock.real_now() + OPEN_FOR
    phone.save(update_fields=["open_session", "open_until"])
    return {"ecard": str(ecard.ecard_id), "open_until": phone.open_until.isoformat()}


def _by_message(inside: Inside, ecard: ElectronicCard, request: OpenElectronicCard) -> None:
    assert request.challenge is not None
    codes.check(
        challenge=request.challenge,
        code=request.code,
        action="cards.ecard_open",
        session=inside.caller.session,
        person_id=ecard.person_id,
        area=inside.area_code,
    )


def _new_phone(inside: Inside, ecard: ElectronicCard) -> EcardPhone:
    token = secrets.token_urlsafe(32)
    phone = EcardPhone(
        person_id=ecard.person_id,
        ecard_id=ecard.ecard_id,
        phone_id=ids.new_id(),
        area_code=ecard.area_code,
        token_hash=_hash(token),
        since=inside.now,
    )
    phone.save(force_insert=True)
    older = EcardPhone.objects.filter(person_id=ecard.person_id, ecard_id=ecard.ecard_id).order_by("-since")
    for gone in older[MOST_PHONES:]:
        gone.delete()
    inside.once["phone"] = token
    inside.emit("ecard.phone_added", {"ecard": str(ecard.ecard_id)})
    return phone


@dataclass(frozen=True, slots=True)
class MakeCode:
    """`person`: the relative whose card is shown; None: one's own."""

    phone: str = field(repr=False)
    person: uuid.UUID | None = None


@act("cards.ecard_code", right="cards.ecard", clause="QAM-1", about_person=True)
def make_code(inside: Inside, request: MakeCode) -> dict[str, Any]:
    """The code of the minute, signed by the platform. The code itself is told once and kept nowhere."""
    mine = own(inside)
    phone = _known(mine, request.phone)
    now = clock.real_now()
    opened = phone is not None and phone.open_session == inside.caller.session
    if phone is None or not opened or not phone.open_until or phone.open_until <= now:
        raise Refusal("cards.ecard_not_open")
    ecard = mine
    if request.person is not None:
        person_id = family.shown_by(inside, mine.person_id, request.person)
        ecard = holding.require(person_id)
        inside.object = f"ecard:{ecard.ecard_id}"
    card = holding.card_of(ecard)
    if why := holding.why_not(inside.area, inside.today, ecard, card):
        raise holding.stopped(why)
    text = platform.platform.sign_code(inside.area_code, ecard.ecard_id, ecard.certificate)
    claims, wrong = platform.genuine(text, now)
    if claims is None:
        raise Refusal("cards.ecard_platform_refused", why=wrong)
    _keep(ecard, claims)
    number = claims.number
    answered = clock.real_now()  # signing took its time: it may be a second later than `now`
    inside.once |= {"code": text, "number": "-".join((number[:4], number[4:8], number[8:]))}
    return {
        "ecard": str(ecard.ecard_id),
        "level": claims.level,
        "seconds": claims.expires - int(answered.timestamp()),
        "expires": claims.expires,
    }


def _keep(ecard: ElectronicCard, claims: Claims) -> None:
    mine = EcardCode.objects.filter(person_id=ecard.person_id, ecard_id=ecard.ecard_id)
    mine.filter(expires_at__lt=clock.real_now() - KEPT).delete()
    EcardCode(
        number_hash=number_hash(claims.number),
        area_code=ecard.area_code,
        person_id=ecard.person_id,
        ecard_id=ecard.ecard_id,
        expires_at=datetime.fromtimestamp(claims.expires, UTC),
    ).save(force_insert=True)


def number_hash(number: str) -> bytes:
    """The number is random, so a plain hash says nothing of it."""
    return hashlib.sha256(number.encode()).digest()


@dataclass(frozen=True, slots=True)
class AllowDuringLoss:
    password: str = field(repr=False)


@act("cards.ecard_allow_loss", right="cards.ecard", clause="QAM-1", about_person=True)
def allow_during_loss(inside: Inside, request: AllowDuringLoss) -> dict[str, Any]:
    """The plastic card is temporarily lost and the holder wants to go on with the electronic one: for this loss only, and
    where the area's rule has it."""
    ecard = own(inside)
    passwords.check(inside, ecard, request.password)
    card = holding.card_of(ecard)
    if card.social != "temp_loss":
        raise Refusal("cards.ecard_no_loss")
    if inside.area.value("ecard_on_temp_loss", inside.today) != "needs_holder_consent":
        raise holding.stopped("card_temp_loss")
    ElectronicCard.objects.filter(person_id=ecard.person_id, ecard_id=ecard.ecard_id).update(
        allowed_loss=card.changed_at
    )
    inside.emit("ecard.allowed_during_loss", {"ecard": str(ecard.ecard_id)})
    return {"ecard": str(ecard.ecard_id), "allowed": True}


@dataclass(frozen=True, slots=True)
class ChangeEcardPassword:
    """By the old one; or, when that is forgotten, by the same proof of the person as at signing (T14)."""

    new: str = field(repr=False)
    old: str = field(default="", repr=False)
    proof: str = ""
    challenge: uuid.UUID | None = None


@act("cards.ecard_password", right="cards.ecard", clause="QAM-1", about_person=True)
def change_password(inside: Inside, request: ChangeEcardPassword) -> dict[str, Any]:
    """All phones have to be checked anew afterwards. A lock goes on: its day has to pass."""
    ecard = own(inside)
    person = people.by_id(inside, ecard.person_id)
    refuse_if_any(passwords.faults_of(request.new, str(people.facts(inside, person).get("id_number") or "")))
    if request.proof:
        proofs.need(
            inside, person, kind=request.proof, action="cards.ecard_password", challenge=request.challenge
        )  # fmt: skip
    else:
        passwords.check(inside, ecard, request.old)
    passwords.keep(inside, ecard, request.new)
    EcardPhone.objects.filter(person_id=ecard.person_id, ecard_id=ecard.ecard_id).delete()
    inside.emit("ecard.password_changed", {"ecard": str(ecard.ecard_id)})
    return {"ecard": str(ecard.ecard_id), "changed": True}


def is_open(ecard: ElectronicCard, token: str, session: str) -> bool:
    """For the page: may codes be made here and now?"""
    phone = _known(ecard, token)
    return bool(
        phone and phone.open_session == session and phone.open_until and phone.open_until > clock.real_now()
    )  # fmt: skip


def is_known(ecard: ElectronicCard, token: str) -> bool:
    return _known(ecard, token) is not None


def _known(ecard: ElectronicCard, token: str) -> EcardPhone | None:
    if not token:
        return None
    mark = _hash(token)
    rows = EcardPhone.objects.filter(person_id=ecard.person_id, ecard_id=ecard.ecard_id)
    return next((one for one in rows if hmac.compare_digest(bytes(one.token_hash), mark)), None)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token[:100].encode()).digest()
