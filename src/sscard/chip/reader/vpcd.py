"""The link that puts a virtual card into a virtual reader: vpcd of the vsmartcard project.

pcscd owns the reader and listens; the card connects. Each message is two bytes of length and its bytes; one byte is a
control (0 power off, 1 power on, 2 reset, 4 ATR please), more is a command. vpcd writes header and body apart, so
without TCP_QUICKACK the kernel's delayed acknowledgement would cost 40 ms an APDU.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final

from sscard.chip.faults import ChipFault
from sscard.chip.reader.transport import Powered

HOST, PORT = "127.0.0.1", 35963
"""The first of vpcd's two readers; the second is PORT + 1."""
POWER_OFF, POWER_ON, RESET, ATR = 0, 1, 2, 4
_QUICKACK: Final = getattr(socket, "TCP_QUICKACK", None)


def place(text: str) -> tuple[str, int]:
    """ "host:port", "host" or "port" of a virtual reader; loopback and the first reader where left out.

    >>> place("35964"), place("localhost:7")
    (('127.0.0.1', 35964), ('localhost', 7))
    """
    host, _, port = text.rpartition(":")
    if port.isdigit() and 0 < int(port) < 65536:
        return host or HOST, int(port)
    raise ChipFault("chip.reader_place", given=text[:40])


class InReader:
    """A card that sits in a reader until it is taken out. `serve` blocks; `start` serves in a thread."""

    def __init__(
        self, card: Powered, host: str = HOST, port: int = PORT, trace: Callable[[bytes, bytes], None] | None = None
    ) -> None:
        self.card, self.trace = card, trace
        self._atr = card.power_on()
        try:
            self._socket = socket.create_connection((host, port), timeout=5)
        except OSError:
            raise ChipFault("chip.reader_refused", reader=f"{host}:{port}") from None
        self._socket.settimeout(None)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._thread: threading.Thread | None = None

    def start(self) -> InReader:
        self._thread = threading.Thread(target=self.serve, daemon=True)
        self._thread.start()
        return self

    def serve(self) -> None:
        """Answer until the reader hangs up or the card is taken out."""
        try:
            while (message := self._read()) is not None:
                if len(message) == 1:
                    self._control(message[0])
                elif message:
                    answer = self.card.transmit(message)
                    self._write(answer)
                    if self.trace:
                        self.trace(message, answer)
        except OSError:
            pass  # taken out, or the reader went away
        finally:
            self.card.power_off()

    def take_out(self) -> None:
        with contextlib.suppress(OSError):  # hung up already
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        if self._thread:
            self._thread.join(timeout=5)

    def __enter__(self) -> InReader:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, one: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.take_out()

    def _control(self, what: int) -> None:
        if what == POWER_OFF:
            self.card.power_off()
        elif what in (POWER_ON, RESET):
            self._atr = self.card.power_on()
        elif what == ATR:
            self._write(self._atr)

    def _read(self) -> bytes | None:
        head = self._exactly(2)
        return None if head is None else self._exactly(int.from_bytes(head, "big"))

    def _exactly(self, size: int) -> bytes | None:
        data = b""
        while len(data) < size:
            self._quick()
            piece = self._socket.recv(size - len(data))
            self._quick()
            if not piece:
                return None
            data += piece
        return data

    def _quick(self) -> None:
        if _QUICKACK is not None:
            self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)

    def _write(self, data: bytes) -> None:
        self._socket.sendall(len(data).to_bytes(2, "big") + data)
