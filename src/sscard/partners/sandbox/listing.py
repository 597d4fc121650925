"""The list of magic values with the ids that they have in one sandbox: for page and API alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sscard.kernel import words
from sscard.partners.models import MagicPerson, Sandbox
from sscard.partners.sandbox import magic
from sscard.verification import magic as verification


def of(sandbox: Sandbox, people: Mapping[str, MagicPerson]) -> dict[str, Any]:
    return {
        "persons": [_person(sandbox, one, people.get(one.code)) for one in magic.PERSONS],
        "amounts": [
            {"amount_fen": fen, "code": code, "text": words.text("refusal", code, "en"),
             "text_zh": words.text("refusal", code, "zh")}
            for fen, code in magic.AMOUNTS.items()
        ],
        "references": [
            _answered("reference", reference, refusal) for reference, refusal in magic.REFERENCES.items()
        ],
        "codes": [_answered("code", code, refusal) for code, refusal in verification.CODES.items()],
        "faces": [_answered("outcome", outcome, refusal) for outcome, refusal in verification.FACES.items()],
        "header": magic.HEADER,
    }  # fmt: skip


def _answered(name: str, value: str, refusal: str) -> dict[str, Any]:
    """What is typed or chosen, and the refusal it is answered with; "" and no text: accepted."""
    told = words.text("refusal", refusal, "en") if refusal else ""
    told_zh = words.text("refusal", refusal, "zh") if refusal else ""
    return {name: value, "refusal": refusal, "text": told, "text_zh": told_zh}


def _person(sandbox: Sandbox, one: magic.Magic, row: MagicPerson | None) -> dict[str, Any]:
    return {
        "code": one.code,
        "text": one.en,
        "text_zh": one.zh,
        "name": one.name,
        "id_number": magic.id_number(sandbox.number, one),
        "card_number": magic.card_no(sandbox.number, one),
        "card_id_code": magic.card_id_code(sandbox.area_code, one),
        "phone": magic.phone(one),
        "social": one.shows_social,
        "bank": one.shows_bank,
        "restrictions": list(one.restrictions),
        "balance_fen": one.balance_fen,
        "charge_fen": one.charge_fen,
        "insured": one.insured,
        "deposit": one.deposit,
        "link": one.link,
        "check": one.check,
        "person": str(row.person) if row else None,
        "card": str(row.card) if row and row.card else None,
        "account": str(row.account) if row and row.account else None,
    }
