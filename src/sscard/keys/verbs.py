"""What may be asked of the key service. Each verb names the purpose it works with; there is no "decrypt anything".

A verb's arguments are checked against its annotations before it runs. Verbs marked `by_item` take a list as their last
argument and are served in slices, so that a large batch does not hold up a single question.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar, get_type_hints

import msgspec

from sscard.keys import recipes
from sscard.keys.catalogue import Purpose
from sscard.keys.ceremony import Ceremonies
from sscard.keys.errors import KeyFault
from sscard.keys.ring import KeyRing
from sscard.keys.store import SealedStore, Store

SLICE: Final = 250
"""Items between two looks at other callers: about 5 ms of most verbs."""
FROM: Final = "from "
"""A key set's note: the set above that it was dispersed from."""
Pairs = list[tuple[bytes, bytes]]
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(slots=True)
class House:
    """What verbs work with. `held` is None while the store is sealed: every verb that needs a key is refused then."""

    held: KeyRing | None
    store: Store
    home: Path
    virtual_devices: bool
    """Keys of virtual cards, PIN pads and readers may be handed to them, wrapped; and test keys stand for card keys."""
    ceremonies: Ceremonies = field(default_factory=Ceremonies)

    @property
    def ring(self) -> KeyRing:
        if self.held is None:
            raise KeyFault("keys.sealed")
        return self.held

    @property
    def sealed_store(self) -> SealedStore:
        if not isinstance(self.store, SealedStore):
            raise KeyFault("keys.store_needs_none", store=self.store.label)
        return self.store

    def open(self, secret: bytes) -> None:
        """The sealed store opens; nothing happens to one that is open."""
        if self.held is None:
            self.sealed_store.open(secret)
            self.held = KeyRing(self.home, self.store)


@dataclass(frozen=True, slots=True)
class Verb:
    function: Callable[..., Any]
    by_item: bool
    slice_of: int
    arguments: msgspec.msgpack.Decoder[Any]


VERBS: Final[dict[str, Verb]] = {}


def verb(*, by_item: bool = False, slice_of: int = SLICE) -> Callable[[Function], Function]:
    """Offer a function under its name; its annotations after `house` become the check of what comes in."""

    def offer(function: Function) -> Function:
        hints = get_type_hints(function)
        hints.pop("return", None)
        hints.pop("house")
        checked = tuple[tuple(hints.values())] if hints else tuple[()]  # type: ignore[misc]
        VERBS[function.__name__] = Verb(function, by_item, slice_of, msgspec.msgpack.Decoder(checked))
        return function

    return offer


@verb()
def ping(house: House) -> str:
    return "sscard.keys 1"


@verb()
def status(house: House) -> dict[str, Any]:
    """For the operator: keys without secrets, and own memory (others may not read it while dumps are off)."""
    return {
        "store": house.store.label,
        "sealed": house.held is None,
        "pss_kib": own_pss_kib(),
        "keys": [
            {
                "name": one.name,
                "version": one.version,
                "state": str(one.state),
                "algorithm": one.algorithm,
                "kcv": one.kcv,
                "made_at": one.made_at,
                "from": one.note.removeprefix(FROM) if one.note.startswith(FROM) else "",
            }
            for one in (house.held.records() if house.held else ())
        ],
    }


@verb(by_item=True)
def seal(house: House, purpose: str, items: Pairs) -> list[bytes]:
    """[(aad, clear)] → [blob]."""
    key = house.ring.active(Purpose.SEAL, purpose)
    sm4, version = key.sm4, key.version
    nonces = recipes.nonces(len(items))
    return [recipes.seal(sm4, version, aad, clear, nonce) for (aad, clear), nonce in zip(items, nonces, strict=True)]


@verb(by_item=True)
def unseal(house: House, purpose: str, items: Pairs) -> list[bytes]:
    """[(aad, blob)] → [clear]; one broken blob refuses the whole batch."""
    known = {key.version: key for key in house.ring.versions(Purpose.SEAL, purpose)}
    clear = []
    for aad, blob in items:
        key = known.get(recipes.sealed_version(blob))
        if key is None:
            raise KeyFault("keys.unknown_version", key=purpose, version=str(blob[1]))
        clear.append(recipes.unseal(key.sm4, aad, blob))
    return clear


@verb(by_item=True)
def blind(house: House, column: str, version: int, items: list[bytes]) -> list[bytes]:
    """Blind indices of normal forms; version 0 is the active one."""
    if version:
        key = house.ring.version(Purpose.BLIND, column, version)
    else:
        key = house.ring.active(Purpose.BLIND, column)
    return [recipes.hmac_sm3(key.hmac, item) for item in items]


@verb()
def versions(house: House, purpose: str, name: str) -> list[int]:
    """Versions of a key, newest first: while an index is rebuilt, look-ups ask with each."""
    try:
        wanted = Purpose(purpose)
    except ValueError:
        raise KeyFault("keys.unknown_key", key="") from None
    return [key.version for key in house.ring.versions(wanted, name)]


@verb(by_item=True)
def mac(house: House, key: str, items: list[bytes]) -> list[bytes]:
    active = house.ring.active(Purpose.MAC, key)
    return [recipes.hmac_sm3(active.hmac, item) for item in items]


@verb(by_item=True)
def verify_mac(house: House, key: str, items: Pairs) -> list[bool]:
    """[(message, mac)] → [fits]; MACs of older versions still fit."""
    known = house.ring.versions(Purpose.MAC, key)
    return [
        any([recipes.same(recipes.hmac_sm3(one.hmac, message), given) for one in known])  # noqa: C419 - all, always
        for message, given in items
    ]


@verb()
def sign(house: House, key: str, message: bytes) -> bytes:
    """SM2 signature in DER over the message, default signer id."""
    active = house.ring.active(Purpose.SIGN, key)
    return recipes.sm2_sign(active.secret, active.public, message)


@verb()
def verify(house: House, key: str, message: bytes, signature: bytes) -> bool:
    known = house.ring.versions(Purpose.SIGN, key)
    return any(recipes.sm2_verify(one.public, message, signature) for one in known)


@verb()
def public_key(house: House, key: str) -> bytes:
    """64 bytes x ‖ y of a signing key, of `return_files` or `key_sets`."""
    purpose = Purpose.UNWRAP if key in ("return_files", "key_sets") else Purpose.SIGN
    return house.ring.active(purpose, key).public


@verb()
def ensure_area(house: House, area: str) -> bytes:
    """Make the area's package signing key if it has none; its public key."""
    house.ring.ensure_area(area)
    return house.ring.active(Purpose.SIGN, f"package:{area}").public


@verb()
def wrap_for(house: House, public: bytes, data: bytes) -> bytes:
    """Encrypt a short key (1–255 bytes) to somebody's SM2 public key."""
    return recipes.sm2_encrypt(public, data)


@verb()
def unwrap(house: House, key: str, wrapped: bytes) -> bytes:
    """The file key that a partner wrapped to our receiving key; what holds card keys is not opened for anybody."""
    if key == "key_sets":
        raise KeyFault("keys.wrong_purpose", key=key, verb="unwrap")
    for one in house.ring.versions(Purpose.UNWRAP, key):
        try:
            return recipes.sm2_decrypt(one.secret, wrapped)
        except KeyFault:
            continue
    raise KeyFault("keys.wrap_broken")


def own_pss_kib() -> int:
    """Proportional memory of this process in KiB."""
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0
