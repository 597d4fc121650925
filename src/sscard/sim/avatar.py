"""A drawn face as a PNG of 358 x 441 pixels on white: the size of a card photo, and nobody's likeness.

Few colours and horizontal runs: a picture is some three kilobytes and takes about a millisecond.
"""

from __future__ import annotations

import random
import struct
import zlib

WIDTH, HEIGHT = 358, 441
_SKIN = ((0xF2, 0xD6, 0xBD), (0xE8, 0xC1, 0xA0), (0xDD, 0xB0, 0x8C))
_HAIR = ((0x22, 0x1E, 0x1C), (0x3A, 0x2A, 0x20), (0x55, 0x4C, 0x48))
_CLOTH = ((0x2F, 0x4B, 0x7C), (0x66, 0x51, 0x91), (0x3D, 0x6B, 0x5A), (0x7A, 0x3B, 0x3B), (0x44, 0x44, 0x4A))
_GREY = (0xC9, 0xC9, 0xC9)
_WHITE, _FACE, _TOP, _COAT, _DARK = range(5)

Shape = tuple[int, float, float, float, float]
"""Colour, centre x and y, half width and half height of an ellipse."""


def avatar(seed: str, *, female: bool = False, old: bool = False) -> bytes:
    """The PNG file of a face; the same seed gives the same face."""
    dice = random.Random(f"avatar:{seed}")
    wide, tall = 84 + dice.uniform(-8, 8), 112 + dice.uniform(-8, 8)
    hair = wide * (1.28 if female else 1.1)
    shapes: list[Shape] = [
        (_TOP, 179, 205, hair, tall * (1.35 if female else 1.0)),
        (_COAT, 179, 470, 165 + dice.uniform(-12, 8), 120),
        (_FACE, 179, 330, 36, 60),
        (_FACE, 179, 215, wide, tall),
        (_TOP, 179, 215 - tall * 0.84, wide * 0.98, tall * dice.uniform(0.24, 0.36)),
        *((_DARK, 179 + side * wide * 0.42, 208, 9, 6) for side in (-1, 1)),
        (_DARK, 179, 272, dice.uniform(16, 30), 4),
    ]
    palette = [
        (255, 255, 255),
        dice.choice(_SKIN),
        _GREY if old else dice.choice(_HAIR),
        dice.choice(_CLOTH),
        (60, 40, 40),
    ]
    rows = b"".join(b"\0" + _row(y, shapes) for y in range(HEIGHT))
    return _png(rows, palette)


def _row(y: int, shapes: list[Shape]) -> bytes:
    row = bytearray(WIDTH)
    for colour, x, middle, half_width, half_height in shapes:
        share = 1 - ((y - middle) / half_height) ** 2
        if share > 0:
            reach = half_width * share**0.5
            left, right = max(int(x - reach), 0), min(int(x + reach), WIDTH)
            row[left:right] = bytes((colour,)) * (right - left)
    return bytes(row)


def _png(rows: bytes, palette: list[tuple[int, int, int]]) -> bytes:
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", header), (b"PLTE", bytes(sum(palette, ()))), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
