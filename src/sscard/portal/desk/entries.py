"""What the desk puts into the navigation: (path, word code, right)."""

ENTRIES = [
    ("/desk/", "desk.nav", "people.view"),
    ("/people/new/", "desk.nav_new", "people.register"),
    ("/imports/", "imports.nav", "people.import"),
    ("/phone/savings/", "savings.phone.nav", "bank.savings_ask"),
]
