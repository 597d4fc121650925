"""What an account lets through, as bits. Rules in Python set the mask at each change, SQL only compares bits."""

from __future__ import annotations

from enum import IntFlag


class Permit(IntFlag):
    """One bit a kind of business. COUNTER_* is the same business done at the bank's own counter, where a clerk has the
    holder in front of him: restrictions on business away from the counter leave it open."""

    NONE = 0
    CREDIT = 1
    CASH_OUT = 2
    TRANSFER_OUT = 4
    PURCHASE = 8
    BILL = 16
    WALLET_LOAD = 32
    DIRECT_DEBIT = 64
    BINDING = 128
    INQUIRY = 256
    COUNTER_CASH_OUT = 512
    COUNTER_TRANSFER_OUT = 1024
    COUNTER_INQUIRY = 2048


EVERYTHING = Permit(sum(Permit))
INTERNAL = EVERYTHING
"""Accounts of the institution itself are opened and closed by code, not by holders."""
