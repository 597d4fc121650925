"""The chip: APDUs in process and over PC/SC, beside a card that only echoes in the same reader.

bench/chip.py            these figures alone; needs no database, and for PC/SC root or a running pcscd
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
READ = bytes.fromhex("00B2012C12")
ROUNDS, CARDS = 40_000, 100
TURNS, IN_A_TURN = 400, 20
"""Turns that each of the two has in the reader, and commands in a turn: some 3 ms, shorter than what else a machine does."""
GOAL_IMAGES, GOAL_FINISHED = 0.5, 0.3
GOAL_IN_PROCESS, GOAL_IN_READER = 1.0, 0.8


class InTurns:
    """One reader, one connection, and in it by turns the card and an echo, which answers as many bytes without thinking.
    Whatever else the machine does meets both alike."""

    def __init__(self, card: Any) -> None:
        self.card, self.echoes = card, False
        self.power_on()
        self.echo = card.transmit(READ)

    def power_on(self) -> bytes:
        return bytes(self.card.power_on())

    def power_off(self) -> None:
        self.card.power_off()

    def transmit(self, raw: bytes) -> bytes:
        return self.echo if self.echoes else bytes(self.card.transmit(raw))


def figures(rate: Callable[..., Any]) -> Iterator[Any]:
    from chip_kit import contacts, missing
    from sscard.chip.personal import demo

    yield from personalised(rate)
    card = contacts(demo.card(version="2.0", algorithm="3des"), "t0")
    both = InTurns(card)
    assert len(both.echo) == 20
    speed = per_second(lambda: card.transmit(READ), ROUNDS)
    if lacks := missing():
        print(f"chip not measured, not installed: {lacks}", file=sys.stderr)
        return
    answered, echoed = in_reader(both)
    yield rate("chip: READ RECORD in process", speed, "an echo card over PC/SC", echoed, GOAL_IN_PROCESS, "APDU/s")
    name = "chip: READ RECORD over PC/SC"
    yield rate(name, answered, "an echo card in the same reader", echoed, GOAL_IN_READER, "APDU/s")


def personalised(rate: Callable[..., Any]) -> Iterator[Any]:
    """Card images as they go into a package, beside deriving, wrapping and MACing their keys alone; and finished virtual
    cards beside what a card must do with its keys alone: open, check the MAC, check the check value."""
    from sscard.chip.card.audit import digest
    from sscard.chip.crypto.channel import Channel
    from sscard.chip.crypto.ciphers import SM4, cipher
    from sscard.chip.personal import demo, loading, script
    from sscard.chip.personal.machine import Machine
    from sscard.chip.personal.making import blank_of
    from sscard.keys import loads
    from sscard.keys.parties import KeyPair

    orders = [demo.order(sequence=number) for number in range(1, CARDS + 1)]
    blanks, plant = [blank_of(one) for one in orders], KeyPair.fresh()
    wanted = loading.plan("3.0", loading.proofs("3.0", tuple(orders[0].values)))
    keys, how = loading.TestLoading(), cipher(SM4)

    def wrapped() -> Any:
        return keys.load("bench", plant.public, SM4, wanted, blanks)

    def images() -> list[Any]:
        loaded = wrapped()
        made = [
            script.build(order, one, version="3.0", algorithm=SM4, label=loaded.label, plan=wanted)
            for order, one in zip(orders, loaded.cards, strict=True)
        ]
        assert all(digest(one.commands) for one in made)
        scripts[:] = made
        transport[:] = [loaded.transport]
        return made

    def finished() -> None:
        machine = Machine(plant.unwrap)
        machine.open_load(transport[0])
        for one in scripts:
            machine.make(one)

    def opened() -> None:
        key = plant.unwrap(transport[0])
        for one in scripts:
            channel = Channel(how, loads.card_transport(how, key, one.factor))
            for raw in one.commands:
                if raw[:2] == b"\x84\xd4":
                    command = loads.LoadCommand.parse(raw)
                    assert channel.fits(command.covered, command.mac)
                    value = channel.opened(command.secret)
                    if command.kcv != loads.NO_KCV:
                        assert how.blocks(value, bytes(16))[:3] == command.kcv

    scripts: list[Any] = []
    transport: list[bytes] = []
    images()
    made, alone = (max(CARDS * per_second(work, 1) for _ in range(3)) for work in (images, wrapped))
    limit = "derive, wrap and MAC of their keys alone"
    yield rate("chip: card images into a package, one core", made, limit, alone, GOAL_IMAGES, "cards/s")
    whole, bare = (max(CARDS * per_second(work, 1) for _ in range(3)) for work in (finished, opened))
    limit = "opening and checking their keys alone"
    yield rate("chip: virtual cards finished, one core", whole, limit, bare, GOAL_FINISHED, "cards/s")


def in_reader(both: InTurns) -> tuple[float, float]:
    """Commands a second through pcscd, of the card and of the echo, behind a socket in a process of ours. The echo's is the
    median of its turns; the card's is that times the median of how two turns next to each other compare, now the one first,
    now the other: rates go up and down with whatever else runs, what two neighbours make of the same moment does not."""
    from chip_kit import wait_for
    from sscard.chip.faults import ChipFault
    from sscard.chip.reader.pcsc import PcscCard
    from sscard.chip.reader.vpcd import InReader

    def there() -> bool:
        try:
            PcscCard(0).close()
        except ChipFault:
            return False
        return True

    rates: dict[bool, list[float]] = {True: [], False: []}
    with service(), InReader(both):
        wait_for(there, "the reader sees the card")
        with closing(PcscCard(0)) as seen:
            for turn in range(2 * TURNS):
                both.echoes = turn % 4 in (1, 2)
                seen.transmit(READ)
                rates[both.echoes].append(per_second(lambda: seen.transmit(READ), IN_A_TURN))
    echoed = median(rates[True])
    share = median(card / echo for card, echo in zip(rates[False], rates[True], strict=True))
    return echoed * share, echoed


@contextmanager
def service() -> Iterator[None]:
    from chip_kit import reader_service

    yield from reader_service()


def per_second(work: Callable[[], Any], times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        work()
    return times / (time.perf_counter() - start)


def main() -> None:
    def rate(name: str, value: float, limit_name: str, limit: float, goal: float, unit: str) -> tuple[bool, str]:
        good = value >= goal * limit
        return good, f"{name}: {value:,.0f} {unit}, {limit_name} {limit:,.0f}: {value / limit:.2f}x, goal {goal}x"

    found = list(figures(rate))
    print("\n".join(line for _, line in found))
    sys.exit(0 if all(good for good, _ in found) else 1)


if __name__ == "__main__":
    main()
