"""Chip: the card's file structure as data, its codec, and the virtual card that answers APDUs behind a real reader.

May touch: keys (through its client), terminals, law, codes, kernel.
"""
