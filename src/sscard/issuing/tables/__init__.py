"""Tables of issuing, by subject."""
