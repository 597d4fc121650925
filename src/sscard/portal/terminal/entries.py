"""A terminal has no navigation: it shows one question at a time."""

ENTRIES: list[tuple[str, str, str]] = []
