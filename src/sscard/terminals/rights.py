"""Who may register terminals, open device sessions and send evidence. `terminal` is the role of kiosks and of
devices."""

RIGHTS: dict[str, set[str]] = {
    "terminals.manage": {"system_admin"},
    "terminals.session": {"clerk", "teller", "terminal"},
    "terminals.evidence": {"terminal"},
}
