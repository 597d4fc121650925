"""Who may do what with cards. `terminal` is a kiosk or a device; the social side may be switched on at a service bank's counter
too."""

RIGHTS: dict[str, set[str]] = {
    "cards.enable": {"clerk", "teller", "terminal"},
    "cards.password": {"clerk", "terminal"},
    "cards.unlock": {"clerk"},
    "cards.judge_password": {"terminal"},
    "cards.judge_new_password": {"terminal"},
    "cards.ecard": {"holder"},
    "cards.ecard_counter": {"clerk"},
    "cards.ecard_platform": {"platform_program"},
    "cards.credential_check": {"credential_checker", "employer_handler", "checker_program"},
    "cards.view": {"clerk", "reviewer", "stock_keeper", "teller", "holder", "terminal"},
}
