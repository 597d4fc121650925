"""The producer's folder, and its work on a package from the inbox to the signed return in the outbox."""

from __future__ import annotations

import json
import os
import random
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from sscard.chip.drawer import Drawer
from sscard.chip.faults import ChipFault
from sscard.chip.personal.script import Script
from sscard.kernel.refusals import Refusal
from sscard.kernel.typed import ready
from sscard.keys import recipes
from sscard.keys.envelope import Opened, fingerprint, open_envelope, pack, peek
from sscard.keys.parties import PartyKeys
from sscard.keys.store import write_durably
from sscard.sim.devices.wallet import Wallet
from sscard.sim.producer import factory, press
from sscard.sim.producer.factory import Made, Quality

PACKAGES, RETURNS = "*.package", ".return"
RETURN_LIFE: Final = timedelta(days=14)
_ISSUER: Final = re.compile(r"issuer:[0-9]{6}")


class _Name(msgspec.Struct, forbid_unknown_fields=True):
    code: str


class _Trust(msgspec.Struct, forbid_unknown_fields=True):
    issuer: str
    signing: str
    receiving: str


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one package file. `repeated`: it was made before, the same return was written again."""

    package: Path
    answer: Path
    batch: str
    totals: dict[str, int]
    boxes: list[dict[str, Any]]
    repeated: bool = False


def set_up(home: Path, code: str) -> dict[str, str]:
    """Make the folder and the two key pairs, or find them; the public halves, to be registered by the issuer."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = PartyKeys.load_or_make(home / "keys.json")
    write_durably(home / "producer.json", msgspec.json.encode(_Name(code)))
    return {
        "producer": code,
        "signing": keys.signing.public.hex(),
        "receiving": keys.receiving.public.hex(),
        "signing_fingerprint": fingerprint(keys.signing.public),
        "receiving_fingerprint": fingerprint(keys.receiving.public),
    }


class Producer:
    """The program on its own folder. Raises sim.producer_not_set_up."""

    def __init__(self, home: Path) -> None:
        self.home = home
        try:
            self.code = msgspec.json.decode((home / "producer.json").read_bytes(), type=ready(_Name)).code
            self.keys = PartyKeys.load(home / "keys.json")
        except (OSError, msgspec.MsgspecError):
            raise Refusal("sim.producer_not_set_up", folder=home.name) from None

    def trust(self, issuer: dict[str, str]) -> None:
        """Keep an issuing area's public keys, compared by fingerprint beforehand."""
        try:
            found = msgspec.convert(issuer, type=ready(_Trust))
            sound = len(bytes.fromhex(found.signing)) == len(bytes.fromhex(found.receiving)) == 64
        except (msgspec.MsgspecError, ValueError):
            sound = False
        if not sound or not _ISSUER.fullmatch(found.issuer):
            raise Refusal("sim.producer_trust_form")
        (self.home / "trust").mkdir(mode=0o700, exist_ok=True)
        write_durably(self._trust_file(found.issuer), msgspec.json.encode(found))

    def run(
        self,
        inbox: Path,
        outbox: Path,
        wallet: Path,
        quality: Quality,
        *,
        seed: int | None = None,
        drawer: Drawer | None = None,
    ) -> Iterator[Done | tuple[Path, Refusal]]:
        """Make all packages that have no return yet; one that is refused does not stop the others."""
        outbox.mkdir(parents=True, exist_ok=True)
        for path in sorted(inbox.glob(PACKAGES)):
            if (outbox / (path.stem + RETURNS)).exists():
                continue
            try:
                yield self.produce(path, outbox, wallet, quality, seed=seed, drawer=drawer)
            except Refusal as refusal:
                yield path, refusal

    def watch(
        self,
        inbox: Path,
        outbox: Path,
        wallet: Path,
        quality: Quality,
        *,
        seed: int | None,
        seconds: float,
        drawer: Drawer | None = None,
    ) -> Iterator[Done | tuple[Path, Refusal]]:
        """Like `run`, again and again until the program is ended; a refused file is named once."""
        refused: set[Path] = set()
        while True:
            for one in self.run(inbox, outbox, wallet, quality, seed=seed, drawer=drawer):
                path = one.package if isinstance(one, Done) else one[0]
                if path not in refused:
                    yield one
                if not isinstance(one, Done):
                    refused.add(path)
            time.sleep(seconds)

    def produce(
        self,
        path: Path,
        outbox: Path,
        wallet: Path,
        quality: Quality,
        *,
        seed: int | None = None,
        drawer: Drawer | None = None,
    ) -> Done:
        """One package; its chips lie in the drawer, by default beside the wallet. The same package a second time makes
        no second cards: the first return is written again. A run that was cut off goes on where it was: with the same
        chances, and every chip that is finished stays the one it is."""
        package = path.read_bytes()
        digest = recipes.sm3(package).hex()
        answer, kept = outbox / (path.stem + RETURNS), self.home / "made" / digest
        outbox.mkdir(parents=True, exist_ok=True)
        if kept.is_file():
            stored = json.loads(kept.with_suffix(".json").read_text(encoding="utf-8"))
            write_durably(answer, kept.read_bytes())
            return Done(path, answer, stored["batch"], stored["totals"], stored["boxes"], repeated=True)
        opened, trust = self._open(package)
        order, ordered, photos, scripts = _content(opened)
        chance = random.Random(f"{self._seed(kept, seed)}:{order['batch']}")
        unwrap = self.keys.receiving.unwrap
        machine = press.Press(order["area"], scripts, drawer or Drawer(wallet.parent / "drawer"), unwrap)
        made = factory.make(order, ordered, photos, quality, chance, unwrap, machine)
        shelf = Wallet(wallet)
        for card in made.cards:
            shelf.keep_card(card.social_security_number, card)  # type: ignore[arg-type]
        sealed = self._return(opened, trust, made, digest)
        facts = {"batch": order["batch"], "totals": made.totals, "boxes": made.boxes}
        write_durably(kept.with_suffix(".json"), json.dumps(facts).encode())
        write_durably(kept, sealed)
        write_durably(answer, sealed)
        write_durably(outbox / f"{path.stem}.shipment.json", json.dumps(facts, indent=1).encode())
        return Done(path, answer, order["batch"], made.totals, made.boxes)

    def _seed(self, kept: Path, seed: int | None) -> int:
        """The chances of this package, the same when it is begun again."""
        begun = kept.with_suffix(".begun")
        if not begun.is_file():
            kept.parent.mkdir(mode=0o700, exist_ok=True)
            write_durably(begun, str(secrets.randbits(48) if seed is None else seed).encode())
        return int(begun.read_text(encoding="ascii"))

    def _open(self, package: bytes) -> tuple[Opened, _Trust]:
        sender = peek(package).sender
        if not _ISSUER.fullmatch(sender) or not (file := self._trust_file(sender)).is_file():
            raise Refusal("sim.producer_issuer_unknown", issuer=sender[:40])
        trust = msgspec.json.decode(file.read_bytes(), type=ready(_Trust))
        opened = open_envelope(
            package,
            sender=trust.issuer,
            sender_public=bytes.fromhex(trust.signing),
            receiver=self.code,
            opener=self.keys.receiving,
            now=datetime.now(UTC),
        )
        return opened, trust

    def _return(self, opened: Opened, trust: _Trust, made: Made, digest: str) -> bytes:
        now = datetime.now(UTC)
        parts = {"cards.json": made.lines, "totals.json": made.totals, "shipment.json": made.boxes}
        return pack(
            {name: json.dumps(value, separators=(",", ":")).encode() for name, value in parts.items()},
            batch=opened.manifest.batch,
            sender=self.code,
            receiver=trust.issuer,
            made_at=now,
            expires_at=now + RETURN_LIFE,
            signer=self.keys.signing,
            receiver_public=bytes.fromhex(trust.receiving),
            fields={"package": digest, "cards": len(made.lines)},
        )

    def _trust_file(self, issuer: str) -> Path:
        return self.home / "trust" / f"{issuer.partition(':')[2]}.json"


def _content(
    opened: Opened,
) -> tuple[dict[str, Any], list[dict[str, Any]], frozenset[str], dict[int, tuple[bytes, Script]]]:
    """The order, its cards, the serials of those with a photo, and the script of each chip. Raises
    sim.producer_package_odd when they do not belong together."""
    order = json.loads(opened.parts["order.json"])
    ordered: list[dict[str, Any]] = []
    photos: set[str] = set()
    for name, part in opened.parts.items():
        if name.startswith("cards-"):
            ordered += json.loads(part)
        elif name.startswith("photos-"):
            photos |= set(msgspec.msgpack.decode(part))
    try:
        scripts = press.read(opened.parts)
    except (msgspec.MsgspecError, ChipFault):
        scripts = {}
    codes = {one["serial"]: one["card_id_code"] for one in ordered}
    whole = len(ordered) == order["cards"] == len(set(codes.values()))
    if not whole or codes != {serial: one.code for serial, (_, one) in scripts.items()}:
        raise Refusal("sim.producer_package_odd", batch=opened.manifest.batch)
    return order, ordered, frozenset(photos), scripts


def default_home(inbox: Path) -> Path:
    """The producer's own folder when none is named: beside its inbox."""
    return Path(os.environ.get("SSCARD_PRODUCER_HOME") or inbox.resolve().parent)
