"""Tables of control, one file per subject."""
