"""Electronic card: the holder's phone page that shows it, signing up, family; and the page on which a third party checks."""
