"""Who may do what with bank accounts. Bureau roles have none of these: they see `AccountStatus` only."""

RIGHTS: dict[str, set[str]] = {
    "bank.open_accounts": {"bank_program"},
    "bank.activate": {"teller", "terminal"},
    "bank.deposit": {"teller", "terminal", "bank_program"},
    "bank.withdraw": {"teller", "terminal"},
    "bank.balance": {"teller", "terminal"},
    "bank.pin": {"teller"},
    "bank.view": {"teller", "bank_reviewer"},
    "bank.file": {"bank_program"},
    "bank.own": {"holder"},
    "bank.trial_balance": {"bank_reviewer"},
}
