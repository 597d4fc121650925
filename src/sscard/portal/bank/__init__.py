"""Bank: the counter of a card's bank, and its reviewer's page. Card, ID, state, one act, receipt."""
