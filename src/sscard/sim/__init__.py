"""The virtual world: people, rosters, banks, producers and devices that behave like real ones and belong to nobody.

    people   a town's inhabitants out of a seed, with faces (avatar)
    roster   the roster file a bureau would send, with all the dirt that real ones have (dirt)

Everything comes out of a seed, so a story told twice is the same story. ID numbers lie in districts that were never
assigned; what cannot (permits, foreigners' numbers) uses sequence numbers and countries that are never given.
"""
