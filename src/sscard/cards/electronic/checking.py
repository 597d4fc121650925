"""A third party checks the credential: valid or not with the reason, and only the facts that its purpose allows.

What is presented is a code of the minute (scanned, or its number read out) or a plastic card that was read. A card that does
not exist and numbers that do not belong together get the same answer after the same work (T11); each code scans once; the
holder sees who checked and what for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Q

from sscard.cards.electronic import holding, platform, rules
from sscard.cards.electronic.models import EcardCode, ElectronicCard
from sscard.cards.electronic.rules import Presented
from sscard.cards.electronic.using import number_hash
from sscard.cards.models import Card
from sscard.cards.numbers import code_index, number_index
from sscard.codes import ecard_code, person_number
from sscard.codes.errors import NumberFault
from sscard.codes.text import normal
from sscard.control import throttle
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.control.throttle import Limit
from sscard.kernel import clock, words
from sscard.kernel.aside import aside
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.kernel.sealed import blind_index
from sscard.law import areas
from sscard.law.credential import CredentialPurpose
from sscard.people import lookup
from sscard.people import reads as people

LIMITS: Final = {"target": Limit(10, 900), "source": Limit(600, 900), "all": Limit(6000, 60)}
"""Per card or code, per checking account, over all."""


@dataclass(frozen=True, slots=True)
class CheckCredential:
    """`code`: the whole scanned text, the national reader string of a plastic card, or the number below the picture.
    Without one, `card_number` and `card_id_code` as read. `id_number`: what the asker already holds, to be compared."""

    purpose: str
    code: str = field(default="", repr=False)
    card_number: str = field(default="", repr=False)
    card_id_code: str = field(default="", repr=False)
    id_number: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """The card behind what was presented; `ecard` None: the plastic card itself."""

    card: Card
    ecard: ElectronicCard | None
    why: str


@act("cards.credential_check", right="cards.credential_check", clause="QAM-1")
def check(inside: Inside, request: CheckCredential) -> dict[str, Any]:
    """{"valid", "reason", "facts" …}. "No" is an answer here and no refusal, so that a used code stays used."""
    purpose = _purpose(inside, request.purpose)
    presented = presented_of(request)
    number = _id_number(request)
    if (area := area_of(presented, inside.caller.area)) not in ("", inside.area_code):
        raise Refusal("cards.credential_elsewhere", area=area)
    _slow(inside, presented)
    inside.purpose = purpose.code
    found, reason = _plastic(inside, presented) if presented.plastic else _code(inside, presented)
    if found is not None:
        inside.persons[found.card.person_id] = (
            inside.area_code
        )  # a checker has no right to records, only to this answer
        reason = found.why
    valid = found is not None and not reason
    inside.detail |= {"what": "credential", "valid": valid, "reason": reason}
    if valid and found is not None:
        inside.once["facts"] = _facts(inside, purpose, found, number)
    inside.emit("card.checked", {"valid": valid, "purpose": purpose.code})
    return {
        "valid": valid,
        "reason": reason,
        "reason_zh": words.text("state", f"ecard.{reason}", "zh") if reason else "",
        "reason_en": words.text("state", f"ecard.{reason}", "en") if reason else "",
        "form": "card" if presented.plastic else "ecard",
        "purpose": purpose.code,
        "checked_at": clock.real_now().isoformat(timespec="seconds"),
    }


def presented_of(request: CheckCredential) -> Presented:
    """Which of the three it is; all faults of the form at once."""
    text = request.code.strip()
    if text.startswith(ecard_code.MARK + "."):
        return Presented(code=text)
    if "|" in text:
        read = rules.from_reader(text)
        if read is None:
            raise Refusal("kernel.form_faults", faults=[Fault("code", "codes.ecard_code_form", {})], count=1)
        return _normal(read)
    if text:
        try:
            return Presented(number=ecard_code.spoken(text))
        except NumberFault as fault:
            raise Refusal("kernel.form_faults", faults=fault.at("code"), count=1) from None
    missing = [name for name in ("card_number", "card_id_code") if not getattr(request, name).strip()]
    if len(missing) == 2:
        missing = ["code"]
    refuse_if_any([Fault(name, "cards.credential_nothing", {}) for name in missing])
    return _normal(Presented(card_number=request.card_number, card_id_code=request.card_id_code))


def _normal(read: Presented) -> Presented:
    """Blanks, case and full width make no other card (T17)."""
    return Presented(card_number=normal(read.card_number[:60]), card_id_code=normal(read.card_id_code[:80]))


def area_of(presented: Presented, home: str) -> str:
    """The issuing area that has to answer, "" when nobody knows the thing. Faces ask it before they open the door there.
    A code's area is taken from the code only after its signature fits. `home` is the asker's area: a sandbox's cards are
    unknown to everybody else, and all other cards to a sandbox."""
    area = _issued_by(presented)
    return area if areas.reachable(home, area) else ""


def _issued_by(presented: Presented) -> str:
    if presented.code:
        claims, _ = platform.genuine(presented.code, clock.real_now())
        return claims.area if claims is not None else ""
    if presented.number:
        row = EcardCode.objects.filter(number_hash=number_hash(presented.number)).first()
        return row.area_code if row is not None else ""
    found = lookup.find("card_id_code", code_index(presented.card_id_code))
    return found.area if found is not None else ""


def area_of_request(request: CheckCredential, home: str) -> str:
    """Where a face opens the door: `area_of`, or the asker's own area; a form that is wrong is the act's to refuse."""
    try:
        return area_of(presented_of(request), home) or home
    except Refusal:
        return home


def purposes(inside: Inside) -> tuple[CredentialPurpose, ...]:
    """What this caller's organisation may check for, by the law of the area that answers."""
    return inside.area.credential_purposes(inside.caller.organisation_kind, inside.today)


def _purpose(inside: Inside, code: str) -> CredentialPurpose:
    found = next((one for one in purposes(inside) if one.code == code), None)
    if found is None:
        allowed = ", ".join(one.code for one in purposes(inside))
        raise Refusal("cards.credential_purpose", allowed=allowed or "—")
    return found


def _id_number(request: CheckCredential) -> str:
    if not request.id_number.strip():
        return ""
    try:
        return person_number.parse(request.id_number).number
    except NumberFault as fault:
        raise Refusal("kernel.form_faults", faults=fault.at("id_number"), count=len(fault.faults)) from None


def _slow(inside: Inside, presented: Presented) -> None:
    """Counted beside the act: a wrong answer is an answer and a refusal is none, both count (T11, T33)."""
    subject = presented.code[-40:] or presented.number or presented.card_id_code
    with aside(inside.area_code) as cursor:
        throttle.count("credential", LIMITS, target=subject, source=str(inside.caller.id), cursor=cursor)


def _code(inside: Inside, presented: Presented) -> tuple[Found | None, str]:
    now, number = clock.real_now(), presented.number
    if presented.code:
        claims, why = platform.genuine(presented.code, now)
        if claims is None:
            return None, why
        number = claims.number
    row = EcardCode.objects.filter(number_hash=number_hash(number), area_code=inside.area_code).first()
    if row is None:
        return None, "unknown"
    if row.expires_at <= now:
        return None, "expired"
    mine = EcardCode.objects.filter(number_hash=row.number_hash, used_at=None)
    if not mine.update(used_at=now):  # of two at once the second finds it used
        return None, "used"
    ecard = ElectronicCard.objects.filter(person_id=row.person_id, ecard_id=row.ecard_id).first()
    if ecard is None:
        return None, "unknown"
    card = holding.card_of(ecard)
    return Found(card, ecard, holding.why_not(inside.area, inside.today, ecard, card)), ""


def _plastic(inside: Inside, presented: Presented) -> tuple[Found | None, str]:
    by_code = lookup.find("card_id_code", code_index(presented.card_id_code))
    by_number = lookup.find("card_number", number_index(inside.area_code, presented.card_number))
    same = by_code is not None and by_number is not None and by_code.object_id == by_number.object_id
    card = (
        Card.objects.filter(person_id=by_code.person_id, card_id=by_code.object_id).first()
        if by_code is not None
        else Card.objects.filter(Q(person_id=-1)).first()
    )
    if not same or card is None:
        return None, "unknown"
    return Found(card, None, holding.plastic_why_not(inside.area, inside.today, card)), ""


def _facts(inside: Inside, purpose: CredentialPurpose, found: Found, id_number: str) -> dict[str, Any]:
    """What the purpose names and nothing else; a value that it does not name is not even opened."""
    wanted = set(purpose.facts)
    person = people.by_id(inside, people.true_person(found.card.person_id), what="credential")
    known: dict[str, Any] = {
        "name_mask": person.name_mask,
        "sex": person.sex,
        "birth_date": person.birth_date.isoformat(),
        "insured_area": inside.area_code,
        "level": found.ecard.level if found.ecard is not None else None,
    }
    if "name" in wanted:
        known["name"] = people.facts(inside, person).get("name")
    if "insured" in wanted:
        known["insured"] = holding.insured(inside, person.person_id)
    if "id_match" in wanted and id_number:
        known["id_match"] = blind_index("id_number", id_number) == bytes(person.id_index)
    return rules.facts_for(wanted, known)


def worded(facts: Mapping[str, Any], area_name: str, lang: str) -> list[tuple[str, str]]:
    """Facts as a page shows them: (label, value)."""
    lines = []
    for name, value in facts.items():
        if isinstance(value, bool):
            said = words.text("notice", "ecard.yes" if value else "ecard.no", lang)
        elif name == "sex":
            said = words.text("notice", f"ecard.sex.{value if value in ('1', '2') else '9'}", lang)
        elif name == "insured_area":
            said = area_name
        else:
            said = str(value)
        lines.append((words.text("notice", f"ecard.fact.{name}", lang), said))
    return lines
