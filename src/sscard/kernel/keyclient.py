"""The client half of the key service: verbs on key names, in lists, over a Unix socket.

`keys()` is the client of this process. It is safe for threads and after a fork, holds a few open connections, and
connects again when the service was restarted: every verb may be repeated. No answer in time is `KeyServiceDown`, a
refusal that says nothing was done. Errors never carry what was sent: neither values nor keys reach a log or a page
through them.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from sscard.kernel.card_keys import CardKeys
from sscard.kernel.refusals import Refusal

SOCKET_VARIABLE: Final = "SSCARD_KEY_SOCKET"
MOST_ITEMS: Final = 5_000  # of one call on the wire; longer lists go as several
MOST_BYTES: Final = 4 << 20
MOST_FRAME: Final = 32 << 20  # what the service takes in one piece
_LENGTH: Final = struct.Struct(">I")
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[str, Any]).decode

Pair = tuple[bytes, bytes]


class KeyServiceDown(Refusal):
    """No answer within the time; nothing was done."""

    def __init__(self) -> None:
        super().__init__("kernel.key_service_down")


class KeyRefused(Refusal):
    """The service refused: a key that does not serve this purpose, an unknown one, a request out of form."""


class SealBroken(KeyRefused):
    """A sealed or wrapped value does not open: changed, moved to another row, or made with another key."""


class PinRefused(KeyRefused):
    """A PIN is not taken: easy to guess, of a wrong length, or its block does not fit account and terminal."""


class _Line:
    """One connection."""

    def __init__(self, path: str, timeout: float) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        try:
            self.socket.connect(path)
        except OSError:
            self.socket.close()
            raise

    def ask(self, frame: bytes) -> bytes:
        self.socket.sendall(_LENGTH.pack(len(frame)) + frame)
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size))
        return self._read(length)

    def _read(self, size: int) -> bytes:
        found = bytearray(size)
        view, at = memoryview(found), 0
        while at < size:
            got = self.socket.recv_into(view[at:])
            if not got:
                raise ConnectionResetError
            at += got
        return bytes(found)

    def close(self) -> None:
        self.socket.close()


class KeyClient(CardKeys):
    """Calls the key service at `path`. `timeout` bounds one exchange, `patience` how long a restart is waited for
    (seconds).
    """

    def __init__(self, path: str | Path, *, timeout: float = 10.0, patience: float = 3.0, idle: int = 8) -> None:
        self._path, self._timeout, self._patience, self._most_idle = str(path), timeout, patience, idle
        self._guard = threading.Lock()
        self._idle: list[_Line] = []
        self._pid = os.getpid()

    def __repr__(self) -> str:
        return "KeyClient()"

    def close(self) -> None:
        with self._guard:
            lines, self._idle = self._idle, []
        for line in lines:
            line.close()

    # --- values -----------------------------------------------------------------------------------------------------

    def seal(self, purpose: str, items: Sequence[Pair]) -> list[bytes]:
        """[(aad, clear)] → [blob]."""
        return self._by_item("seal", [purpose], items, _pair_size)

    def unseal(self, purpose: str, items: Sequence[Pair]) -> list[bytes]:
        """[(aad, blob)] → [clear]. One broken value refuses all (`SealBroken`)."""
        return self._by_item("unseal", [purpose], items, _pair_size)

    def blind(self, column: str, normals: Sequence[bytes], version: int = 0) -> list[bytes]:
        """Keyed 32-byte indices of values in normal form; version 0 is the one for new rows."""
        return self._by_item("blind", [column, version], normals, len)

    def versions(self, purpose: str, name: str) -> list[int]:
        """Versions of a key, newest first; `purpose` is "seal", "blind", "mac" …"""
        return self.call("versions", purpose, name)

    def mac(self, key: str, messages: Sequence[bytes]) -> list[bytes]:
        """32 bytes HMAC-SM3 of each message."""
        return self._by_item("mac", [key], messages, len)

    def verify_mac(self, key: str, items: Sequence[Pair]) -> list[bool]:
        """[(message, mac)] → [fits], also MACs of older key versions."""
        return self._by_item("verify_mac", [key], items, _pair_size)

    # --- signatures and wrapping ------------------------------------------------------------------------------------

    def sign(self, key: str, message: bytes) -> bytes:
        """SM2 signature (DER)."""
        return self.call("sign", key, message)

    def verify(self, key: str, message: bytes, signature: bytes) -> bool:
        return self.call("verify", key, message, signature)

    def public_key(self, key: str) -> bytes:
        """64 bytes x ‖ y of a signing key or of `return_files`."""
        return self.call("public_key", key)

    def ensure_area(self, area: str) -> bytes:
        """Make the signing key `package:<area>` if there is none; its public key."""
        return self.call("ensure_area", area)

    def wrap_for(self, public: bytes, data: bytes) -> bytes:
        """A short key (1–255 bytes) encrypted to an SM2 public key."""
        return self.call("wrap_for", public, data)

    def unwrap(self, key: str, wrapped: bytes) -> bytes:
        """What a partner wrapped to our receiving key `return_files`."""
        return self.call("unwrap", key, wrapped)

    # --- PINs and devices -------------------------------------------------------------------------------------------

    def pin_set(
        self, kind: str, account: str, pin_block: bytes, terminal: str, hints: Mapping[str, str] | None = None
    ) -> bytes:
        """Verifier of a newly chosen PIN; `kind` "social" or "bank". `PinRefused` tells why a PIN is not taken.

        `hints` are what a PIN must not be part of: `birthday` (YYYYMMDD), `id_number`, `phone`.
        """
        return self.call("pin_set", kind, account, pin_block, terminal, dict(hints or {}))

    def pin_verify(self, kind: str, account: str, pin_block: bytes, terminal: str, verifier: bytes) -> bool:
        """Does the PIN in the block fit the verifier? The caller has counted the try before."""
        return self.call("pin_verify", kind, account, pin_block, terminal, verifier)

    def pin_preset(self, account: str, digits: str) -> bytes:
        """Verifier of a social-security initial password that a rule makes; it must be changed at first use."""
        return self.call("pin_preset", account, digits)

    def pinpad_key_for(self, terminal: str, public: bytes) -> bytes:
        """The PIN pad's transport key, wrapped to the virtual PIN pad's public key."""
        return self.call("pinpad_key_for", terminal, public)

    def card_key_for(self, card: str, public: bytes) -> bytes:
        """The challenge key of a card, wrapped to the virtual card's public key."""
        return self.call("card_key_for", card, public)

    def card_answer_verify(self, card: str, challenge: bytes, answer: bytes) -> bool:
        """Did this card make the answer to this challenge?"""
        return self.call("card_answer_verify", card, challenge, answer)

    def device_key_for(self, device: str, public: bytes) -> bytes:
        """The evidence key of a virtual ID-card reader or camera, wrapped to its public key."""
        return self.call("device_key_for", device, public)

    def device_verify(self, device: str, message: bytes, mac: bytes) -> bool:
        """Did this device make the evidence?"""
        return self.call("device_verify", device, message, mac)

    def device_ticket(self, device: str, message: bytes) -> bytes:
        """A device's MAC over a ticket (`terminals.chips.ticket_message`); over anything else it is refused."""
        return self.call("device_ticket", device, message)

    # --- the national platform's key: its holder alone has the credential -------------------------------------------

    def platform_claim(self, credential: bytes) -> None:
        """Make the platform's key one's own. The first claim stands for good; another credential is refused."""
        return self.call("platform_claim", credential)

    def platform_sign(self, credential: bytes, message: bytes) -> tuple[int, bytes]:
        """Version of the key and SM2 signature (DER) over the message."""
        version, signature = self.call("platform_sign", credential, message)
        return int(version), bytes(signature)

    def platform_keys(self) -> list[dict[str, Any]]:
        """Public keys, newest first: version, public (64 bytes), made_at (ISO), active."""
        return list(self.call("platform_keys"))

    def platform_rotate(self, credential: bytes) -> int:
        """A new key for new signatures; its version."""
        return int(self.call("platform_rotate", credential))

    # --- the service itself -----------------------------------------------------------------------------------------

    def ping(self) -> str:
        return self.call("ping")

    def status(self) -> dict[str, Any]:
        """Store, own memory (`pss_kib`), keys with version, state and check value; no secrets."""
        return self.call("status")

    def call(self, verb: str, /, *arguments: Any) -> Any:
        """One exchange. Raises `KeyServiceDown` or a `KeyRefused`."""
        frame = _encode((verb, arguments))
        if len(frame) > MOST_FRAME:
            raise KeyRefused("keys.too_large", most=str(MOST_FRAME >> 20))
        code, value = _decode(self._exchange(frame))
        if code:
            raise _refusal(code, value)
        return value

    def _by_item(self, verb: str, fixed: list[Any], items: Sequence[Any], size: Callable[[Any], int]) -> list[Any]:
        done: list[Any] = []
        for chunk in _chunks(items, size):
            done += self.call(verb, *fixed, chunk)
        return done

    def _exchange(self, frame: bytes) -> bytes:
        give_up = time.monotonic() + self._patience
        pause = 0.02
        while True:
            line = None
            try:
                line = self._line()
                reply = line.ask(frame)
            except TimeoutError:  # it lives but does not answer: asking again would only add to its queue
                _drop(line)
                raise KeyServiceDown from None
            except OSError:
                _drop(line)
                self.close()
                if time.monotonic() >= give_up:
                    raise KeyServiceDown from None
                time.sleep(pause)
                pause = min(pause * 2, 0.25)
            except BaseException:
                _drop(line)
                raise
            else:
                self._put_back(line)
                return reply

    def _line(self) -> _Line:
        with self._guard:
            if self._pid != os.getpid():  # after a fork the parent's connections are not ours to use
                self._idle, self._pid = [], os.getpid()
            if self._idle:
                return self._idle.pop()
        return _Line(self._path, self._timeout)

    def _put_back(self, line: _Line) -> None:
        with self._guard:
            if self._pid == os.getpid() and len(self._idle) < self._most_idle:
                self._idle.append(line)
                return
        line.close()


def _drop(line: _Line | None) -> None:
    if line is not None:
        line.close()


def _pair_size(item: Pair) -> int:
    return len(item[0]) + len(item[1])


def _chunks(items: Sequence[Any], size: Callable[[Any], int]) -> Iterator[list[Any]]:
    """Lists of at most MOST_ITEMS items and about MOST_BYTES bytes."""
    chunk: list[Any] = []
    weight = 0
    for item in items:
        chunk.append(item)
        weight += size(item)
        if len(chunk) == MOST_ITEMS or weight >= MOST_BYTES:
            yield chunk
            chunk, weight = [], 0
    if chunk:
        yield chunk


def _refusal(code: str, facts: Any) -> KeyRefused:
    kind = KeyRefused
    if code in ("keys.seal_broken", "keys.wrap_broken", "keys.scheme_unknown", "keys.unknown_version"):
        kind = SealBroken
    elif code.startswith("keys.pin_"):
        kind = PinRefused
    return kind(code, **(facts if isinstance(facts, dict) else {}))


_client: KeyClient | None = None
_client_guard = threading.Lock()


def configure(path: str | Path | None) -> None:
    """Set the socket of this process's client; None goes back to the environment."""
    global _client
    with _client_guard:
        if _client is not None:
            _client.close()
        _client = None if path is None else KeyClient(path)


def keys() -> KeyClient:
    """The client of this process: as configured, else by SSCARD_KEY_SOCKET. Without either: `KeyServiceDown`."""
    global _client
    client = _client
    if client is not None:
        return client
    with _client_guard:
        if _client is None:
            path = os.environ.get(SOCKET_VARIABLE)
            if not path:
                raise KeyServiceDown
            _client = KeyClient(path)
        return _client


@contextlib.contextmanager
def using(path: str | Path) -> Iterator[KeyClient]:
    """Another service for a while: for tests and tools."""
    global _client
    with _client_guard:
        before, _client = _client, KeyClient(path)
    try:
        yield keys()
    finally:
        with _client_guard:
            mine, _client = _client, before
        if mine is not None:
            mine.close()
