"""Chapter two: from the application to the card in its holder's hand, every card accounted for on the way."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from sscard.codes import card_identification_code, card_number, pan
from sscard.sim.story import cards
from sscard.sim.story.cards import YUNSHAN
from sscard.sim.story.client import Refused
from sscard.sim.story.steps import Chapter, Step, Wrong, must
from sscard.sim.story.world import World


def papers(world: World, code: str) -> list[str]:
    """What the area asks to see for a matter, as the guide tells it."""
    found = world.nobody().get(f"/api/areas/{world.area}/papers/{code}")
    return [paper["code"] for paper in found if paper["needed"]]


def which_bank(world: World) -> dict[str, Any]:
    """Anybody may ask: no sign-in."""
    found = world.nobody().get(f"/api/areas/{world.area}/banks")
    mine = next(bank for bank in found["banks"] if bank["code"] == world.place.bank)
    must(any(one["code"] == world.place.branch for one in mine["outlets"]), "the branch is not in the list")
    return {"banks": "、".join(bank["name"] for bank in found["banks"]) if world.lang == "zh" else
            ", ".join(bank["name"] for bank in found["banks"]), "where": found["where_to_look"]}  # fmt: skip


def without_papers(world: World) -> dict[str, Any]:
    """Everything that is missing is named at once."""
    place = world.place
    return dict(
        world.staff("clerk").act(
            "issuing.apply", person=world.hero.public, bank="ABC" if world.area == "990100" else "ICBC",
            outlet=place.hall, papers=[],
        )
    )  # fmt: skip


def own_card(world: World) -> dict[str, Any]:
    """The clerk is a resident, too; his own card is a colleague's business."""
    member = world.book.staff()[f"clerk.{world.area}"]
    form = {
        "id_number": member.id_number, "name": member.name, "sex": "1", "birth_date": member.id_number[6:14],
        "nation": "01", "category": "flexible", "phone": world.hero.phone,
        "household_address": "云溪市溪东区清泉路1号",
    }  # fmt: skip
    colleague = world.staff("clerk2")
    done = colleague.act("people.register", form=form)
    person = done.get("person") or colleague.get("/api/people", q=member.id_number)[0]["public_id"]
    return dict(
        world.staff("clerk").act(
            "issuing.apply", person=person, bank=world.place.bank, outlet=world.place.hall,
            papers=papers(world, "apply"),
        )
    )  # fmt: skip


def apply(world: World) -> dict[str, Any]:
    for name in world.heroes:
        hero = world.heroes[name]
        done = world.staff("clerk").act(
            "issuing.apply", person=hero.public, bank=world.place.bank, outlet=world.place.hall,
            papers=papers(world, "apply"),
        )  # fmt: skip
        must(done["state"] == "applied", str(done))
        hero.application = done["application"]
    return {}


def twice(world: World) -> dict[str, Any]:
    return dict(
        world.staff("clerk").act(
            "issuing.apply", person=world.hero.public, bank=world.place.bank, outlet=world.place.hall,
            papers=papers(world, "apply"),
        )
    )  # fmt: skip


def clerk_checks(world: World) -> dict[str, Any]:
    return dict(world.staff("clerk").act("issuing.check", application=world.hero.application))


def check(world: World) -> dict[str, Any]:
    for name in world.heroes:
        done = world.staff("reviewer").act("issuing.check", application=world.heroes[name].application)
        must(done["state"] == "checked", str(done))
    return {}


def batch(world: World) -> dict[str, Any]:
    """Checked applications of the bank, oldest first: whatever else waits comes along."""
    world.facts["batch"] = cards.make_batch(world, world.place.bank)
    found = _batch(world)
    must(found["ordered"] >= len(world.heroes), str(found))
    for name in world.heroes:
        (card,) = world.staff("clerk").get(f"/api/people/{world.heroes[name].public}/cards")
        world.heroes[name].card = card["card"]
    return {"ordered": world.shown(found["ordered"])}


def bank_answers(world: World) -> dict[str, Any]:
    """The file goes to the bank's program, the answer comes back; both are checked line by line."""
    cards.ask_bank(world, world.facts["batch"], world.place.bank)
    (done,) = cards.answer_bank(world, world.place.bank, [world.facts["batch"]])
    must(done["refused"] == 0 and done["opened"] >= len(world.heroes), str(done))
    return {"opened": world.shown(done["opened"])}


def unqualified(world: World) -> dict[str, Any]:
    """A producer whose qualification ended yesterday is not taken in."""
    yesterday = date.today() - timedelta(days=2)  # noqa: DTZ011 - surely over in every zone
    return dict(
        world.staff("manager").act(
            "issuing.register_producer", producer=YUNSHAN.organisation, supplier=YUNSHAN.supplier, plant=YUNSHAN.plant,
            signing="00" * 64, receiving="00" * 64, qualified_until=yesterday.isoformat(),
        )
        and {}
    )  # fmt: skip


def untested_product(world: World) -> dict[str, Any]:
    return dict(
        world.staff("stock").act(
            "issuing.make_batch", bank=world.place.bank, producer=YUNSHAN.organisation, product="YS-9", chip="SC9",
        )
    )  # fmt: skip


def release(world: World) -> dict[str, Any]:
    done = cards.release(world, world.facts["batch"])
    must(done["state"] == "released", str(done))
    found = _where(world, "hero")
    must((found["place"], found["hands"]) == ("producer", YUNSHAN.organisation), str(found))
    return {"where": found["text_zh" if world.lang == "zh" else "text"]}


def other_producer(world: World) -> dict[str, Any]:
    """A bank's program asks for the producer's package."""
    program = world.program(f"bankfiles.{world.area}.{world.place.bank}")
    program.raw("POST", f"/api/batches/{world.facts['batch']}/package", b"", **{"Idempotency-Key": "story:steal"})
    return {}


def damaged(world: World) -> dict[str, Any]:
    """The producer works, but one byte of its return is changed on the way."""
    batch, home = world.facts["batch"], cards.factory(world)
    package = cards.fetch(world, batch)
    clear = package.read_bytes()
    for hero in world.heroes:
        must(world.heroes[hero].body.id_number.encode() not in clear, "an ID number stands in the package in clear")
    cards.make(world, batch, spoil="0%")
    answer = bytearray((home / "out" / f"{batch}.return").read_bytes())
    answer[-1] ^= 1
    program = cards.producer_program(world)
    try:
        done = program.file(f"/api/batches/{batch}/return", "changed.return", bytes(answer))
    except Refused as no:
        must(no.code.startswith(("keys.", "issuing.")), no.code)
        world.facts["damaged"] = no.code
        raise
    return done


def returned(world: World) -> dict[str, Any]:
    done = cards.hand_in_return(world, world.facts["batch"])
    must(done["ordered"] == done["good"] + done["spoiled"] + done["missing"], str(done))
    for name in world.heroes:
        hero = world.heroes[name]
        hero.plastic = world.wallet.card(hero.body.id_number)
    return {name: world.shown(done[name]) for name in ("good", "spoiled", "missing")}


def standard(world: World) -> dict[str, Any]:
    """The numbers on the card, checked by the national rules for them."""
    plastic = world.hero.plastic
    assert plastic is not None
    card_number.validate(plastic.card_number)
    card_identification_code.validate(plastic.card_id_code)
    pan.validate(plastic.pan)
    printed = json.loads((world.wallet.folder / "cards" / f"{world.hero.body.id_number}.json").read_text("utf-8"))
    must(printed["social_security_number"] == world.hero.body.id_number, "the social security number is another one")
    must(plastic.pan.startswith("9"), "a demo number does not begin with 9")
    return {}


def stock(world: World) -> dict[str, Any]:
    counted = cards.receive(world, world.facts["batch"])
    found = _where(world, "hero")
    must(found["place"] == "stock", str(found))
    return {"counted": world.shown(counted), "where": found["text_zh" if world.lang == "zh" else "text"]}


def same_person_receives(world: World) -> dict[str, Any]:
    """Who sealed the box opens it: the transport would have one side only."""
    sent = world.staff("stock").act(
        "issuing.send_to_outlet", outlet=world.place.hall, seal=cards.fresh_seal(world.area),
        cards=[world.heroes[name].card for name in world.heroes],
    )  # fmt: skip
    world.facts["sent"] = sent
    return dict(world.staff("stock").act("issuing.receive_at_outlet", seal=sent["seal"], counted=sent["cards"]))


def at_outlet(world: World) -> dict[str, Any]:
    sent = world.facts["sent"]
    world.staff("clerk2").act("issuing.receive_at_outlet", seal=sent["seal"], counted=sent["cards"])
    found = _where(world, "hero")
    must((found["place"], found["organisation"]) == ("outlet", world.place.hall), str(found))
    return {"where": found["text_zh" if world.lang == "zh" else "text"]}


def adds_up(world: World) -> dict[str, Any]:
    found = _batch(world)
    must(found["ordered"] == found["good"] + found["spoiled"] + found["missing"], str(found))
    parts = ("in_transit", "in_stock", "at_outlet", "handed_over", "destroyed")
    must(found["good"] == sum(found[part] for part in parts) and found["adds_up"], str(found))
    been = [one["place"] for one in _where(world, "hero")["been"]]
    must(been[0] == "order" and been[-1] == "holder", str(been))
    return {"count": len(been)}


def wrong_person(world: World) -> dict[str, Any]:
    return _hand_over(world, "hero", "other")


def copied(world: World) -> dict[str, Any]:
    return _hand_over(world, "hero", "hero", source="copy")


def hand_over(world: World) -> dict[str, Any]:
    for name in world.heroes:
        done = _hand_over(world, name, name)
        must(done["collector"] == "holder" and done["production"] == "handed_out", str(done))
    must(_where(world, "hero")["place"] == "holder", "the card is not with its holder")
    return {}


def _hand_over(world: World, card: str, collector: str, source: str = "original") -> dict[str, Any]:
    clerk, hall = world.staff("clerk2"), world.place.hall
    session = world.session(clerk, hall, "issuing.hand_over", "id_reader")
    world.desk(hall).present_id(world.heroes[collector].body, source=source)
    return clerk.act(
        "issuing.hand_over", card=world.heroes[card].card, outlet=hall, session=session, papers=papers(world, "collect")
    )


def _batch(world: World) -> dict[str, Any]:
    return dict(world.staff("stock").get(f"/api/batches/{world.facts['batch']}"))


def _where(world: World, name: str) -> dict[str, Any]:
    """Where is the card, with whom, since when: there is an answer at every moment."""
    found = dict(world.staff("clerk").get(f"/api/cards/{world.heroes[name].card}/where"))
    if not (found["place"] and found["hands"] and found["since"]):
        raise Wrong(f"no answer where the card is: {found}")
    return found


CHAPTER = Chapter(
    "发卡",
    "Issuing",
    (
        Step(
            ("ACT-4",),
            "不用登录就能问：这个城市和哪些银行合作、去哪个网点？答：{banks}。{where}",
            "Anybody may ask, without signing in, which banks the city works with and which outlet it is: {banks}. {where}",
            which_bank,
        ),
        Step(
            ("ISS-6", "ISS-5"),
            "窗口申领时选了不合作的银行、又没有看材料：缺的、错的一次说全。",
            "At the desk a bank is chosen that the city does not work with, and no papers were seen: all of it is said at"
            " once.",
            without_papers,
            refused="issuing.cannot_apply",
        ),
        Step(
            ("ISS-6", "SEC-1"),
            "经办人想给自己办卡。",
            "The clerk tries to apply for a card of his own.",
            own_card,
            refused="control.own_record",
        ),
        Step(
            ("ISS-6",), "材料看齐，两个人的申请都收下了。", "With the papers seen, two applications are taken.", apply
        ),
        Step(
            ("ISS-6",), "同一个人再申请一次。", "The same person applies again.", twice, refused="issuing.cannot_apply"
        ),
        Step(
            ("ISS-6",),
            "经办人想自己审核自己收的申请。",
            "The clerk tries to review the application that he took himself.",
            clerk_checks,
            refused="control.not_allowed",
        ),
        Step(("ISS-6",), "另一个人审核通过。", "A second person reviews and accepts them.", check),
        Step(
            ("ISS-7",),
            "资质已经过期的制卡企业，登记不进来。",
            "A producer whose qualification has run out is not registered.",
            unqualified,
            refused="issuing.qualification_over",
        ),
        Step(
            ("ISS-7",),
            "没有通过测试卡检验的卡型，组不了批。",
            "A product whose test cards passed no examination is not ordered.",
            untested_product,
            refused="law.production_not_tested",
        ),
        Step(
            ("ISS-6",),
            "审核过的申请组成一个批次（{ordered} 张），每张卡有了卡号和识别码。",
            "The checked applications make a batch of {ordered}; each card gets its number and identification code.",
            batch,
        ),
        Step(
            ("ISS-6", "ACT-2"),
            "开户文件给银行的文件程序，回盘逐行核对：{opened} 个账户已经有号，还没激活。",
            "The account-opening file goes to the bank's program and its answer is compared line by line: {opened} accounts"
            " have numbers and are asleep.",
            bank_answers,
        ),
        Step(
            ("ISS-7", "ISS-6"),
            "两个人一起放行批次，数据包加密、签名，只给一家企业、只管七天。{where}",
            "Two persons release the batch: the package is encrypted and signed for one producer and seven days. {where}",
            release,
        ),
        Step(
            ("ISS-7",),
            "银行的程序来取制卡数据包。",
            "A bank's program comes for the producer's package.",
            other_producer,
            refused="control.not_allowed",
        ),
        Step(
            ("ISS-7",),
            "制卡企业的程序打开数据包，把卡做出来；回盘在路上被改了一个字节。",
            "The producer's program opens the package and makes the cards; one byte of its return is changed on the way.",
            damaged,
            refused="keys.envelope_changed",
        ),
        Step(
            ("ISS-7",),
            "原样的签名回盘收下：好卡 {good}，废卡 {spoiled}，缺失 {missing}，合计等于订购数。",
            "The return as it was signed is taken: {good} good, {spoiled} spoiled, {missing} missing, together what was"
            " ordered.",
            returned,
        ),
        Step(
            ("ISS-3",),
            "卡号、识别码、银行卡号的校验位都对，社会保障号码就是公民身份号码。",
            "Card number, identification code and bank number have right check digits; the social security number is the"
            " citizen ID number.",
            standard,
        ),
        Step(
            ("ISS-7", "ISS-6"),
            "封签箱开箱清点，{counted} 张入库。{where}",
            "The sealed boxes are counted in: {counted} cards in stock. {where}",
            stock,
        ),
        Step(
            ("ISS-7",),
            "库管员封了一箱发往网点，又想自己签收。",
            "The stock keeper seals a box for the outlet and tries to receipt it himself.",
            same_person_receives,
            refused="issuing.own_shipment",
        ),
        Step(
            ("ISS-6",), "网点的人清点签收。{where}", "The outlet's own staff count and receipt it. {where}", at_outlet
        ),
        Step(
            ("ISS-6",),
            "别人拿着自己的身份证来领他的卡。",
            "Somebody else comes for the card with his own ID card.",
            wrong_person,
            refused="cards.agent_papers",
        ),
        Step(
            ("ISS-6",),
            "他本人来了，读卡器上放的是复印件。",
            "He comes himself and lays a copy of his ID card on the reader.",
            copied,
            refused="cards.id_copy",
        ),
        Step(
            ("ISS-6", "ISS-5"),
            "原件读过，本人领卡。",
            "The original is read, and the card is handed to its holder.",
            hand_over,
        ),
        Step(
            ("ISS-6",),
            "这张卡走过的 {count} 站都查得到，批次的两个等式都成立。",
            "All {count} stations of this card can be looked up, and both sums of the batch are right.",
            adds_up,
        ),
    ),
)
