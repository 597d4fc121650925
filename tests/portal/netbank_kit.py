"""Customers at a bank's own site: test clients that ask the bank's host, and sessions of its customers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "bank"))

import bank_kit
import customers_kit

from pages_kit import HouseClient
from sscard.control import sessions

HOST = "ccb.localhost"
COOKIE = "__Host-netbank"

__all__ = ["COOKIE", "HOST", "BankClient", "bank_kit", "client_of", "customers_kit", "session_of"]


class BankClient(HouseClient):
    """Asks a bank's host."""

    def __init__(self, host: str = HOST, **more: Any) -> None:
        super().__init__(HTTP_HOST=host, **more)


def session_of(one: customers_kit.Signed, **data: Any) -> str:
    store = sessions.SessionStore()
    sessions.begin(
        store, kind="customer", subject=one.customer.customer_id, bank=one.holder.bank, device="phone", **data
    )
    return str(store.session_key)


def client_of(one: customers_kit.Signed, lang: str = "zh", **more: Any) -> BankClient:
    client = BankClient(**more)
    client.cookies[COOKIE] = session_of(one)
    client.cookies["__Host-sscard-lang"] = lang
    return client
