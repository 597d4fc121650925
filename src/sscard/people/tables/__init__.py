"""Tables of people, one file per subject."""
