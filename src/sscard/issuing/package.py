"""What goes to the producer: the cards of one batch, encrypted for that producer alone, signed, numbered, for a
limited time.

The package is written to the house's folder of packages before the release commits, under its digest; it is delivered
only if the batch is released and names this digest, so that what a failed release left behind never leaves the house.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from sscard.cards import key_sets
from sscard.cards.models import Card
from sscard.control.inside import Inside
from sscard.issuing.models import Application, Batch, BatchItem, ProducerKey
from sscard.issuing.personalising import Line, scripts
from sscard.issuing.producers import issuer_name
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import open_many
from sscard.keys import recipes
from sscard.keys.envelope import ServiceSigner, pack
from sscard.keys.store import write_durably
from sscard.law.areas import Area
from sscard.people.models import Person, Photo

PART: Final = 500
"""Cards in one part of the package; photos are opened and packed part by part."""
MOST_PHOTO_BYTES: Final = 200 << 20
DIGEST_BYTES: Final = 32


def build(
    inside: Inside,
    batch: Batch,
    items: Sequence[BatchItem],
    cards: Sequence[Card],
    producer: ProducerKey,
    *,
    made_at: datetime,
    expires_at: datetime,
) -> bytes:
    """The sealed package of a batch; what each card's script comes to is set on its item, its key set is written
    down. Raises issuing.package_large when the photos are too many bytes, issuing.not_on_chip, chip.no_key_service."""
    parts: dict[str, bytes] = {"order.json": _order(inside.area, batch, len(items))}
    weight = 0
    for number, (lines, photos, chips) in enumerate(_parts(inside, batch, items, cards, producer), 1):
        weight += len(photos)
        if weight > MOST_PHOTO_BYTES:
            raise Refusal("issuing.package_large", megabytes=MOST_PHOTO_BYTES >> 20)
        parts[f"cards-{number:03d}.json"] = lines
        parts[f"photos-{number:03d}.msgpack"] = photos
        parts[f"scripts-{number:03d}.msgpack"] = chips
    keys().ensure_area(inside.area_code)
    return pack(
        parts,
        batch=batch.number,
        sender=issuer_name(inside.area_code),
        receiver=batch.producer,
        made_at=made_at,
        expires_at=expires_at,
        signer=ServiceSigner(keys(), f"package:{inside.area_code}"),
        receiver_public=bytes(producer.receiving),
        fields={"package": batch.package_number or 0, "cards": len(items), "area": inside.area_code},
    )


def _order(area: Area, batch: Batch, cards: int) -> bytes:
    """What is the same for all cards."""
    return _json({
        "batch": batch.number, "area": area.code, "cards": cards, "product": batch.product, "chip": batch.chip,
        "bank": batch.bank, "issuer_zh": area.issuer_name("zh"), "issuer_en": area.issuer_name("en"),
        "issuer_id": area.issuer_id,
    })  # fmt: skip


def _parts(
    inside: Inside, batch: Batch, items: Sequence[BatchItem], cards: Sequence[Card], producer: ProducerKey
) -> Iterator[tuple[bytes, bytes, bytes]]:
    for start in range(0, len(items), PART):
        some, some_cards = items[start : start + PART], cards[start : start + PART]
        persons = [item.person_id for item in some]
        by_id = {p.person_id: p for p in Person.objects.filter(person_id__in=persons)}
        people = dict(zip(persons, open_many([by_id[p] for p in persons], "facts", inside), strict=True))
        accounts = _accounts(inside, some)
        photos = _photos(inside, some)
        facts = open_many(some_cards, "facts", inside)
        public = bytes(producer.receiving)
        lines, chips = [], []
        for item, card, numbers in zip(some, some_cards, facts, strict=True):
            person = by_id[item.person_id]
            lines.append({
                "serial": item.serial,
                "card_number": numbers["card_number"],
                "card_id_code": numbers["card_id_code"],
                "chip_serial": numbers["chip_serial"],
                "spec_version": card.spec_version,
                "name": people[item.person_id]["name"],
                "social_security_number": people[item.person_id]["id_number"],
                "sex": person.sex,
                "nation": person.nation,
                "birth_date": person.birth_date.isoformat(),
                "issue_date": card.issue_date.isoformat() if card.issue_date else "",
                "expires_on": card.expires_on.isoformat() if card.expires_on else "",
                "pan": accounts[item.application_id].get("pan", ""),
                "account": accounts[item.application_id].get("account", ""),
                "key": keys().card_key_for(numbers["card_id_code"], public).hex(),
            })  # fmt: skip
            chips.append(
                Line(
                    item.serial, card, numbers, person, people[item.person_id], lines[-1]["pan"],
                    photos.get(str(item.serial), ("", b""))[1],
                )
            )  # fmt: skip
        part = scripts(inside.area, batch.number, chips, public, inside.today)
        for item in some:
            item.script = part.digests[item.serial]
        key_sets.record([(card.person_id, card.card_id) for card in some_cards], part.key_set)
        yield _json(lines), msgspec.msgpack.encode(photos), part.raw


def _accounts(inside: Inside, items: Sequence[BatchItem]) -> dict[Any, Mapping[str, str]]:
    rows = list(
        Application.objects.filter(
            person_id__in=[item.person_id for item in items], application_id__in=[item.application_id for item in items]
        )
    )
    return {
        row.application_id: found or {} for row, found in zip(rows, open_many(rows, "account", inside), strict=True)
    }


def _photos(inside: Inside, items: Sequence[BatchItem]) -> dict[str, tuple[str, bytes]]:
    """Serial → media type and image, for those who have a photo."""
    serials = {item.person_id: item.serial for item in items}
    rows = list(Photo.objects.filter(person_id__in=list(serials), current=True))
    images = open_many(rows, "image", inside)
    return {str(serials[row.person_id]): (row.media_type, image) for row, image in zip(rows, images, strict=True)}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def folder() -> Path:
    """Where sealed packages lie; readable by the house only."""
    from django.conf import settings

    path: Path = settings.CONFIG.home / "packages"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def keep(package: bytes) -> bytes:
    """Write a package durably; answers with its SM3 digest, under which it is found again."""
    digest = recipes.sm3(package)
    write_durably(_path(digest), package)
    return digest


def read(batch: Batch) -> bytes:
    """The package of a released batch, compared with the digest that was released."""
    digest = bytes(batch.package_digest or b"")
    try:
        package = _path(digest).read_bytes()
    except OSError:
        raise Refusal("issuing.package_lost", number=batch.number) from None
    if len(digest) != DIGEST_BYTES or recipes.sm3(package) != digest:
        raise Refusal("issuing.package_lost", number=batch.number)
    return package


def _path(digest: bytes) -> Path:
    return folder() / f"{digest.hex()}.package"
