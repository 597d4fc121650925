"""All tables of control, by subject."""

from sscard.control.tables.audit import AuditLink, AuditRow, AuditSubject, Outbox
from sscard.control.tables.desk import Approval, ClockOffset, Idempotency
from sscard.control.tables.signin import Session, Throttle
from sscard.control.tables.staff import Organisation, Program, Staff, StaffRelative, StaffRole

__all__ = [
    "Approval",
    "AuditLink",
    "AuditRow",
    "AuditSubject",
    "ClockOffset",
    "Idempotency",
    "Organisation",
    "Outbox",
    "Program",
    "Session",
    "Staff",
    "StaffRelative",
    "StaffRole",
    "Throttle",
]
