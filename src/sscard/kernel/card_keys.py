"""The client's verbs for card keys and ceremonies; a part of `kernel.keyclient.KeyClient`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

_COMMAND_BYTES: Final = 64  # of a loading command in the answer


class CardKeys:
    """What the client brings: `call` for one exchange, `_by_item` for lists in pieces."""

    call: Callable[..., Any]
    _by_item: Callable[[str, list[Any], Sequence[Any], Callable[[Any], int]], list[Any]]

    # --- card keys: never in clear ----------------------------------------------------------------------------------

    def card_key_set(self, area: str, algorithm: int, key_set: str = "") -> dict[str, str]:
        """The set of card keys for an area: set ("test", "city:990100#2"), label, kcv, state. A retired one is refused."""
        return self.call("card_key_set", area, algorithm, key_set)

    def load_transport(self, load: str, area: str, algorithm: int, key_set: str, receiver: bytes) -> bytes:
        """The transport key of one load (a name of the caller's choice, never twice), wrapped for the receiver."""
        return self.call("load_transport", load, area, algorithm, key_set, receiver)

    def card_loads(
        self, load: str, area: str, algorithm: int, key_set: str, receiver: bytes,
        plan: Sequence[tuple[int, str, str, int, int]], blanks: Sequence[tuple[str, bytes, bytes]],
    ) -> list[tuple[list[bytes], list[bytes]]]:  # fmt: skip
        """For each blank card (identification code, factor, packed PIN) its loading commands and proofs
        (`keys.loads`); `plan`: (usage, application, name, id, version)."""
        fixed = [load, area, algorithm, key_set, receiver, list(plan)]
        return self._by_item("card_loads", fixed, blanks, lambda _blank: _COMMAND_BYTES * len(plan))

    def chip_answers(
        self, area: str, algorithm: int, key_set: str, items: Sequence[tuple[bytes, bytes, bytes]]
    ) -> list[bool]:
        """[(card's factor, factor ‖ original, answer)] → [the chip's own?]; INTERNAL AUTHENTICATE under IRK."""
        return self._by_item("chip_answers", [area, algorithm, key_set], items, lambda _item: 32)

    def chip_opening(
        self, area: str, algorithm: int, key_set: str, factor: bytes, step: str, challenge: bytes
    ) -> bytes:
        """The command of a step ("puk", "counter", "empty") for the chip's own challenge (`keys.tree.proofs`)."""
        return self.call("chip_opening", area, algorithm, key_set, factor, step, challenge)

    def psam_loads(
        self, load: str, area: str, algorithm: int, key_set: str, receiver: bytes, number: bytes,
        plan: Sequence[tuple[str, str, int, int, int]],
    ) -> tuple[bytes, list[bytes]]:  # fmt: skip
        """The terminal's half of a set's keys for one PSAM: its transport key, wrapped for the receiver, and loading
        commands. `plan`: (application, name, PSAM id, version, dispersals)."""
        transport, commands = self.call("psam_loads", load, area, algorithm, key_set, receiver, number, list(plan))
        return bytes(transport), list(commands)

    def issuer_codes(self, area: str, algorithm: int, items: Sequence[bytes]) -> list[bytes]:
        """Authentication codes (4 bytes) of card identification codes."""
        return self._by_item("issuer_codes", [area, algorithm], items, len)

    def subkeys_for(self, level: str, area: str, algorithm: int, refs: Sequence[str], public: bytes) -> bytes:
        """Our active set dispersed to a level ("province:99", "city:990100"), sealed for that key service's
        `public_key("key_sets")`."""
        return self.call("subkeys_for", level, area, algorithm, list(refs), public)

    def subkeys_take(self, level: str, algorithm: int, package: bytes) -> dict[str, str]:
        """Take sub-keys in as a new generation: set, kcv, from."""
        return self.call("subkeys_take", level, algorithm, package)

    def key_set_retire(self, key_set: str, algorithm: int) -> None:
        """Destroy a set that is no longer active."""
        return self.call("key_set_retire", key_set, algorithm)

    def receiver_admit(self, name: str, public: bytes, persons: Sequence[bytes]) -> None:
        """Two persons admit a producer's machine: real card keys are wrapped for admitted ones only."""
        return self.call("receiver_admit", name, public, list(persons))

    def receiver_strike(self, public: bytes) -> None:
        return self.call("receiver_strike", public)

    def receivers(self) -> list[dict[str, str]]:
        return list(self.call("receivers"))

    # --- ceremonies (keys.ceremony); persons are marks that the caller vouches for -----------------------------------

    def ceremony_begin(
        self, ceremony: str, kind: str, subject: str, openers: Sequence[bytes], need: int = 2, of: int = 3
    ) -> dict[str, Any]:
        """kind "make", "prove", "root" or "open"; state of the ceremony."""
        return self.call("ceremony_begin", ceremony, kind, subject, need, of, list(openers))

    def ceremony_share(self, ceremony: str, person: bytes, told: int | None = None) -> str:
        """The words of this custodian's share, told once. `told`: how many tellings are on record; one more that the
        service knows of was lost, and is told again."""
        return str(self.call("ceremony_share", ceremony, person, told))

    def ceremony_confirm(self, ceremony: str, person: bytes, words: str) -> dict[str, Any]:
        """The custodian reads his share back."""
        return self.call("ceremony_confirm", ceremony, person, words)

    def ceremony_give(self, ceremony: str, person: bytes, words: str) -> dict[str, Any]:
        """A share brought back, to prove or to open."""
        return self.call("ceremony_give", ceremony, person, words)

    def ceremony_finish(self, ceremony: str, auditor: bytes) -> dict[str, Any]:
        """The auditor closes it: sets, kcv."""
        return self.call("ceremony_finish", ceremony, auditor)

    def ceremony_cancel(self, ceremony: str, person: bytes) -> None:
        return self.call("ceremony_cancel", ceremony, person)

    def ceremony_state(self, ceremony: str) -> dict[str, Any]:
        return self.call("ceremony_state", ceremony)
