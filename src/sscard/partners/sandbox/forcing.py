"""Refusals on order: in a sandbox, and nowhere else, a header or an amount makes an act answer with a refusal of the list."""

from __future__ import annotations

from typing import Any

from sscard.kernel import words
from sscard.kernel.refusals import Refusal
from sscard.partners.sandbox import magic, tenants


def wanted(area: str, header: str, request: Any) -> str:
    """The code of the refusal that is ordered, or "". Raises partners.refusal_unknown.

    The act is then refused at the door after sign-in, right and key, so that the answer is stored and replayed like any.
    """
    if not tenants.offered or tenants.copy_of(area) is None:
        return ""
    if header:
        if not words.has("refusal", header):
            raise Refusal("partners.refusal_unknown", code=header[:60] if header.isascii() else "?")
        return header
    return magic.AMOUNTS.get(getattr(request, "amount_fen", 0), "")


def paying(area: str, reference: str) -> str:
    """The refusal that this reference of a paying account orders when a card is linked, or ""."""
    if not tenants.offered or tenants.copy_of(area) is None:
        return ""
    return magic.REFERENCES.get(reference, "")
