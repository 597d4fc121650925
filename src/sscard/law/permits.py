"""The two gates of issuing, for every floor above to refuse by.

* Only a provincial or prefecture-level department issues, while the ministry's approval holds (card measures Art. 5).
* A product is mass-produced only when its test cards have passed all three examinations (card measures Art. 12).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sscard.kernel import words
from sscard.kernel.refusals import Refusal
from sscard.law.area import Area
from sscard.law.schema import ProductionPermit

BUREAU = "bureau"
ISSUING_LEVELS = frozenset({"province", "prefecture"})


def require_issuing_approval(area: Area, on: date, issuer: str = BUREAU) -> None:
    """Return if the issuer may issue in the area on the day, else refuse and say why (ISS-1).

    `issuer` is the kind of organisation: "bureau" is the area's own department, whose level the area pack knows;
    "province" and "prefecture" are departments by level; any other kind never issues.
    """
    if issuer not in {BUREAU, *ISSUING_LEVELS} or area.level not in ISSUING_LEVELS:
        kind = area.level if issuer == BUREAU else issuer
        raise Refusal("law.issuer_level", issuer=_kind(kind, "zh"), issuer_en=_kind(kind, "en"), **area.naming())
    standing = area.approval_on(on)
    facts = {"since": str(standing.since or ""), "number": standing.number, "on": str(on), **area.naming()}
    match standing.state:
        case "missing":
            raise Refusal("law.area_not_approved", **facts)
        case "suspended":
            raise Refusal("law.approval_suspended", **facts)
        case "ended":
            raise Refusal("law.approval_ended", **facts)


def issuer_may_issue(kind_of_issuer: str, area: Area, on: date) -> bool:
    """Whether a kind of organisation may issue cards in the area on the day."""
    try:
        require_issuing_approval(area, on, kind_of_issuer)
    except Refusal:
        return False
    return True


def require_production_permit(
    area: Area, supplier: str, product: str, chip: str, plant: str, on: date
) -> ProductionPermit:
    """The permit under which exactly this may be mass-produced on the day; else refuse, naming what has changed."""
    asked = {"supplier": supplier, "product": product, "chip": chip, "plant": plant}
    same = [permit for permit in area.permits.production if _differing(permit, asked) == ()]
    for permit in same:
        if permit.holds_on(on):
            return permit
    facts: dict[str, Any] = {**asked, "on": str(on), **area.naming()}
    if not same:
        nearest = min((_differing(p, asked) for p in area.permits.production), key=len, default=tuple(asked))
        changed: dict[str, Any] = {
            "changed": "、".join(_kind(n, "zh") for n in nearest),
            "changed_en": ", ".join(_kind(n, "en") for n in nearest),
        }
        raise Refusal("law.production_not_tested", **changed, **facts)
    if later := [permit.from_ for permit in same if permit.from_ > on]:
        raise Refusal("law.production_not_yet", start=str(min(later)), **facts)
    raise Refusal("law.production_ended", until=str(max(p.until for p in same if p.until)), **facts)


def _differing(permit: ProductionPermit, asked: dict[str, str]) -> tuple[str, ...]:
    return tuple(name for name, value in asked.items() if getattr(permit, name) != value)


def _kind(name: str, lang: str) -> str:
    code = f"law.kind.{name}"
    return words.text("page", code if words.has("page", code) else "law.kind.other", lang)
