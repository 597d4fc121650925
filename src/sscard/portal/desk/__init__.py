"""The clerk's desk: dashboard and search, the person's page with everything on it, registering, cards, bulk import."""
