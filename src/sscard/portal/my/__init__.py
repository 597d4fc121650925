"""My: the holder's own pages. Is my card all right, what do I do next; records, money, who looked, own data."""
