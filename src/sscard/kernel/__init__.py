"""Kernel: what every room stands on.

Money, dates, ids, the clock, masked values, refusals and their words, sealed fields, the database's units of work,
table classes and the client of the key service. It knows nothing of cards, banks or people, and imports no other room.
What it needs from above (who reads, which area's clock) is a port that `sscard.app.wiring` fills.
"""
