"""Issuing: from an application to a card in its holder's hand, with every card accounted for on the way.

Application → review by a second person → batch → the bank's account file out and its answer in → a package, encrypted
and signed, for one producer, one batch and a limited time → the producer's signed return → stock → outlet → handed over
against identity. `custody` is the one place that moves a card, so "where, in whose hands, since when" has one answer,
and per batch: ordered = good + spoiled + missing, good = transit + stock + outlet + handed over + destroyed (also in
the database).

Clauses: M47-5 (who may issue), M47-11 (producers), M47-12 (test before mass production), M47-13 (distribution), M47-6
(internal control). May touch: bank (its file formats), cards, people, terminals, keys, control, law, codes, kernel.
"""
