"""What the developers' pages put into the navigation: (path, word code, right)."""

ENTRIES = [
    ("/developers/", "developers.nav", "partners.open_sandbox"),
    ("/developers/errors/", "developers.nav_errors", "partners.open_sandbox"),
]
