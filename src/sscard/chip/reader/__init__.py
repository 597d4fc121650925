"""Terminals' side and the link to readers.

* `transport`  a card as a terminal sees it: in process, or `pcsc` in a reader, real or virtual
* `terminal`   what a terminal does with it: select, read, password, authentication through its PSAM
* `reading`    whole reading sequences: who holds this card, what it says
* `vpcd`       the other end: puts a virtual card into the virtual reader of vsmartcard-vpcd
"""
