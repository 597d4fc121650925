"""Who keeps keys and who watches them kept. A custodian keeps; a key auditor closes ceremonies; the audit administrator
reads and changes nothing."""

RIGHTS: dict[str, set[str]] = {
    "keys.custody": {"key_custodian"},
    "keys.witness": {"key_auditor"},
    "keys.view": {"key_custodian", "key_auditor", "audit_admin", "system"},
}
