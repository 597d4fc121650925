"""What the employer's pages put into the navigation: (path, word code, right)."""

ENTRIES = [
    ("/employer/", "employer.nav", "people.register_staff"),
    ("/employer/new/", "employer.nav_new", "people.register_staff"),
]
