"""Cards in readers, real or virtual, through PC/SC. The library is loaded when first used: it is not on every
machine."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sscard.chip.faults import ChipFault


def readers() -> list[str]:
    """Names of all readers. Raises chip.pcsc_library without pyscard, chip.pcsc_service without a running service."""
    return [str(one) for one in _readers()]


def _readers() -> list[Any]:
    try:
        from smartcard.pcsc.PCSCExceptions import EstablishContextException, ListReadersException
        from smartcard.System import readers as listed
    except ImportError:
        raise ChipFault("chip.pcsc_library") from None
    try:
        return list(listed())
    except (EstablishContextException, ListReadersException):
        raise ChipFault("chip.pcsc_service") from None


def the_card(reader: str = "") -> PcscCard:
    """The card in this reader, or, where none is named, the one card that lies in any. Raises as `PcscCard` does, and
    chip.two_cards where there are several."""
    if reader:
        return PcscCard(reader)
    found = []
    for number in range(len(readers())):
        with suppress(ChipFault):  # an empty reader, or somebody else's at the moment
            found.append(PcscCard(number))
    if len(found) == 1:
        return found[0]
    for one in found:
        one.close()
    if found:
        raise ChipFault("chip.two_cards", readers=", ".join(one.reader for one in found))
    return PcscCard(0)  # tells what is missing


class PcscCard:
    """A card in a reader. `reader` is a name, the beginning of one, or its number in the list.

    Raises chip.reader_missing and chip.card_missing when there is none; chip.card_gone when it is pulled out.
    """

    def __init__(self, reader: str | int = 0, protocol: str = "") -> None:
        from_list = _readers()
        if isinstance(reader, str) and not reader.isdigit():
            found = [one for one in from_list if str(one).startswith(reader)]
        else:
            found = from_list[int(reader) : int(reader) + 1]
        if not found:
            raise ChipFault("chip.reader_missing", reader=str(reader), known=", ".join(map(str, from_list)) or "–")
        self.reader = str(found[0])
        self._protocol = protocol
        self._connection = found[0].createConnection()
        try:
            self._connect()
        except ChipFault:
            self._let_go()
            raise

    def _connect(self) -> None:
        from smartcard.CardConnection import CardConnection
        from smartcard.Exceptions import CardConnectionException, NoCardException

        protocols = {"t0": CardConnection.T0_protocol, "t1": CardConnection.T1_protocol}
        try:
            self._connection.connect(protocols.get(self._protocol))
        except NoCardException:
            raise ChipFault("chip.card_missing", reader=self.reader) from None
        except CardConnectionException:
            raise ChipFault("chip.card_gone", reader=self.reader) from None
        self.atr = bytes(self._connection.getATR())

    def transmit(self, raw: bytes) -> bytes:
        from smartcard.Exceptions import CardConnectionException

        try:
            data, sw1, sw2 = self._connection.transmit(list(raw))
        except CardConnectionException:
            raise ChipFault("chip.card_gone", reader=self.reader) from None
        return bytes(data) + bytes((sw1, sw2))

    def reset(self) -> bytes:
        """Power off and on again."""
        from smartcard.Exceptions import CardConnectionException
        from smartcard.scard import SCARD_UNPOWER_CARD

        try:
            self._connection.reconnect(disposition=SCARD_UNPOWER_CARD)
        except CardConnectionException:
            raise ChipFault("chip.card_gone", reader=self.reader) from None
        self.atr = bytes(self._connection.getATR())
        return self.atr

    def close(self) -> None:
        self._connection.disconnect()
        self._let_go()

    def _let_go(self) -> None:
        """The reader service has only so many contexts, so none is left to the garbage collector."""
        from smartcard.Exceptions import CardConnectionException

        with suppress(CardConnectionException):  # the service itself has gone
            self._connection.release()
