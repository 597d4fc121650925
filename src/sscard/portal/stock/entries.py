"""What production and stock put into the navigation: (path, word code, right)."""

ENTRIES = [
    ("/batches/", "batch.nav", "issuing.view"),
    ("/test-cards/", "testcard.nav", "issuing.view"),
    ("/stock/", "stock.nav", "issuing.receive_at_outlet"),
]
