"""Who may do what with residents' data."""

RIGHTS: dict[str, set[str]] = {
    "people.register": {"clerk", "reviewer"},
    "people.register_self": {"holder"},
    "people.submit_self": {"visitor", "holder"},
    "people.entry_state": {"visitor", "holder"},
    "people.accept_self": {"clerk"},
    "people.view_entries": {"clerk"},
    "people.register_staff": {"employer_handler"},
    "people.import": {"clerk"},
    "people.view": {"clerk", "reviewer", "stock_keeper"},
    "people.view_self": {"holder"},
    "people.decide_duplicate": {"clerk", "reviewer"},
    "people.invite_holder": {"clerk", "reviewer"},
}
