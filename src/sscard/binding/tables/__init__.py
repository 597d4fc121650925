"""The room's tables by subject: who asks (client), what was agreed (consent), what was issued for it (tokens)."""
