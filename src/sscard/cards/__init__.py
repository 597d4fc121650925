"""Cards: the social security card and its social-security side.

Two of the house's three independent status fields stand here (regulations.md §3.1): how the piece of plastic is made
and where it is (production), and whether its social-security function works (social). The bank account's status is
the bank's and no rule here reads or writes it. `states` holds both life cycles as tables, `events.move` is the only
way through them,
`pin` keeps the social password until the chip does.

Clauses: M47-2, M47-13, M47-16, M47-19, QAM-1; passwords and lock are the area's (LOCAL-LOCK). May touch: people, keys
(through its client), terminals, control, law, codes, kernel.
"""
