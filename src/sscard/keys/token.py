"""Root key in a PKCS#11 token: an AES-256 key that never leaves it wraps and unwraps the keys of the ring inside.

Settings, from the environment of the key service alone:

    SSCARD_HSM_MODULE      the token's library, e.g. /usr/lib/softhsm/libsofthsm2.so
    SSCARD_HSM_TOKEN       label of the token (default sscard)
    SSCARD_HSM_PIN_FILE    file with the user PIN, readable by the service's user only

A token that knows no SM4 (SoftHSM, most international ones) wraps by AES-GCM; the keys of the ring are in clear in this
process while they are in use. The slot for a national HSM, where they are not, is described in docs/keys.md.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any, Final

from sscard.keys.errors import KeyFault
from sscard.keys.store import RING_FILE, write_durably

SCHEME: Final = 3  # AES-256-GCM inside a token; the first byte of what it wraps
KEY_LABEL: Final = "sscard-root"
TRIES_FILE: Final = "token-tries"
MOST_TRIES: Final = 3
NONCE: Final = 12
TAG_BITS: Final = 128


class TokenStore:
    """Opens the token at once; call after the last fork. Wrong PINs are counted here, because not every token does."""

    label = "PKCS#11 token"
    fit_for_production = True

    def __init__(self, home: Path) -> None:
        self._home = home
        self._session = self._opened()
        self._key = self._root()
        self.label = f"PKCS#11 token, {_setting('SSCARD_HSM_TOKEN', 'sscard')}"

    def wrap(self, about: bytes, secret: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        return bytes((SCHEME,)) + nonce + bytes(self._key.encrypt(secret, **_gcm(nonce, about)))

    def unwrap(self, about: bytes, wrapped: bytes) -> bytes:
        from pkcs11.exceptions import PKCS11Error

        if len(wrapped) <= 1 + NONCE or wrapped[0] != SCHEME:
            raise KeyFault("keys.scheme_unknown", scheme=str(wrapped[0] if wrapped else 0))
        try:
            return bytes(self._key.decrypt(wrapped[1 + NONCE :], **_gcm(wrapped[1 : 1 + NONCE], about)))
        except PKCS11Error:
            raise KeyFault("keys.seal_broken") from None

    def _opened(self) -> Any:
        import pkcs11
        from pkcs11 import exceptions

        path, pin = _setting("SSCARD_HSM_MODULE"), Path(_setting("SSCARD_HSM_PIN_FILE"))
        if not Path(path).is_file() or not pin.is_file():
            raise KeyFault("keys.token_settings")
        tries = self._tries()
        if tries >= MOST_TRIES:
            raise KeyFault("keys.token_locked", file=TRIES_FILE)
        try:
            token = pkcs11.lib(path).get_token(token_label=_setting("SSCARD_HSM_TOKEN", "sscard"))
        except (exceptions.NoSuchToken, exceptions.PKCS11Error, RuntimeError):
            raise KeyFault("keys.token_missing") from None
        self._count(tries + 1)  # before the try, so that a killed one counts too
        try:
            session = token.open(rw=True, user_pin=pin.read_text().strip())
        except (exceptions.PinIncorrect, exceptions.PinLenRange, exceptions.PinLocked):
            raise KeyFault("keys.token_pin", left=str(MOST_TRIES - tries - 1)) from None
        self._count(0)
        return session

    def _root(self) -> Any:
        from pkcs11 import Attribute, KeyType, ObjectClass
        from pkcs11.exceptions import NoSuchKey

        try:
            return self._session.get_key(label=KEY_LABEL, object_class=ObjectClass.SECRET_KEY)
        except NoSuchKey:
            if (self._home / RING_FILE).exists():
                raise KeyFault("keys.root_missing", file=KEY_LABEL) from None
        template = {Attribute.EXTRACTABLE: False, Attribute.SENSITIVE: True, Attribute.MODIFIABLE: False}
        return self._session.generate_key(KeyType.AES, 256, label=KEY_LABEL, store=True, template=template)

    def _tries(self) -> int:
        path = self._home / TRIES_FILE
        return int(path.read_text() or 0) if path.exists() else 0

    def _count(self, tries: int) -> None:
        write_durably(self._home / TRIES_FILE, str(tries).encode())


def _gcm(nonce: bytes, about: bytes) -> dict[str, Any]:
    from pkcs11 import GCMParams, Mechanism

    return {"mechanism": Mechanism.AES_GCM, "mechanism_param": GCMParams(nonce, about, TAG_BITS)}


def _setting(name: str, default: str = "") -> str:
    return os.environ.get(name, default)
