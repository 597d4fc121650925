"""Who may tell the virtual providers of a sandbox area how to behave; sending and checking are no acts of their own."""

RIGHTS: dict[str, set[str]] = {
    "verification.sandbox": {"clerk", "area_manager", "system_admin", "system", "bank_program", "bureau_program"},
}
