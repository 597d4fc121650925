"""The card in a reader, for commands of `sscard card`."""

from __future__ import annotations

from typing import Any


class in_reader:  # noqa: N801 - reads as a phrase: with in_reader(…)
    """A terminal for the card in a reader; the reader is let go at the end."""

    def __init__(self, reader: str, psam: str) -> None:
        self.reader, self.psam, self.open = reader, psam, list[Any]()

    def __enter__(self) -> Any:
        from sscard.chip.psam.client import PsamClient
        from sscard.chip.reader.pcsc import PcscCard
        from sscard.chip.reader.terminal import Terminal

        card = PcscCard(self.reader)
        self.open.append(card)
        if self.psam and self.psam != "test":
            self.open.append(PcscCard(self.psam))
            return Terminal(card, PsamClient(self.open[-1]))
        terminal = Terminal(card)
        if self.psam:
            terminal.psam = _test_psam(terminal)
        return terminal

    def __exit__(self, *_: object) -> None:
        for one in self.open:
            one.close()


def _test_psam(terminal: Any) -> Any:
    """A PSAM of the card's own area with the test keys: for test cards only, as everybody has these keys."""
    from sscard.chip.crypto.tree import TestKeys
    from sscard.chip.psam.card import Psam
    from sscard.chip.psam.client import PsamClient
    from sscard.chip.reader.transport import InProcess
    from sscard.cli.card_audit import named

    terminal.open()
    client = PsamClient(InProcess(Psam(TestKeys(), terminal.area, named(terminal.algorithm))))
    client.work_for(terminal.area, terminal.card.atr, terminal.algorithm)
    return client
