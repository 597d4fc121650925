"""The terminal's half of the keys, a card of its own: `card` answers APDUs, `client` is how a terminal uses it."""
