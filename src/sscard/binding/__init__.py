"""Binding: the card linked to on-line banking (document 002), and what a third party may see and pay through it.

A *consent* says what, for how long, by whom and for whom; a *binding* is the consent of a holder that links his card to
a bank's on-line customer. Tokens belong to a consent and are checked against it on each call, so that a card event closes
the door in its own transaction. The protocol is OAuth 2.0 under the FAPI 2.0 Security Profile.

May touch: issuing, bank (its standing reads), insurance, cards, verification, people, documents, control, law, codes, kernel.
"""
