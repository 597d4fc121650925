"""T11: asking for a link tells nobody by its time whether a card exists: two numbers that do not belong together and a card
that nobody has take the same time. Of alternating tries those count that the machine let through at once, a tenth of them;
nowhere else but at sign-in is a time compared."""

from __future__ import annotations

import time
from statistics import quantiles
from typing import TYPE_CHECKING

import pytest

from binding_kit import Partner, details, holder

if TYPE_CHECKING:
    from tests_support import House

SAMPLES, ROUNDS = 25, 24
MOST_S, MOST_SHARE = 0.005, 0.05
"""Of T11: so much apart, or so large a share."""


@pytest.mark.asvs("v5.0.0-6.3.8")
def test_mismatch_and_unknown_card_take_the_same_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four kinds in turn, so that what else the machine does falls on all of them."""
    from sscard.binding import asking, clients
    from sscard.control import throttle
    from sscard.kernel.refusals import Refusal

    monkeypatch.setattr(throttle, "count", lambda *_args, **_more: None)  # the brake is another test's matter
    client = clients.find(Partner.register("https://localhost", kind="partner").client_id)
    assert client is not None
    one, other = holder(), holder()
    kinds = {
        "mismatch": (one.card_number, other.id_number),
        "unknown card": ("X99999993", one.id_number),
        "unknown person": (one.card_number, "090101190001019999"),
        "both unknown": ("X99999993", "090101190001019999"),
    }

    def asked(card: str, number: str) -> float:
        told = asking.read_details(_text(details(one, card_number=card, id_number=number)), client)
        began = time.perf_counter()
        with pytest.raises(Refusal) as caught:
            asking.ask(client, told, way="redirect", caller_of=lambda area: clients.caller_of(client, area=area))
        took = time.perf_counter() - began
        assert caught.value.code == "binding.identity_mismatch"
        return took

    took: dict[str, list[float]] = {name: [] for name in kinds}
    seen = {}
    for _ in range(ROUNDS):
        for _ in range(SAMPLES):
            for name, numbers in kinds.items():
                took[name].append(asked(*numbers))
        seen = {name: quantiles(times, n=10)[0] for name, times in took.items()}
        if max(seen.values()) - min(seen.values()) < max(MOST_S, MOST_SHARE * max(seen.values())):
            return
    raise AssertionError(f"asking tells by its time what exists: {seen}")


def _text(one: dict[str, object]) -> str:
    import json

    return json.dumps([one])
