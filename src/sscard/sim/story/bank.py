"""Chapter four: the bank on the card. Every wrong combination is refused, the right one makes a card that pays."""

from __future__ import annotations

from typing import Any

from sscard.sim.story import issue
from sscard.sim.story.client import Client
from sscard.sim.story.steps import Chapter, Step, must
from sscard.sim.story.world import World

OUT_FEN = 30_000
WANTED = ("id_reader", "card_slot", "pin_pad")


def kiosk(world: World, branch: str = "") -> Client:
    """The self-service terminal's own program."""
    return world.program(f"kiosk.{branch or world.place.branch}")


def activate(
    world: World,
    name: str,
    *,
    branch: str = "",
    kind: str = "counter",
    presented: str = "",
    source: str = "original",
    card: str = "",
    pin: str = "",
    method: str = "self",
    attended: bool = False,
) -> dict[str, Any]:
    """At a counter or a kiosk: ID in the reader, card in the slot, PIN on the pad, the phone told. `attended`: at the
    kiosk with staff beside it and the camera looking."""
    hero, place = world.heroes[name], branch or world.place.branch
    alone = kind == "kiosk" and not attended
    who = kiosk(world, place) if alone else world.staff(f"teller.{place}")
    plastic = world.heroes[card or name].plastic
    assert plastic is not None
    wanted = (*WANTED, "camera") if attended else WANTED
    session = world.session(who, place, "bank.activate", *wanted, kind=kind)
    desk = world.desk(place, kind)
    desk.present_id(world.heroes[presented or name].body, source=source)
    desk.insert_card(plastic)
    if not hero.account:
        hero.account = who.get(f"/api/bank/slot/{session}")["account"]
    desk.enter_pin(pin or hero.pin)
    if attended:
        desk.look(world.heroes[presented or name].body)
    mandate = {"mandate": "notarised", "mandate_number": "990100-0001"} if method == "agent" else {}
    return who.act("bank.activate", account=hero.account, session=session, phone=hero.phone, method=method, **mandate)


def find_account(world: World, name: str) -> str:
    """The account as the teller finds it: with the person's ID in the reader and the card in the slot."""
    hero, place = world.heroes[name], world.place.branch
    teller = world.staff(f"teller.{place}")
    session = world.session(teller, place, "bank.activate", *WANTED)
    desk = world.desk(place)
    desk.present_id(hero.body)
    assert hero.plastic is not None
    desk.insert_card(hero.plastic)
    hero.account = str(teller.get(f"/api/bank/slot/{session}")["account"])
    return hero.account


def other_bank(world: World) -> dict[str, Any]:
    """The teller of another bank sees which bank it is, as it stands on the card, and nothing else."""
    place = world.place.other_branch
    teller = world.staff(f"teller.{place}")
    session = world.session(teller, place, "bank.activate", *WANTED)
    desk = world.desk(place)
    desk.present_id(world.hero.body)
    assert world.hero.plastic is not None
    desk.insert_card(world.hero.plastic)
    seen = teller.get(f"/api/bank/slot/{session}")
    must(seen["status"] == "" and seen["bank"] == world.place.bank, str(seen))
    desk.enter_pin(world.hero.pin)
    return teller.act("bank.activate", account=world.hero.account, session=session, phone=world.hero.phone)


def id_copy(world: World) -> dict[str, Any]:
    return activate(world, "hero", source="copy")


def other_person(world: World) -> dict[str, Any]:
    return activate(world, "hero", presented="other")


def other_card(world: World) -> dict[str, Any]:
    return activate(world, "hero", card="other")


def as_agent(world: World) -> dict[str, Any]:
    return activate(world, "hero", presented="other", method="agent")


def easy_pin(world: World) -> dict[str, Any]:
    return activate(world, "hero", pin=world.hero.body.id_number[11:17])


def far_outlet(world: World) -> dict[str, Any]:
    """An outlet of the right bank in the other area."""
    return activate(world, "hero", branch=world.twin().place.branch)


def quick_card(world: World) -> None:
    from sscard.sim.story import quick

    quick.card(world)


def neighbour(world: World) -> dict[str, Any]:
    """The other way round: a card of the other area at this area's outlet of the same bank."""
    world.finish(quick_card)
    twin = world.twin()
    done = activate(twin, "hero", branch=world.place.branch)
    must(done["status"] == "ACTIVE" and done["where"] == world.place.branch, str(done))
    return {}


def at_counter(world: World) -> dict[str, Any]:
    done = activate(world, "hero")
    must(done["status"] == "ACTIVE" and "*" in done["phone_mask"], str(done))
    return {}


def at_kiosk(world: World) -> dict[str, Any]:
    """The holder does it alone at the bank's machine."""
    done = activate(world, "other", kind="kiosk")
    must(done["status"] == "ACTIVE", str(done))
    return {}


def at_kiosk_attended(world: World) -> dict[str, Any]:
    """Where the bank wants it so: staff confirm, the camera compares the face."""
    done = activate(world, "other", kind="kiosk", attended=True)
    must(done["status"] == "ACTIVE", str(done))
    return {}


def again(world: World) -> dict[str, Any]:
    return activate(world, "hero")


def wrong_pin(world: World) -> dict[str, Any]:
    return money(world, "bank.withdraw", pin="491827", amount_fen=OUT_FEN)


def withdraw(world: World) -> dict[str, Any]:
    from sscard.sim.story.switches import DEPOSIT_FEN, yuan

    done = money(world, "bank.withdraw", amount_fen=OUT_FEN)
    must(done["balance_fen"] == DEPOSIT_FEN - OUT_FEN, str(done))
    return {"amount": yuan(OUT_FEN), "left": yuan(done["balance_fen"])}


def too_much(world: World) -> dict[str, Any]:
    return money(world, "bank.withdraw", amount_fen=9_999_00)


def over_limit(world: World) -> dict[str, Any]:
    return money(world, "bank.withdraw", amount_fen=99_999_00)


def balance(world: World) -> dict[str, Any]:
    from sscard.sim.story.switches import DEPOSIT_FEN, yuan

    done = money(world, "bank.balance", kind="kiosk")
    must(done["balance_fen"] == DEPOSIT_FEN - OUT_FEN, str(done))
    return {"left": yuan(done["balance_fen"])}


def repeated(world: World) -> dict[str, Any]:
    """A line that breaks: the same request under the same key is booked once."""
    assert world.hero.plastic is not None
    teller, key = world.staff(f"teller.{world.place.branch}"), issue.cards.fresh_seal("key")
    first = teller.act("bank.deposit", key=key, amount_fen=1_400, number=world.hero.plastic.pan)
    second = teller.act("bank.deposit", key=key, amount_fen=1_400, number=world.hero.plastic.pan)
    must(first["transfer"] == second["transfer"], "the same key was booked twice")
    done = money(world, "bank.balance", kind="kiosk")
    from sscard.sim.story.switches import DEPOSIT_FEN

    must(done["balance_fen"] == DEPOSIT_FEN - OUT_FEN + 1_400, str(done))
    return {}


def money(world: World, act: str, *, pin: str = "", kind: str = "counter", **request: Any) -> dict[str, Any]:
    """Card and PIN at the bank's own counter or kiosk."""
    place = world.place.branch
    who = kiosk(world) if kind == "kiosk" else world.staff(f"teller.{place}")
    session = world.session(who, place, act, "card_slot", "pin_pad", kind=kind)
    desk = world.desk(place, kind)
    assert world.hero.plastic is not None
    desk.insert_card(world.hero.plastic)
    desk.enter_pin(pin or world.hero.pin)
    return who.act(act, account=world.hero.account, session=session, **request)


REFUSED = (
    Step(
        ("ACT-3",),
        "走进了别的银行：柜员只看得到这是哪家银行的卡。",
        "He walks into another bank: its teller sees which bank's card it is, and nothing else.",
        other_bank,
        refused="bank.other_bank",
    ),
    Step(("ACT-3",), "身份证是复印件。", "The ID card is a copy.", id_copy, refused="bank.original_needed"),
    Step(
        ("ACT-3",), "来的是另一个人。", "It is another person who comes.", other_person, refused="bank.not_the_holder"
    ),
    Step(
        ("ACT-3",),
        "卡槽里插的是另一张卡。",
        "Another card is in the slot.",
        other_card,
        refused="bank.card_differs",
    ),
    Step(("ACT-3",), "请人代办激活。", "An agent comes to have it activated.", as_agent, refused="bank.no_agent"),
    Step(
        ("ACT-3",),
        "银行密码想用身份证号里的六位。",
        "He takes six digits of his ID number as PIN.",
        easy_pin,
        refused="keys.pin_id_tail",
    ),
)
FAR = Step(
    ("ACT-3",),
    "去外地同一家银行的网点：本地的规定是只在发卡地区激活。",
    "He goes to an outlet of the same bank in another area: this area's rule is that only outlets of the issuing area count.",
    far_outlet,
    refused="bank.only_issuing_area",
)
NEIGHBOUR = Step(
    ("ACT-3", "ISS-6"),
    "海棠市的规定是全国都行：同样走完一遍的海棠市居民，在云溪市的网点激活成功。",
    "Haitang's rule is nationwide: one of its residents, whose card took the same way, has it activated at Yunxi's outlet.",
    neighbour,
    ahead=quick_card,
)
COUNTER = Step(
    ("ACT-3", "ACT-1"),
    "对的银行、对的网点、原件、本人、自己在密码键盘上设的密码：柜台激活成功。",
    "The right bank and outlet, the original, himself, a PIN that he sets on the PIN pad: activated at the counter.",
    at_counter,
)
KIOSK = Step(
    ("ACT-3",),
    "另一个人在自助终端上自己激活成功。",
    "Another holder does it himself at the self-service terminal.",
    at_kiosk,
)
ALONE = Step(
    ("ACT-3",),
    "海棠市的建设银行不让人单独在自助终端激活：缺的两样一起说。",
    "Haitang's CCB lets nobody activate alone at the machine: both things that are missing are named.",
    at_kiosk,
    refused="bank.staff_needed",
)
ATTENDED = Step(
    ("ACT-3",),
    "工作人员在场授权、摄像头核过人脸，自助终端激活成功。",
    "With staff beside it and the face compared by the camera, the machine activates it.",
    at_kiosk_attended,
)
MONEY = (
    Step(("ACT-3",), "再激活一次。", "Activating a second time.", again, refused="bank.already_active"),
    Step(
        ("ACT-3",),
        "取款时密码输错一次。",
        "A wrong PIN at the withdrawal.",
        wrong_pin,
        refused="bank.pin_wrong",
    ),
    Step(
        ("ACT-3",),
        "密码对了，取出 {amount}，还剩 {left}。",
        "With the right PIN {amount} are paid out; {left} remain.",
        withdraw,
    ),
    Step(
        ("ACT-3",),
        "想取比余额更多的钱。",
        "He asks for more than there is.",
        too_much,
        refused="ledger.insufficient",
    ),
    Step(
        ("ACT-3",),
        "想取的钱超过这家银行一天的限额。",
        "He asks for more than the bank lets out in a day.",
        over_limit,
        refused="ledger.limit",
    ),
    Step(("ACT-3",), "在自助终端查余额：{left}。", "At the kiosk the balance is {left}.", balance),
    Step(
        ("ACT-3",),
        "存款的请求断了线，同一个编号再发一次：只记一笔。",
        "A deposit's line breaks and the same request is sent again: it is booked once.",
        repeated,
    ),
)


def machine(area: str) -> tuple[Step, ...]:
    """Activation at the self-service terminal, by the switches of the area's bank."""
    return (KIOSK,) if area == "990100" else (ALONE, ATTENDED)


def chapter(area: str) -> Chapter:
    """The far outlet is refused in area one only; in area two it would be accepted."""
    far = (FAR, NEIGHBOUR) if area == "990100" else ()
    return Chapter("银行", "The bank", (*REFUSED, *far, COUNTER, *machine(area), *MONEY))
