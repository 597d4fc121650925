"""The API on the bureau's host and on the banks' hosts: one set of acts, and who may call what where.

At a bank's host only its customers call, and nothing of the bureau's has an address there; at the bureau's host a customer
is nobody.
"""

from __future__ import annotations

from django.http import HttpRequest

CUSTOMERS = ("/api/customer/", "/api/customer-session", "/api/customer-setup")
SHARED = ("/api/acts/", "/api/openapi.json")


def belongs(path: str, bank: str) -> bool:
    """Has this address a meaning on the site of this bank, or on the bureau's (bank "")?"""
    if path.startswith(CUSTOMERS):
        return bool(bank)
    return not bank or path.startswith(SHARED)


def bank_of(request: HttpRequest) -> str:
    """The bank whose site this is; "" at the bureau's."""
    return str(getattr(request, "bank", ""))
