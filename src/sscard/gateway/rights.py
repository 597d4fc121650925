"""Who may do at the gateway what no office does. Pay-ins have the office's right, "bank.deposit"."""

RIGHTS: dict[str, set[str]] = {
    "gateway.capture": {"bank_program"},
    "gateway.reverse": {"bank_program"},
    "gateway.look": {"bank_program"},
}
