"""The photo as it goes on the chip: EF08 holds 4096 bytes of a JPEG or BMP (V2 table 3)."""

from __future__ import annotations

import io
from typing import Final

MOST: Final = 0x1000
_SIDES: Final = ((358, 441), (240, 296), (180, 222), (120, 148))
_QUALITIES: Final = (70, 50, 35, 25)
_AS_IT_IS: Final = (b"\xff\xd8\xff", b"BM")


def for_chip(image: bytes) -> bytes:
    """The picture itself where it fits, else the same picture smaller; b"" for bytes that are no picture."""
    if len(image) <= MOST and image.startswith(_AS_IT_IS):
        return image
    from PIL import Image, UnidentifiedImageError  # only here: most cards' photos fit, and most processes make none

    try:
        with Image.open(io.BytesIO(image)) as opened:
            colours = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return b""
    for sides in _SIDES:
        smaller = colours.copy()
        smaller.thumbnail(sides)
        for quality in _QUALITIES:
            out = io.BytesIO()
            smaller.save(out, "JPEG", quality=quality, optimize=True)
            if out.tell() <= MOST:
                return out.getvalue()
    return b""
