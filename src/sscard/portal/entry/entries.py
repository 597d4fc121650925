"""What on-line registrations put into the navigation: (path, word code, right)."""

ENTRIES = [("/people/self/", "entry.queue.nav", "people.view_entries")]
