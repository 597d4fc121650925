"""A refusal as a customer is told it: the next step is his own, never one for the staff."""

from __future__ import annotations

from sscard.kernel.refusals import Refusal
from sscard.portal.netbank import brand

TOO_MANY = "control.too_many_tries"


def for_customer(refusal: Refusal, bank: str) -> Refusal:
    """The same refusal with this bank's next step for its customer."""
    if refusal.code != TOO_MANY:
        return refusal
    return Refusal("portal.netbank_wait", **{**refusal.facts, "hotline": brand.of(bank).hotline})
