"""Loading commands from the key service: what a real area has in the place of test keys (`loading.LoadingKeys`)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sscard.chip.faults import ChipFault
from sscard.kernel.keyclient import keys
from sscard.keys.loads import Blank, Loaded, Loads, Slot
from sscard.keys.tree.ciphers import SM4


class ServiceLoading:
    """The key service's card keys of one area; `key_set` "" takes the active set."""

    def __init__(self, area: str, key_set: str = "") -> None:
        self.area, self.key_set = area, key_set

    @property
    def label(self) -> str:
        return keys().card_key_set(self.area, SM4, self.key_set)["label"]

    def load(
        self, batch: str, receiver: bytes, algorithm: int, plan: Sequence[Slot], blanks: Sequence[Blank]
    ) -> Loaded:
        """One transport key and the commands of all cards, all of one key set, also while sets are rotated."""
        if any(blank.area != self.area for blank in blanks):
            raise ChipFault("chip.no_key_service", area=self.area)
        found = keys().card_key_set(self.area, algorithm, self.key_set)
        load, key_set = f"{batch}/{secrets.token_hex(8)}", found["set"]
        transport = keys().load_transport(load, self.area, algorithm, key_set, receiver)
        made = keys().card_loads(
            load, self.area, algorithm, key_set, receiver,
            [(int(one.usage), one.application, one.name, one.id, one.version) for one in plan],
            [(one.card_id_code, one.factor, one.pin) for one in blanks],
        )  # fmt: skip
        return Loaded(
            transport, [Loads(list(commands), list(proofs)) for commands, proofs in made], found["label"], key_set
        )
