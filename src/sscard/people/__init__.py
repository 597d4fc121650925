"""People: the residents of an area, and how their data comes in.

Collected one by one at a desk, by the person himself, by an employer for its staff, and in bulk from a bureau's files
(`roster`). Doubtful rows wait in a queue that two persons decide, with an undo (`duplicates`). Photos, guardians, numbers
that a person had before, the holder's own sign-in. A person is an internal number for ever; ID number, name, phone and
address are sealed and found by blind index only.

Clauses: M47-6 (information collection), M47-15 (privacy), SIL-58 (the social security number is the ID number),
PIPL-6, -28, -31. May touch: control, law, codes, kernel.
"""
