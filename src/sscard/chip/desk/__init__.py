"""The reader service of a desk: between a page, a card in a reader, and the house.

* `service`  listens on loopback for pages of the house, which hold a ticket for the session that is open
* `orders`   what a page may order: read the card, ask for its password, open a locked one. Never a command for the card
* `plain`    what goes wrong at the reader, in words for a desk
* `pads`     where the holder types: the service's own window or the terminal it runs in, never a page

It runs on the desk's machine, knows the keys of its terminal's card slot and PIN pad, and needs no database.
"""
