"""What the desk puts into the navigation: (path, word code, right)."""

ENTRIES = [
    ("/desk/", "desk.nav", "people.view"),
    ("/people/new/", "desk.nav_new", "people.register"),
    ("/desk/consent/", "desk_consent.nav", "binding.at_desk"),
    ("/imports/", "imports.nav", "people.import"),
    ("/contributions/", "contribution_files.nav", "insurance.import"),
    ("/phone/savings/", "savings.phone.nav", "bank.savings_ask"),
]
