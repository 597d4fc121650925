"""Chapter three: two switches. Before the bank's is on, money comes in and nothing goes out; the social side works at once."""

from __future__ import annotations

import uuid
from typing import Any

from sscard.sim.story import bank
from sscard.sim.story.client import Refused
from sscard.sim.story.steps import Chapter, Step, must
from sscard.sim.story.world import World

DEPOSIT_FEN = 128_600


def guide_first(world: World) -> dict[str, Any]:
    """Both are missing; document 001's order: first the social side, then the bank."""
    todo = card_of(world)["todo"]
    must([one["matter"] for one in todo] == ["enable", "bank_activation"], str([one["matter"] for one in todo]))
    must(any(outlet["code"] == world.place.hall for outlet in todo[0]["outlets"]), "the hall is not named")
    must(any(outlet["code"] == world.place.branch for outlet in todo[1]["outlets"]), "the branch is not named")
    comma = "、" if world.lang == "zh" else ", "
    return {
        "enable": comma.join(paper["name"] for paper in todo[0]["papers"] if paper["needed"]),
        "activate": comma.join(paper["name"] for paper in todo[1]["papers"] if paper["needed"]),
    }


def deposit_asleep(world: World) -> dict[str, Any]:
    """Into the account number on the card, by anybody, at the bank's counter."""
    hero = world.hero
    assert hero.plastic is not None
    teller = world.staff(f"teller.{world.place.branch}")
    done = teller.act("bank.deposit", amount_fen=DEPOSIT_FEN, number=hero.plastic.pan)
    must(done["amount_fen"] == DEPOSIT_FEN and "balance_fen" not in done, str(done))
    hero.account = done["account"]
    return {"amount": yuan(DEPOSIT_FEN)}


def withdraw_asleep(world: World) -> dict[str, Any]:
    """At the counter and at the kiosk, and the inquiry there: one and the same answer."""
    for who, kind in ((world.staff(f"teller.{world.place.branch}"), "counter"), (bank.kiosk(world), "kiosk")):
        for act, more in (("bank.withdraw", {"amount_fen": 10_000}), ("bank.balance", {})):
            session = world.session(who, world.place.branch, act, "card_slot", "pin_pad", kind=kind)
            try:
                who.act(act, account=world.hero.account, session=session, **more)
            except Refused as no:
                must(no.code == "bank.asleep", f"{act} at the {kind}: {no.code}")
                last = no
            else:
                must(False, f"{act} went through at the {kind} before activation")
    raise last


def stranger_enables(world: World) -> dict[str, Any]:
    return enable(world, "hero", presented="other")


def copy_enables(world: World) -> dict[str, Any]:
    return enable(world, "hero", source="copy")


def easy_password(world: World) -> dict[str, Any]:
    return enable(world, "hero", pin=world.hero.birth[2:])


def enable_both(world: World) -> dict[str, Any]:
    for name in ("hero", "other"):
        done = enable(world, name)
        must(done["social"] == "normal", str(done))
    return {}


def enable(world: World, name: str, *, presented: str = "", source: str = "original", pin: str = "") -> dict[str, Any]:
    """At the hall: original ID, the card itself, a new password on the PIN pad."""
    hero, clerk, hall = world.heroes[name], world.staff("clerk"), world.place.hall
    assert hero.plastic is not None
    session = world.session(clerk, hall, "cards.enable", "id_reader", "card_slot", "pin_pad")
    desk = world.desk(hall)
    desk.present_id(world.heroes[presented or name].body, source=source)
    desk.insert_card(hero.plastic)
    desk.enter_pin(pin or hero.social_pin)
    return clerk.act("cards.enable", session=session, card=hero.card)


def social_works(world: World) -> dict[str, Any]:
    """The social side is used while the bank's side is asleep."""
    hero, clerk, hall = world.hero, world.staff("clerk"), world.place.hall
    assert hero.plastic is not None
    session = world.session(clerk, hall, "cards.verify_social_password", "card_slot", "pin_pad")
    desk = world.desk(hall)
    desk.insert_card(hero.plastic)
    desk.enter_pin(hero.social_pin)
    done = clerk.act("cards.verify_social_password", session=session, card=hero.card)
    must(done["right"] is True, str(done))
    card = card_of(world)
    must(card["social"] == "normal" and card["account"]["asleep"], "the bank's side moved with the social one")
    return {}


def wrong_social_password(world: World) -> dict[str, Any]:
    """The bank PIN (to be) where the social password is asked."""
    hero, clerk, hall = world.hero, world.staff("clerk"), world.place.hall
    assert hero.plastic is not None
    session = world.session(clerk, hall, "cards.verify_social_password", "card_slot", "pin_pad")
    desk = world.desk(hall)
    desk.insert_card(hero.plastic)
    desk.enter_pin(hero.pin)
    return clerk.act("cards.verify_social_password", session=session, card=hero.card)


def guide_second(world: World) -> dict[str, Any]:
    todo = card_of(world)["todo"]
    must([one["matter"] for one in todo] == ["bank_activation"], str(todo))
    names = [outlet["name"] for outlet in todo[0]["outlets"]]
    return {"where": ("、" if world.lang == "zh" else ", ").join(names)}


def card_of(world: World, name: str = "hero") -> dict[str, Any]:
    """The newest card as the desk sees it; never a balance."""
    (card,) = world.staff("clerk").get(f"/api/people/{world.heroes[name].public}/cards")
    must("balance" not in str(card), "a page of the bureau shows a balance")
    return dict(card)


def yuan(fen: int) -> str:
    return f"¥{fen / 100:,.2f}"


def nobody_home() -> str:
    return str(uuid.uuid4())


CHAPTER = Chapter(
    "两个开关",
    "Two switches",
    (
        Step(
            ("ACT-1",),
            "指引按文档的次序说：先启用社保功能（带{enable}），再激活银行账户（带{activate}），各去哪里都列着。",
            "The guide says it in the document's order: first have the social side enabled (bring: {enable}), then the"
            " account activated (bring: {activate}), each with where to go.",
            guide_first,
        ),
        Step(
            ("ACT-2", "ACT-3"),
            "银行账户还在睡着，可以往里存：{amount} 进账。",
            "The account is asleep and takes deposits all the same: {amount} go in.",
            deposit_asleep,
        ),
        Step(
            ("ACT-2",),
            "想取出来、想查余额：柜台和自助终端给的是同一个回答。",
            "Withdrawal and inquiry, at the counter and at the kiosk: one and the same answer.",
            withdraw_asleep,
            refused="bank.asleep",
        ),
        Step(
            ("ACT-1",),
            "别人拿自己的身份证来替他启用。",
            "Somebody else, with his own ID card, comes to have the card enabled.",
            stranger_enables,
            refused="cards.not_the_holder",
        ),
        Step(
            ("ACT-1",),
            "本人来了，带的是身份证复印件。",
            "He comes himself and brings a copy of his ID card.",
            copy_enables,
            refused="cards.id_copy",
        ),
        Step(
            ("ACT-1",),
            "社保密码想用自己的生日。",
            "He chooses his birthday as social security password.",
            easy_password,
            refused="keys.pin_birthday",
        ),
        Step(
            ("ACT-1",),
            "原件、卡和密码键盘上的新密码：社保功能启用了。",
            "Original ID, the card, a new password on the PIN pad: the social side is enabled.",
            enable_both,
        ),
        Step(
            ("ACT-2",),
            "银行账户还睡着，社保功能照用：社保密码核对通过。",
            "The account is still asleep and the social side works: the social password is right.",
            social_works,
        ),
        Step(
            ("ACT-1",),
            "把准备给银行用的密码输在社保这边：不对，各记各的次数。",
            "The number meant for the bank is entered on the social side: wrong, and each side counts for itself.",
            wrong_social_password,
            refused="cards.password_wrong",
        ),
        Step(
            ("ACT-1", "ACT-4"),
            "指引里只剩一件事：去 {where} 激活银行账户。",
            "One thing is left in the guide: have the account activated at {where}.",
            guide_second,
        ),
    ),
)
