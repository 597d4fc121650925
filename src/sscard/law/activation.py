"""Putting a signed area pack into force, and reading the packs that are.

The act with its right, its four eyes and its audit row stands in room `control`; it calls `activate` inside its unit of
work, with the two persons whom the door has made sure of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured, SynchronousOnlyOperation
from django.db import Error, connection, transaction
from django.db.models import Max

from sscard.kernel import clock
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.law.cases import run_cases
from sscard.law.compare import Difference, differences
from sscard.law.models import ActiveArea, AreaPack
from sscard.law.pack import OpenedPack, open_pack

SIGNING_KEY = "area_pack"
T = TypeVar("T")


def _own_key() -> Mapping[str, bytes]:
    return {SIGNING_KEY: keys().public_key(SIGNING_KEY)}


trusted_signers: Callable[[], Mapping[str, bytes]] = _own_key  # port: public keys (64 bytes) by the signer's name


def inspect(archive: bytes) -> OpenedPack:
    """Open a pack with every check, its worked examples and its version included; nothing changes."""
    pack = open_pack(archive, trusted_signers())
    _require_usable(pack)
    return pack


def _require_usable(pack: OpenedPack) -> None:
    if failed := run_cases(pack.area):
        raise Refusal("law.pack_faulty", faults=failed, area=pack.area.code, count=len(failed))
    pack.require_newer_than(version_used(pack.area.code))


def changes(pack: OpenedPack) -> list[Difference]:
    """What would change against what holds now: what maker and checker look at."""
    try:
        return differences(areas.get(pack.area.code), pack.area)
    except Refusal:  # a new area, or one whose folder can't be read: there is nothing to compare with
        return []


def version_used(area_code: str) -> int:
    """The highest version that has been in force. The first pack may repeat the folder's version."""
    last = AreaPack.objects.filter(area_code=area_code).aggregate(last=Max("version"))["last"]
    if last is not None:
        return int(last)
    try:
        return areas.get(area_code).version - 1
    except Refusal:
        return 0


def activate(archive: bytes, maker: str, checker: str, on: date) -> dict[str, str | int]:
    """Put a pack into force from the day `on` (today, by the area's clock). Runs inside the act's unit of work.

    Refused: whatever `open_pack` refuses, a version not newer, examples that don't come out, one person as both.
    Two packs at once: the second waits for the first, then is not newer any more.
    """
    if str(maker) == str(checker):
        raise Refusal("law.pack_same_person")
    opened = open_pack(archive, trusted_signers())
    code = opened.area.code
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"law.area_pack:{code}"])
    _require_usable(opened)
    before = ActiveArea.objects.filter(pk=code).select_related("pack").first()
    row = AreaPack.objects.create(
        area_code=code,
        version=opened.manifest.version,
        digest=opened.digest,
        archive=archive,
        signer=opened.manifest.signer,
        maker=str(maker),
        checker=str(checker),
        active_from=on,
        recorded_at=clock.real_now(),
    )
    ActiveArea.objects.update_or_create(area_code=code, defaults={"pack": row})
    transaction.on_commit(areas.forget)
    return {
        "area": code,
        "version": row.version,
        "digest": row.digest,
        "signer": row.signer,
        "previous_version": before.pack.version if before else 0,
    }


def digests_in_force() -> Mapping[str, str] | None:
    """{area code: digest} of the packs in force; None when there is no database to ask, here or now."""
    try:
        return _off_the_loop(lambda: dict(ActiveArea.objects.values_list("area_code", "pack__digest")))
    except (Error, ImproperlyConfigured, RuntimeError):
        return None


def files_in_force(area_code: str, digest: str) -> Mapping[str, bytes]:
    """The files of a pack in force. Opened with every check again: a database is no more to be trusted than a disk."""
    row = _off_the_loop(lambda: AreaPack.objects.get(area_code=area_code, digest=digest))
    return open_pack(bytes(row.archive), trusted_signers()).files


def _off_the_loop(ask: Callable[[], T]) -> T:
    """Ask the database; from within an event loop, where Django does not, by a thread. It is rare and short."""
    try:
        return ask()
    except SynchronousOnlyOperation:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(_ask_and_close, ask).result()


def _ask_and_close(ask: Callable[[], T]) -> T:
    try:
        return ask()
    finally:
        connection.close()
