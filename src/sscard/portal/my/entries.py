"""What the holder's pages put into the navigation: (path, word code, right)."""

ENTRIES = [
    ("/my/", "my.nav", "people.view_self"),
    ("/my/records/", "my.nav_records", "people.view_self"),
    ("/my/money/", "my.nav_money", "people.view_self"),
    ("/my/savings/", "savings.my.nav", "people.view_self"),
    ("/my/consents/", "consent.nav", "binding.own"),
    ("/my/looked/", "my.nav_looked", "people.view_self"),
    ("/my/data/", "my.nav_data", "people.view_self"),
]
