"""Card identification codes of new cards, many at once: a chip serial drawn for each, and the issuer's authentication code
over it (card.md §4.1)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sscard.chip.crypto.tree import TestKeys
from sscard.codes import card_identification_code
from sscard.kernel.keyclient import keys


def fresh(area: str, algorithms: Sequence[int], *, sandbox: bool) -> list[str]:
    """A code for each card of an area; `algorithms`: of each card's keys. One call to the key service for each
    algorithm; cards of sandboxes have test keys, which need none. Raises keys.tree_none for an area without keys."""
    serials = [secrets.token_bytes(4) for _ in algorithms]
    found = [""] * len(serials)
    for algorithm in set(algorithms):
        places = [at for at, one in enumerate(algorithms) if one == algorithm]
        data = [card_identification_code.authentication_input(area, serials[at]) for at in places]
        for at, code in zip(places, _authentication(area, algorithm, data, sandbox=sandbox), strict=True):
            found[at] = card_identification_code.construct(area, serials[at], code)
    return found


def _authentication(area: str, algorithm: int, data: Sequence[bytes], *, sandbox: bool) -> list[bytes]:
    if sandbox:
        return [TestKeys().issuer_code(area, one, algorithm) for one in data]
    return keys().issuer_codes(area, algorithm, data)
