"""Bank: the hosted core of each card's bank: accounts, activation, cash, the bank PIN, the files between bureau and
bank.

An account is opened by batch before the card is made and then takes money in and lets nothing out, until the holder
(or a child's guardian) comes to the bank printed on the card with the original ID and the card, has his phone
registered and chooses a PIN. Status and restrictions are two things; what an account lets through is the AND over all
of them. Every bank has a book of its own ("bank:CCB"), which only acts that entered the bank's role see; the bureau
sees `AccountStatus`, which has no balance.

Basis: banking.md §1, §8; card measures Art. 5 (a bank does not issue); regulations.md §3–4. May touch: cards, people,
ledger, terminals, control, law, codes, kernel.
"""
