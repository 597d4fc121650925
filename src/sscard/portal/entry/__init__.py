"""Registering on-line: the public form with its reference, the person's look at what became of it, and the clerk's queue."""
