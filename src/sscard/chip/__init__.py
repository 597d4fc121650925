"""Chip: the social security card itself, as data and as a card that any reader reads.

* `files`        the one table of files, items, access rules and keys (files.toml, keys.toml), card versions 1.0, 2.0,
3.0
* `codec`        values to bytes and back: text in GBK, packed digits, TLV, names over two items, cyclic records
* `crypto`       diversification, session keys, MACs with 3DES and SM4, each a small pure function
* `card`         the virtual card: an ISO 7816-4 engine that keeps its state whole over any loss of power
* `personal`     scripts that make a blank card somebody's card, and the machine that runs them
* `drawer`       an installation's finished virtual cards, sealed
* `desk`         the reader service of a desk: pages order, cards answer, the house judges
* `psam`         the terminal's half of the keys, a card of its own
* `reader`       terminals' side: PC/SC or in process, and the link that puts the virtual card into a virtual reader
* `conformance`  what tells a good card from a bad one (Article 12), item by item

Facts and their sources stand beside the data; where the standard is not public, `choices` says what we chose and every
report repeats it. Nothing here needs a database. May touch: keys (recipes), terminals, law, codes, kernel.
"""
