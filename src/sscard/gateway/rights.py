"""Who may do what at the gateway: programs of the bank's own systems, which answer for what they send. Terminals and people
have a session, evidence and limits at the office's door, and nothing here."""

RIGHTS: dict[str, set[str]] = {
    "gateway.deposit": {"bank_program"},
    "gateway.capture": {"bank_program"},
    "gateway.reverse": {"bank_program"},
    "gateway.look": {"bank_program"},
}
