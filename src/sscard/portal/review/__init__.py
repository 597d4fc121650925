"""Second persons: what waits for approval and the digest that they sign, applications to check, suspected duplicates."""
