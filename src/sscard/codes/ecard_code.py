"""The dynamic code of the electronic card (电子社保卡动态码): what a QR code on a phone says, and how it is written.

    SSC1.<body>.<signature>

`body` is base64url (without padding) of a JSON object, `signature` base64url of the national platform's SM2 signature (DER,
SM3, default signer id) over the ASCII text before the second dot. Nothing personal stands in it: `n` is drawn at random for
this one code, `h` stands for the card for one day only.

>>> code = Claims("990100", 1, 1_790_000_000, 60, "ABCDEFGHJKMN", "00112233aabbccdd", "NP-1")
>>> Claims.parse(code.text() + "." + pack(b"signature"))[0] == code
True
>>> spoken("abcd-efgh-jkmn")
'ABCDEFGHJKMN'
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Final

from sscard.codes.errors import NumberFault
from sscard.codes.text import normal

MARK: Final = "SSC1"
LONGEST: Final = 600
SPOKEN_LENGTH: Final = 12
_SPOKEN: Final = re.compile(r"[2-9A-HJKMNP-Z]{12}")
_PART: Final = re.compile(r"[A-Za-z0-9_-]{4,400}")
_FORMS: Final = {
    "a": re.compile(r"[0-9]{6}"),
    "n": _SPOKEN,
    "h": re.compile(r"[0-9a-f]{16}"),
    "k": re.compile(r"[A-Z]{1,8}-[0-9]{1,3}"),
}


@dataclass(frozen=True, slots=True)
class Claims:
    """`issued`: seconds since 1970 by the platform's clock, good for `seconds`. `number`: this one code's, which is also
    read out or typed. `handle`: stands for the card on the day of issue, as in the list of stopped cards."""

    area: str
    level: int
    issued: int
    seconds: int
    number: str
    handle: str
    key: str

    @property
    def expires(self) -> int:
        return self.issued + self.seconds

    def text(self) -> str:
        """What is signed: mark and body."""
        body = {
            "a": self.area, "l": self.level, "i": self.issued, "s": self.seconds,
            "n": self.number, "h": self.handle, "k": self.key,
        }  # fmt: skip
        return f"{MARK}.{pack(json.dumps(body, separators=(',', ':')).encode())}"

    @classmethod
    def parse(cls, code: str) -> tuple[Claims, bytes, bytes]:
        """Claims, the signed bytes and the signature; whether it fits is another question. Raises
        `codes.ecard_code_form` for whatever is no such code."""
        parts = code.strip().split(".")
        if len(code) > LONGEST or len(parts) != 3 or parts[0] != MARK or not all(map(_PART.fullmatch, parts[1:])):
            raise NumberFault("codes.ecard_code_form")
        body = _body(parts[1])
        numbers = [body.get(name) for name in ("l", "i", "s")]
        if set(body) != {"a", "l", "i", "s", "n", "h", "k"} or any(type(one) is not int for one in numbers):
            raise NumberFault("codes.ecard_code_form")
        for name, form in _FORMS.items():
            value = body[name]
            if not isinstance(value, str) or not form.fullmatch(value):
                raise NumberFault("codes.ecard_code_form")
        level, issued, seconds = (int(one) for one in numbers if isinstance(one, int))
        if level not in (1, 2) or not 0 < issued < 2**40 or not 0 < seconds <= 600:
            raise NumberFault("codes.ecard_code_form")
        claims = cls(str(body["a"]), level, issued, seconds, str(body["n"]), str(body["h"]), str(body["k"]))
        return claims, f"{parts[0]}.{parts[1]}".encode(), unpack(parts[2])


def spoken(text: str) -> str:
    """The number that stands below the picture, as somebody types it. Raises `codes.ecard_number_form`."""
    number = normal(text).replace("-", "").replace(" ", "")
    if not _SPOKEN.fullmatch(number):
        raise NumberFault("codes.ecard_number_form", length=SPOKEN_LENGTH)
    return number


def pack(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unpack(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise NumberFault("codes.ecard_code_form") from None


def _body(text: str) -> dict[str, object]:
    try:
        found = json.loads(unpack(text))
    except (ValueError, RecursionError):
        raise NumberFault("codes.ecard_code_form") from None
    if not isinstance(found, dict):
        raise NumberFault("codes.ecard_code_form")
    return found
