"""Packages to a producer and files back: sealed for one receiver, signed by one sender, for a limited time.

    container   msgpack [MAGIC, manifest bytes, signature, [sealed part, …]]
    manifest    JSON: batch, sender, receiver, made_at, expires_at, the file key wrapped to the receiver, its
    fingerprint, for each part name, size and SM3 as it lies in the container, and fields of the sender's own
    signature   SM2 over DOMAIN ‖ manifest, the exact bytes part        SM4-GCM under the file key, bound to batch,
    number and name

Opening checks form, sender, signature, receiver, expiry, each part's SM3, the key, in this order; each failure has
its own code. Our side signs and unwraps by the key service (`ServiceSigner`, `ServiceOpener`), a producer by key
pairs of its own (`parties`).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Protocol

import msgspec
from cryptography.hazmat.primitives.ciphers import algorithms

from sscard.kernel.keyclient import KeyClient, KeyRefused
from sscard.kernel.refusals import Refusal
from sscard.kernel.typed import ready
from sscard.keys import recipes
from sscard.keys.errors import KeyFault

MAGIC: Final = "sscard-envelope-1"
DOMAIN: Final = b"sscard-envelope-1\n"
SCHEME: Final = "SM2-SM4GCM-SM3"
MOST_PARTS: Final = 10_000
_NAME: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,99}")  # a receiver may write parts to files of these names


class Signer(Protocol):
    def sign(self, message: bytes) -> bytes:
        """SM2 signature in DER."""


class Opener(Protocol):
    def unwrap(self, wrapped: bytes) -> bytes:
        """The file key; raises KeyFault or KeyRefused when it is not wrapped to this opener."""


@dataclass(frozen=True, slots=True)
class ServiceSigner:
    """Signs by the key service; `key` is `package:<area>`."""

    client: KeyClient
    key: str

    def sign(self, message: bytes) -> bytes:
        return self.client.sign(self.key, message)


@dataclass(frozen=True, slots=True)
class ServiceOpener:
    client: KeyClient
    key: str = "return_files"

    def unwrap(self, wrapped: bytes) -> bytes:
        return self.client.unwrap(self.key, wrapped)


class PartLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    size: int  # bytes, sealed
    sm3: str  # hex, of the sealed part


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    scheme: str
    batch: str
    sender: str
    receiver: str
    made_at: datetime
    expires_at: datetime
    wrapped_key: bytes
    receiver_key: str  # first 16 hex digits of the SM3 of the receiver's public key
    parts: list[PartLine]
    fields: dict[str, str | int]


class _Container(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    magic: str
    manifest: bytes
    signature: bytes
    parts: list[bytes]


@dataclass(frozen=True, slots=True)
class Opened:
    """A package whose origin, time and content were checked."""

    manifest: Manifest
    parts: Mapping[str, bytes] = field(repr=False)


class EnvelopeRefused(Refusal):
    """A package is not opened; the code says why, nothing of the content is given out."""


def fingerprint(public: bytes) -> str:
    """Short name of a public key, for people and manifests."""
    return recipes.sm3(public).hex()[:16]


def pack(
    parts: Mapping[str, bytes],
    *,
    batch: str,
    sender: str,
    receiver: str,
    made_at: datetime,
    expires_at: datetime,
    signer: Signer,
    receiver_public: bytes,
    fields: Mapping[str, str | int] | None = None,
) -> bytes:
    """The package as bytes. Raises KeyFault for a public key that is none, ValueError for a call out of order."""
    if not 1 <= len(parts) <= MOST_PARTS or not all(_NAME.fullmatch(name) for name in parts):
        raise ValueError("a package has parts, with names fit for files")
    if made_at.tzinfo is None or expires_at.tzinfo is None or expires_at <= made_at:
        raise ValueError("a package expires after it was made, both with a time zone")
    key = secrets.token_bytes(16)
    cipher = algorithms.SM4(key)
    sealed = [
        recipes.seal(cipher, 1, _place(batch, number, name), content)
        for number, (name, content) in enumerate(parts.items())
    ]
    manifest = Manifest(
        scheme=SCHEME,
        batch=batch,
        sender=sender,
        receiver=receiver,
        made_at=made_at.astimezone(UTC),
        expires_at=expires_at.astimezone(UTC),
        wrapped_key=recipes.sm2_encrypt(receiver_public, key),
        receiver_key=fingerprint(receiver_public),
        parts=[PartLine(name, len(b), recipes.sm3(b).hex()) for name, b in zip(parts, sealed, strict=True)],
        fields=dict(fields or {}),
    )
    exact = msgspec.json.encode(manifest)
    return msgspec.msgpack.encode(_Container(MAGIC, exact, signer.sign(DOMAIN + exact), sealed))


def peek(package: bytes) -> Manifest:
    """What the manifest claims, unchecked: to look up whose public key to check it with. Never act on it."""
    return _form(package)[1]


def open_envelope(
    package: bytes, *, sender: str, sender_public: bytes, receiver: str, opener: Opener, now: datetime
) -> Opened:
    """Check and open. `now` is real time with zone; a package is good before `expires_at`."""
    container, manifest = _form(package)
    if manifest.sender != sender:
        raise EnvelopeRefused("keys.envelope_sender", sender=manifest.sender)
    if not recipes.sm2_verify(sender_public, DOMAIN + container.manifest, container.signature):
        raise EnvelopeRefused("keys.envelope_signature", sender=sender)
    if manifest.receiver != receiver:
        raise EnvelopeRefused("keys.envelope_receiver", receiver=manifest.receiver)
    if now >= manifest.expires_at:
        raise EnvelopeRefused("keys.envelope_expired", expires_at=manifest.expires_at.isoformat())
    for line, sealed in zip(manifest.parts, container.parts, strict=True):
        if len(sealed) != line.size or recipes.sm3(sealed).hex() != line.sm3:
            raise EnvelopeRefused("keys.envelope_changed", part=line.name)
    try:
        key = opener.unwrap(manifest.wrapped_key)
    except (KeyFault, KeyRefused):
        raise EnvelopeRefused("keys.envelope_wrong_key") from None
    if len(key) != 16:
        raise EnvelopeRefused("keys.envelope_wrong_key")
    cipher = algorithms.SM4(key)
    parts = {}
    for number, (line, sealed) in enumerate(zip(manifest.parts, container.parts, strict=True)):
        try:
            parts[line.name] = recipes.unseal(cipher, _place(manifest.batch, number, line.name), sealed)
        except KeyFault:
            raise EnvelopeRefused("keys.envelope_changed", part=line.name) from None
    return Opened(manifest, parts)


def _form(package: bytes) -> tuple[_Container, Manifest]:
    try:
        container = msgspec.msgpack.decode(package, type=ready(_Container))
        manifest = msgspec.json.decode(container.manifest, type=ready(Manifest))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise EnvelopeRefused("keys.envelope_form") from None
    names = [line.name for line in manifest.parts]
    whole = container.magic == MAGIC and manifest.scheme == SCHEME and manifest.expires_at.tzinfo is not None
    whole = whole and all(_NAME.fullmatch(name) for name in names)
    if not whole or not 1 <= len(names) == len(container.parts) <= MOST_PARTS or len(set(names)) != len(names):
        raise EnvelopeRefused("keys.envelope_form")
    return container, manifest


def _place(batch: str, number: int, name: str) -> bytes:
    return f"{batch}|{number}|{name}".encode()
