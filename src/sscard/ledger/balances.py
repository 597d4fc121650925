"""A balance as it is told, without the tables that it is read from."""

from __future__ import annotations

import msgspec


class Balance(msgspec.Struct, frozen=True):
    """Fen. `available_fen` is the balance less what is held and frozen, never shown below zero. `coming_fen` is held for
    this account by others."""

    balance_fen: int
    available_fen: int
    seq: int
    held_fen: int = 0
    frozen_fen: int = 0
    coming_fen: int = 0


def balance_of(now_fen: int, held_fen: int, frozen_fen: int, coming_fen: int, seq: int, *, customer: bool) -> Balance:
    """From an account's counters.

    >>> balance_of(100, 30, 80, 0, 7, customer=True).available_fen
    0
    """
    free = max(0, now_fen - held_fen - frozen_fen) if customer else now_fen - held_fen
    return Balance(now_fen, free, seq, held_fen, frozen_fen, coming_fen)
