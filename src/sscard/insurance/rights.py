"""Who may bring in and see contribution records."""

RIGHTS: dict[str, set[str]] = {
    "insurance.import": {"clerk"},
    "insurance.view": {"clerk", "reviewer"},
    "insurance.medical_payout": {"clerk"},
    "insurance.medical_payout_approve": {"reviewer"},
    "insurance.view_self": {"holder"},
}
