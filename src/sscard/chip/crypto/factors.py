"""The three factors by which keys are dispersed from the ministry to one card (S9 7; T2 10.3 for Zhejiang).

>>> province("330182"), city("330182"), city("650100")
(b'330000sh', b'330100sx', b'650100sx')
"""

from __future__ import annotations

from sscard.keys.tree.factors import city, province


def card(atr: bytes, how: str = "t6td") -> bytes:
    """Eight bytes of the ATR's historical bytes: T6–TD, or T8–TD and 0000 (choice `factor3`)."""
    history = historical(atr)
    return history[-8:] if how == "t6td" else history[-6:] + bytes(2)


def historical(atr: bytes) -> bytes:
    """The historical bytes: as many as T0 says, behind TB1 and TC1."""
    count = atr[1] & 0x0F if len(atr) > 1 else 0
    skip = 2 + bin(atr[1] >> 4).count("1") if len(atr) > 1 else 0
    return atr[skip : skip + count]


def all_three(area: str, atr: bytes, how: str = "t6td") -> tuple[bytes, bytes, bytes]:
    """(f1, f2, f3). The area comes from the card identification code, never from the ATR."""
    return province(area), city(area), card(atr, how)


__all__ = ["all_three", "card", "city", "historical", "province"]
