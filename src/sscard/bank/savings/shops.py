"""The name of a shop, as it stands on receipts and statements."""

from __future__ import annotations

from sscard.kernel.refusals import Fault

MOST_SHOP = 60


def shop_faults(shop: str) -> list[Fault]:
    if 1 <= len(shop.strip()) <= MOST_SHOP and shop.isprintable():
        return []
    return [Fault("shop", "bank.shop_form", {"most": MOST_SHOP})]
