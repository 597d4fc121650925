"""Cards on their way: producers' keys, campaigns, batches on all stations. Used by the filling and by the story's steps."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sscard.chip.personal import demo
from sscard.sim import ministry
from sscard.sim.producer import Producer, Quality, set_up
from sscard.sim.story.client import Client, Refused
from sscard.sim.story.steps import must
from sscard.sim.story.world import World, fresh_seal

Say = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Maker:
    """A producer as the demo areas know it: its product and chip as in the production permit."""

    organisation: str
    supplier: str
    plant: str
    product: str
    chip: str
    cos: str


YUNSHAN = Maker("PRODUCER-YUNSHAN", "yunshan", "yunshan-1", "YS-3", "SC3-80", "YCOS-3.1")


@dataclass(frozen=True, slots=True)
class Plan:
    """One campaign of the filling. `upto`: applied, checked, asked, released or outlet."""

    area: str
    bank: str
    outlet: str
    most: int
    upto: str


PLANS = (
    Plan("990100", "CCB", "990100-B01", 220, "outlet"),
    Plan("990100", "ICBC", "990100-B02", 90, "released"),
    Plan("990100", "BOCOM", "990100-B01", 45, "asked"),
    Plan("990100", "ICBC", "990100-ICBC-01", 25, "checked"),
    Plan("990100", "CCB", "990100-B02", 15, "applied"),
    Plan("990200", "ABC", "990200-B01", 12, "outlet"),
    Plan("990200", "CCB", "990200-B02", 6, "applied"),
)
"""Children are applied for by campaign, as kindergartens and schools do it; below school age no photo is needed."""
STATIONS = ("applied", "checked", "asked", "released", "outlet")


def producers(world: World, maker: Maker = YUNSHAN) -> list[str]:
    """Make the producer's keys at the producer's, exchange the public halves, register them with two persons."""
    home = factory(world, maker)
    public = set_up(home, maker.organisation)
    Producer(home).trust(world.nobody().get(f"/api/areas/{world.area}/issuer-keys"))
    asked = world.staff("manager").act(
        "issuing.register_producer",
        producer=maker.organisation,
        supplier=maker.supplier,
        plant=maker.plant,
        signing=public["signing"],
        receiving=public["receiving"],
        qualified_until=(date.today() + timedelta(days=365)).isoformat(),  # noqa: DTZ011 - a year more or less
    )
    world.approve("reviewer", asked)
    return [maker.organisation]


def examine(world: World, maker: Maker = YUNSHAN) -> str:
    """A card of the product on the test bench, its report registered, the ministry's office's decision laid in, each by
    two persons. Returns the decision's number."""
    documents = world.home / "documents"
    card = demo.card(area=world.area)
    report, signature = ministry.examined(
        card, maker.supplier, maker.plant, maker.product, maker.chip, maker.cos, maker.organisation, documents
    )
    manager = world.staff("manager")
    asked = manager.act("issuing.register_examination", file=b64encode(report).decode(), signature=signature)
    world.approve("reviewer", asked)
    number = f"DEMO-T-{world.area}-{maker.product}"
    decision, seal = ministry.decide(report, signature, number=number, there=documents)
    asked = manager.act("issuing.import_decision", file=b64encode(decision).decode(), signature=seal)
    world.approve("reviewer", asked)
    return number


def factory(world: World, maker: Maker = YUNSHAN) -> Path:
    """The producer's own folder."""
    home = world.home / "demo" / maker.supplier
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home


def fill(world: World, say: Say) -> None:
    """All campaigns of this area, then their batches as far as each goes."""
    plans = [plan for plan in PLANS if plan.area == world.area]
    clerk, reviewer = world.staff("clerk"), world.staff("reviewer")
    batches: list[tuple[Plan, str]] = []
    for plan in plans:
        try:
            made = clerk.act("issuing.apply_many", bank=plan.bank, outlet=plan.outlet, most=plan.most, category="child")
        except Refused as no:
            if no.code != "issuing.nobody_to_apply":
                raise
            continue
        say("campaign", area=world.area, count=made["applications"], bank=plan.bank)
        if plan.upto == "applied":
            continue
        reviewer.act("issuing.check_campaign", campaign=made["campaign"], applications=made["applications"])
        if plan.upto != "checked":
            batches.append((plan, make_batch(world, plan.bank)))
    asked = {plan.bank: [] for plan, _ in batches}
    for plan, batch in batches:
        if at_least(plan, "asked"):
            asked[plan.bank].append((plan, batch))
            ask_bank(world, batch, plan.bank if at_least(plan, "released") else "later")
    for bank, some in asked.items():
        going = [batch for plan, batch in some if at_least(plan, "released")]
        if going:
            answer_bank(world, bank, going)
    for plan, batch in batches:
        if at_least(plan, "released"):
            release(world, batch)
        if at_least(plan, "outlet"):
            produce(world, batch)
            receive(world, batch)
            send_to_outlet(world, batch, plan.outlet, "clerk2")
        found = world.staff("stock").get(f"/api/batches/{batch}")
        say("batch", area=world.area, number=found["number"], ordered=found["ordered"], state=found["state"])


def at_least(plan: Plan, station: str) -> bool:
    return STATIONS.index(plan.upto) >= STATIONS.index(station)


# -- the way of a batch, step by step ----------------------------------------------------------------------------------


def make_batch(world: World, bank: str, maker: Maker = YUNSHAN) -> str:
    made = world.staff("stock").act(
        "issuing.make_batch", bank=bank, producer=maker.organisation, product=maker.product, chip=maker.chip
    )
    return str(made["batch"])


def ask_bank(world: World, batch: str, bank: str) -> Path:
    """The account-opening file, as the bureau lays it into the bank's inbox."""
    data = world.staff("stock").raw(
        "POST", f"/api/batches/{batch}/account-file", b"", **{"Idempotency-Key": f"file:{batch}"}
    )
    path = inbox(world, bank) / f"{batch}.open.csv"
    path.write_bytes(data)
    return path


def answer_bank(world: World, bank: str, batches: list[str]) -> list[dict[str, Any]]:
    """The bank's file program answers what lies in its inbox; the bureau takes the answers in."""
    key = world.book.programs()[f"bankfiles.{world.area}.{bank}"]
    into, out = inbox(world, bank), outbox(world, bank)
    world.run(
        "bank-files", "answer", str(into), str(out), "--program", key.name, "--lang", world.lang,
        SSCARD_PROGRAM_KEY=key.secret,
    )  # fmt: skip
    stock = world.staff("stock")
    answers = []
    for batch in batches:
        answer = out / f"{batch}.answer.csv"
        answers.append(stock.file(f"/api/batches/{batch}/account-answer", answer.name, answer.read_bytes()))
    return answers


def release(world: World, batch: str) -> dict[str, Any]:
    """By two persons: the stock keeper asks, the reviewer signs."""
    ordered = world.staff("stock").get(f"/api/batches/{batch}")["ordered"]
    asked = world.staff("stock").act("issuing.release_batch", batch=batch, cards=ordered)
    return world.approve("reviewer", asked)


def fetch(world: World, batch: str, maker: Maker = YUNSHAN) -> Path:
    """The producer's program fetches its package."""
    data = producer_program(world, maker).raw(
        "POST", f"/api/batches/{batch}/package", b"", **{"Idempotency-Key": f"package:{batch}"}
    )
    path = _folder(factory(world, maker) / "in") / f"{batch}.package"
    path.write_bytes(data)
    return path


def produce(world: World, batch: str, maker: Maker = YUNSHAN) -> dict[str, Any]:
    """Fetch, make, hand the signed return in; the producer works in this process, which is faster than as a program."""
    package, home = fetch(world, batch, maker), factory(world, maker)
    Producer(home).produce(package, _folder(home / "out"), world.wallet.folder, Quality(spoil=0.02))
    return hand_in_return(world, batch, maker)


def make(world: World, batch: str, maker: Maker = YUNSHAN, *, spoil: str = "2%") -> None:
    """The producer's program at work in its own folder."""
    home = factory(world, maker)
    into, out = _folder(home / "in"), _folder(home / "out")
    world.run(
        "producer", "run", "--inbox", str(into), "--outbox", str(out), "--home", str(home),
        "--wallet", str(world.wallet.folder), "--spoil", spoil,
    )  # fmt: skip
    must((out / f"{batch}.return").is_file(), "the producer's program left no return")


def hand_in_return(world: World, batch: str, maker: Maker = YUNSHAN) -> dict[str, Any]:
    answer = factory(world, maker) / "out" / f"{batch}.return"
    return producer_program(world, maker).file(f"/api/batches/{batch}/return", answer.name, answer.read_bytes())


def receive(world: World, batch: str) -> int:
    """The stock keeper counts the producer's boxes in; how many cards there were."""
    stock, counted = world.staff("stock"), 0
    shipment = json.loads((factory(world) / "out" / f"{batch}.shipment.json").read_text(encoding="utf-8"))
    for box in shipment["boxes"]:
        counted += box["cards"]
        stock.act("issuing.receive_shipment", seal=box["seal"], counted=box["cards"])
    return counted


def send_to_outlet(world: World, batch: str, outlet: str, receiver: str) -> dict[str, Any]:
    """A sealed box to the outlet, receipted there by somebody else."""
    sent = world.staff("stock").act("issuing.send_to_outlet", batch=batch, outlet=outlet, seal=fresh_seal(world.area))
    return world.staff(receiver).act("issuing.receive_at_outlet", seal=sent["seal"], counted=sent["cards"])


def producer_program(world: World, maker: Maker = YUNSHAN) -> Client:
    program = world.program(f"producer.{maker.supplier}")
    program.area = world.area
    return program


def inbox(world: World, bank: str) -> Path:
    return _folder(world.folder / f"{world.area}-{bank}-in")


def outbox(world: World, bank: str) -> Path:
    return _folder(world.folder / f"{world.area}-{bank}-out")


def _folder(path: Path) -> Path:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
