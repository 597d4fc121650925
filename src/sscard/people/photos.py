"""A person's photo: checked by its own bytes, sealed, the newest is the current one."""

from __future__ import annotations

import io
import struct
import zlib

from sscard.control.inside import Inside
from sscard.kernel import ids
from sscard.kernel.refusals import Refusal
from sscard.people.models import Person, Photo

MOST_BYTES = 512 * 1024
MOST_PIXELS = 4_000_000


def keep(inside: Inside, person_id: int, image: bytes) -> None:
    """Keep a photo as the current one. Raises people.photo_* refusals."""
    media_type = check(image)
    Photo.objects.filter(person_id=person_id, current=True).update(current=False)
    Photo(
        person_id=person_id,
        photo_id=ids.new_id(),
        area_code=inside.area_code,
        image=image,
        media_type=media_type,
        taken_at=inside.now,
    ).save(force_insert=True)
    Person.objects.filter(person_id=person_id).update(has_photo=True)


def check(image: bytes) -> str:
    """The media type of a picture that may be kept. Raises people.photo_* refusals."""
    media_type, width, height = measure(image)
    if len(image) > MOST_BYTES or width * height > MOST_PIXELS:
        raise Refusal("people.photo_large", kilobytes=MOST_BYTES // 1024)
    if not _opens(image, media_type, (width, height)):
        raise Refusal("people.photo_broken")
    return media_type


def _opens(image: bytes, media_type: str, size: tuple[int, int]) -> bool:
    """The whole picture can be decoded, and is as large as its head says; its bounds were looked at before."""
    from PIL import Image  # only here: most processes see no photo

    try:
        with Image.open(io.BytesIO(image), formats=[media_type.removeprefix("image/").upper()]) as opened:
            opened.load()
            return opened.size == size
    except (
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        IndexError,
        struct.error,
        zlib.error,
        Image.DecompressionBombError,
    ):
        return False


def measure(image: bytes) -> tuple[str, int, int]:
    """Media type, width and height of a PNG or JPEG, read from its own head; nothing is decoded."""
    if image[:8] == b"\x89PNG\r\n\x1a\n" and image[12:16] == b"IHDR":
        return "image/png", int.from_bytes(image[16:20], "big"), int.from_bytes(image[20:24], "big")
    if image[:3] == b"\xff\xd8\xff":
        at = 2
        while at + 9 < len(image) and image[at] == 0xFF:
            marker, length = image[at + 1], int.from_bytes(image[at + 2 : at + 4], "big")
            if marker in (0xC0, 0xC1, 0xC2):
                height, width = (
                    int.from_bytes(image[at + 5 : at + 7], "big"),
                    int.from_bytes(image[at + 7 : at + 9], "big"),
                )
                return "image/jpeg", width, height
            at += 2 + length
    raise Refusal("people.photo_kind")
