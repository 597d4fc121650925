"""Verification: is it really he, on his own telephone or with his own face.

`codes` sends one-time codes by text message and checks them: random, bound to one action, one person and one session, the
newest only, used once, counted before they are compared. `face` asks a provider for a face check, with a consent of its
own, and never without another way beside it. Both write in a transaction of their own, so that a refused act has counted
all the same. Behind them stand providers (`providers`): in a sandbox area the virtual operator, whose messages can be
read, and the virtual face check, whose outcome the tester chooses; both can be slow, lose, or be down.

A code proves the telephone of record, not an act: the act still passes the one door. Numbers are the area's, dated data.
May touch: control, law, codes, kernel. What it knows of people comes through the port `record`.
"""
