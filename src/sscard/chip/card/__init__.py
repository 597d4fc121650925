"""The virtual card: an ISO 7816-4 engine (S5), independent of the transport that carries its commands.

* `image`    everything that a card remembers, `store` how it lies on disk: whole or as before, at any loss of power
* `apdu`     commands and their parts, `status` the refusals
* `engine`   the card: power, security state, dispatch; `transport` the two profiles, strict T=0 and APDU
* `blank`    a card before it is one, and the commands that personalise it; `creating` its files, `audit` its record
* `selecting` `records` `binary` `pins` `authentication` `blocking` `purse` `payment` `certificates`  the commands
"""

from sscard.chip.card.engine import VirtualCard
from sscard.chip.card.image import Image
from sscard.chip.card.store import FileStore, MemoryStore, Store

__all__ = ["FileStore", "Image", "MemoryStore", "Store", "VirtualCard"]
