"""What the bank's pages put into the navigation: (path, word code, right)."""

ENTRIES = [
    ("/bank/", "counter.nav", "bank.view"),
    ("/bank/deposit/", "counter.nav_deposit", "bank.deposit"),
    ("/bank/approvals/", "counter.nav_approvals", "bank.activate_second"),
    ("/bank/books/", "counter.nav_books", "bank.trial_balance"),
]
