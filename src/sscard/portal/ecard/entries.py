"""What these pages put into the navigation: (path, word code, right)."""

LAST = True
ENTRIES = [
    ("/my/ecard/", "ecard.nav", "cards.ecard"),
    ("/check-card/", "ecard.check.nav", "cards.credential_check"),
]
