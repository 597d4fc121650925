"""Rights: which role may do what. The table is data, gathered from every room's `rights.py`, printed in the manual.

Deny by default: an act or a reading whose right nobody declared cannot start (`sscard.app.check`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sscard.control.caller import Caller

_table: dict[str, frozenset[str]] = {}

RIGHTS: dict[str, set[str]] = {
    "control.approve": {"reviewer", "bank_reviewer", "ministry_reviewer", "security_admin", "area_manager"},
    "control.staff_manage": {"security_admin"},
    "control.staff_view": {"security_admin", "audit_admin"},
    "control.audit_read": {"audit_admin"},
    "control.clock_move": {"system_admin"},
    "control.area_pack": {"system_admin", "area_manager"},
    "control.own_account": {"*"},
}

_ADMINS = frozenset({"system_admin", "security_admin", "audit_admin"})
_KEYS = frozenset({"key_custodian", "key_auditor"})
ROLES_AT: Mapping[str, frozenset[str]] = {
    "ministry": _ADMINS | {"ministry_reviewer"} | _KEYS,
    "ministry_office": _ADMINS | {"ministry_reviewer"} | _KEYS,
    "bureau": _ADMINS | {"clerk", "reviewer", "stock_keeper", "area_manager"} | _KEYS,
    "outlet": frozenset({"clerk", "reviewer", "stock_keeper"}),
    "bank": _ADMINS | {"teller", "bank_reviewer"},
    "bank_branch": frozenset({"teller", "bank_reviewer"}),
    "producer": _ADMINS | {"producer_operator"},
    "employer": frozenset({"employer_handler", "credential_checker"}),
    "hospital": frozenset({"credential_checker"}),
    "school": frozenset({"credential_checker"}),
    "partner": frozenset({"partner"}),
}
"""Kind of organisation → roles that its people may hold."""


def declare(rights: Mapping[str, Iterable[str]]) -> None:
    """Add a room's rights. The same right declared twice with other roles is a programmer's error."""
    for right, roles in rights.items():
        wanted = frozenset(roles)
        if _table.setdefault(right, wanted) != wanted:
            raise RuntimeError(f"right {right} is declared twice with different roles")


def declared() -> Mapping[str, frozenset[str]]:
    """The whole permission matrix: right → roles."""
    return dict(_table)


def decide(caller: Caller, right: str) -> bool:
    """May this caller use this right at all? Record scope (area, organisation, own record) is the door's next question.
    "*" means everybody who has signed in; a visitor has only what names him."""
    roles = _table.get(right)
    if roles is None:
        return False
    return ("*" in roles and caller.kind != "visitor") or bool(roles & caller.roles)


declare(RIGHTS)
