"""The demo's banks as clients of the bureau, so that a customer who opens a bank's site can link his card at once.

For each bank with a site: keys made at the bank, registered at the bureau, the client's number entered at the bank; the
three acts of docs/online-banking.md, by the demo's own staff.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from sscard.bank.linked.client import MakeLinkClient, SetLinkClient
from sscard.binding.clients import RegisterClient
from sscard.control import door, passwords
from sscard.control.caller import Caller
from sscard.control.models import Staff
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.law.schema import Bank

BACK = "/linked/back/"


def register(sites: Mapping[str, str], issuer: str) -> list[str]:
    """`sites`: bank → address of its site. Returns the banks that became clients now; the others were already."""
    made = []
    homes: dict[str, tuple[str, Bank]] = {}
    for area in areas.all_areas():
        for bank in area.banks(date.today()):  # noqa: DTZ011 - which banks there are does not hang on a zone
            homes.setdefault(bank.code, (area.code, bank))
    for code, site in sites.items():
        if code in homes and _register(*homes[code], site, issuer):
            made.append(code)
    return made


def _register(area: str, bank: Bank, site: str, issuer: str) -> bool:
    reviewer, system = _staff(f"bankreview.{area}.{bank.code}"), _staff(f"system.{area}")
    redirect = site + BACK
    try:
        keys = _do(reviewer, "bank.make_link_client", MakeLinkClient(issuer, redirect))["jwks"]["keys"]
    except Refusal as refusal:
        if refusal.code != "bank.link_set_up_already":
            raise
        return False
    names = bank.short
    asked = RegisterClient(bank.code, f"{names.zh}网上银行", f"{names.en} on-line banking", (redirect,), tuple(keys))
    client = _do(system, "binding.register_client", asked)["client"]
    _do(reviewer, "bank.set_link_client", SetLinkClient(client))
    return True


def _staff(username: str) -> Caller:
    staff = Staff.objects.select_related("organisation").get(username=passwords.normal_name(username))
    return Caller.of_staff(staff, channel="job")


def _do(who: Caller, act: str, request: Any) -> dict[str, Any]:
    return door.perform(who, act, request, key=str(uuid.uuid4())).answer
