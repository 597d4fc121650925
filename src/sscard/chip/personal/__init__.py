"""From data to cards (card.md §8; docs/personalisation.md).

* `order`    what goes on one card, as values of files; `photo` the picture as it fits
* `loading`  the port to the key service: loading commands for many cards in one call, never clear keys
* `script`   the commands that make a blank card this person's card
* `machine`  a plant's machine: its HSM, and blank cards into which it runs scripts; `certificate` for the card's key pair
* `making`   one card here and now, with test keys; `demo` a card of nobody
"""
