"""Nothing of the front stands in the navigation of signed-in users but their own account."""

ENTRIES: list[tuple[str, str, str]] = []
