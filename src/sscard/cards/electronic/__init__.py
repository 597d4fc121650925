"""The electronic card (电子社保卡): the on-line form of one plastic card, and the card as a credential (CRD-1).

One to one with the plastic card: what it may do is worked out from the card's own state each time (`rules.standing`), so the
two can never disagree; only "which card" is stored, and moves to the new card with the act that enables it (`follow`). The
national platform alone signs, through the port `platform`; the house keeps what was signed and checks it by the published
keys. The password is the electronic card's own: other store, other key, other counter than the card's and the bank's.

`signing` signs level 1 and 2 · `using` opens it and makes the code of the minute · `checking` answers a third party ·
`family` shows a relative's card · `area_side` is what the area answers the platform.

Clauses: regulations.md §2.4 (QAM-1); limits and who may learn what are the area's dated data.
"""
