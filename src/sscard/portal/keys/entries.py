"""What key custody puts into the navigation: (path, word code, right)."""

LAST = True
ENTRIES = [("/keys/", "keys.nav", "keys.view")]
