"""What reviewing puts into the navigation: (path, word code, right)."""

ENTRIES = [
    ("/approvals/", "review.nav_approvals", "control.approve"),
    ("/applications/", "review.nav_applications", "issuing.check"),
    ("/doubts/", "review.nav_doubts", "people.decide_duplicate"),
    ("/approvals/mine/", "review.nav_mine", "people.view"),
]
