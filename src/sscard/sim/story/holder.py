"""Chapter five: what the holder sees of it all, and who has looked."""

from __future__ import annotations

import secrets
from typing import Any

import pyotp

from sscard.sim.story import pensions
from sscard.sim.story.book import Member
from sscard.sim.story.client import Refused
from sscard.sim.story.steps import Chapter, Step, must
from sscard.sim.story.switches import card_of
from sscard.sim.story.world import Hero, World

INSURANCES = ("pension", "medical", "unemployment", "injury", "maternity")


def contributions(world: World) -> dict[str, Any]:
    """The levy system's file of 36 months, checked and posted."""
    hero = world.hero
    rows = pensions.hand_in(world, [(hero.body.id_number, hero.category, hero.employer)], world.seed or 1, "story")
    must(rows >= 12, f"{rows} rows only")
    return {"rows": world.shown(rows)}


def invited(world: World) -> dict[str, Any]:
    hero = world.hero
    answer = world.staff("clerk").act("people.invite_holder", person=hero.public, identity_seen=True)
    world.facts["invite"] = answer["code"]
    return {}


def wrong_code(world: World) -> dict[str, Any]:
    return _set_up(world, "AAAA2222")


def first_sign_in(world: World) -> dict[str, Any]:
    """With the code, once; from then on with a password and an authenticator of his own."""
    sign_up(world, "hero", world.facts["invite"])
    try:
        _set_up(world, world.facts["invite"])
    except Refused as no:
        must(no.code == "people.invite_wrong", no.code)
    else:
        must(False, "the code served twice")
    return {}


def sign_up(world: World, who: str, code: str) -> str:
    """The holder's own page is open to him from now on; the name under which the demo's owner finds him."""
    done = _set_up(world, code, who)
    hero = world.heroes[who]
    assert hero.member is not None
    world.took_session(hero.member, done["token"])
    return world.book.keep_holder(hero.member.username, hero.member)


def numbers_of(hero: Hero) -> dict[str, str]:
    """What stands on his card."""
    return {"card_number": hero.plastic.card_number, "pan": hero.plastic.pan} if hero.plastic else {}


def _set_up(world: World, code: str, who: str = "hero") -> dict[str, Any]:
    hero = world.heroes[who]
    if hero.member is None:
        name = "holder" if who == "hero" else who
        hero.member = Member(
            name if world.area == "990100" else f"{name}.{world.area}",
            f"{secrets.token_hex(3)}-walks-{secrets.token_hex(3)}", pyotp.random_base32(), kind="holder",
            role="holder", area=world.area, name=hero.body.name, id_number=hero.body.id_number, **numbers_of(hero),
        )  # fmt: skip
    member = hero.member
    body = {"id_number": member.id_number, "code": code, "password": member.password, "totp_secret": member.totp,
            "totp_code": member.code()}  # fmt: skip
    return dict(world.nobody().json("POST", "/api/holder-setup", body))


def my_card(world: World) -> dict[str, Any]:
    """His card drawn, its way as stations, both switches."""
    (card,) = world.holder().get("/api/my")["cards"]
    stations = [one["code"] for one in card["way"] if one["state"] == "done"]
    must(stations == ["applied", "checked", "made", "at_outlet", "handed_over", "enabled", "activated"], str(stations))
    must([one["on"] for one in card["switches"]] == [True, True], str(card["switches"]))
    must(card["todo"] == [], str(card["todo"]))
    return {"stations": len(stations)}


def picture(world: World) -> dict[str, Any]:
    (card,) = world.holder().get("/api/my")["cards"]
    wanted = "front_upper_left" if world.area == "990100" else ""
    must(card["picture"]["bank_mark"] == wanted, str(card["picture"]))
    return {"bank": card["picture"]["bank_name"], "look": card["picture"]["where_to_look"]}


def my_facts(world: World) -> dict[str, Any]:
    """Everything that was collected, read back."""
    found = world.holder().get("/api/my/facts")
    hero = world.hero
    must(found["id_number"] == hero.body.id_number and found["name"] == hero.body.name, "name and number differ")
    must(found["birth_date"].replace("-", "") == hero.birth and found["phone"] == hero.phone, "birth or phone differ")
    must(found["sex"] and found["nation"] and found["household_address"] and found["has_photo"], "something is missing")
    return {}


def my_record(world: World) -> dict[str, Any]:
    """Five insurances, month by month, employer and person, with totals."""
    found = world.holder().get("/api/my/contributions")
    told = {total["insurance"] for total in found["totals"]}
    must(told == set(INSURANCES), str(told))
    for year in found["years"]:
        must(len(year["lines"]) == 12, f"{year['year']} has {len(year['lines'])} months")
        for line in year["lines"]:
            must([cell["insurance"] for cell in line["cells"]] == list(INSURANCES), str(line)[:200])
    must(len(found["years"]) >= 3, f"{len(found['years'])} years")
    must(all(year["employer_paid_fen"] > 0 and year["person_paid_fen"] > 0 for year in found["years"]), "who paid?")
    return {"years": world.shown(len(found["years"]))}


def two_totals(world: World) -> dict[str, Any]:
    """The total of the pension account and that of the medical account, each by itself."""
    found = world.holder().get("/api/my/contributions")
    pension, medical = found["pension_account"], found["medical_account"]
    must(pension["account"] == "pension" and medical["account"] == "medical", "the accounts are mixed up")
    must(pension["balance_fen"] > 0 and medical["balance_fen"] > 0, str((pension, medical))[:300])
    must(not any("sum" in name or "together" in name for name in found), "a sum of both is shown")
    return {}


def side_by_side(world: World) -> dict[str, Any]:
    """Medical money and bank money, never one sum."""
    found = world.holder().get("/api/my/accounts")
    (own,) = found["bank"]
    must(set(found) == {"medical", "bank"}, str(set(found)))
    must(own["balance_fen"] is not None and found["medical"]["balance_fen"] is not None, "one of them is not shown")
    return {}


def bureau_sees_no_balance(world: World) -> dict[str, Any]:
    card_of(world)
    return dict(world.staff("clerk").get(f"/api/bank/accounts/{world.hero.account}"))


def teller_sees_no_record(world: World) -> dict[str, Any]:
    teller = world.staff(f"teller.{world.place.branch}")
    return dict(teller.get(f"/api/people/{world.hero.public}/contributions"))


def looks(world: World) -> dict[str, Any]:
    """Everybody who read or changed his record, by masked name, with the purpose."""
    world.staff("clerk").raw("GET", f"/api/people/{world.hero.public}/contributions", **{"Sscard-Purpose": "phone"})
    found = world.holder().get("/api/my/looks")
    organisations = {one["organisation"] for one in found}
    must({f"{world.area}-BUREAU", world.place.branch} <= organisations, str(organisations))
    must(any(one["purpose"] == "phone" for one in found), "the purpose is not told")
    members = world.book.staff().values()
    must(not any(member.name in str(found) for member in members), "a name stands there in clear")
    return {"count": world.shown(len(found))}


def free(world: World) -> dict[str, Any]:
    """No act of the whole way asked him for money."""
    found = world.holder().get("/api/my/accounts")["bank"][0]
    from sscard.sim.story.bank import OUT_FEN
    from sscard.sim.story.switches import DEPOSIT_FEN

    must(found["balance_fen"] == DEPOSIT_FEN - OUT_FEN + 1_400, "something was charged")
    return {}


CHAPTER = Chapter(
    "持卡人看到的",
    "What the holder sees",
    (
        Step(
            ("INS-1",),
            "征缴系统来的缴费文件：36 个月、五个险种，核验后入账 {rows} 行。",
            "The levy system's file of 36 months and five insurances is checked and posted: {rows} rows.",
            contributions,
        ),
        Step(
            ("SEC-1",),
            "窗口核对原件后，给他一次性的登录码。",
            "The desk compares the original and hands out a code.",
            invited,
        ),
        Step(
            ("SEC-1",),
            "用猜的登录码来开户。",
            "Somebody guesses the code.",
            wrong_code,
            refused="people.invite_wrong",
        ),
        Step(
            ("SEC-1",),
            "他用登录码设好自己的密码和动态码；同一个登录码第二次就不灵了。",
            "With the code he sets up a password and an authenticator of his own; the code serves once only.",
            first_sign_in,
        ),
        Step(
            ("ACT-1", "ISS-6"),
            "他登录看到自己的卡：{stations} 站都走完了，两个开关都开着，没有要办的事。",
            "He signs in and sees his card: all {stations} stations are behind it, both switches on, nothing left to do.",
            my_card,
        ),
        Step(
            ("ACT-4",),
            "卡面图上有服务银行（{bank}）。{look}",
            "The picture of his card tells the bank ({bank}). {look}",
            picture,
        ),
        Step(("ISS-5",), "采集的每一项都读得回来。", "Every item that was collected can be read back.", my_facts),
        Step(
            ("INS-1",),
            "养老、医疗、失业、工伤、生育的缴费逐月列着（{years} 个年度），单位和个人各多少。",
            "Pension, medical, unemployment, injury and maternity stand there month by month ({years} years), by employer"
            " and person.",
            my_record,
        ),
        Step(
            ("INS-1",),
            "养老个人账户和医保个人账户各有合计。",
            "The pension account and the medical account have a total each.",
            two_totals,
        ),
        Step(
            ("INS-1",),
            "医保账户和银行账户并排放着，从不加在一起。",
            "Medical account and bank account stand side by side and are never added up.",
            side_by_side,
        ),
        Step(
            ("SEC-1", "INS-1"),
            "人社经办人想看他的银行余额。",
            "The bureau's clerk wants to see his balance at the bank.",
            bureau_sees_no_balance,
            refused="control.not_allowed",
        ),
        Step(
            ("SEC-1",),
            "银行柜员想看他的缴费记录。",
            "The bank's teller wants to see his contributions.",
            teller_sees_no_record,
            refused="control.not_allowed",
        ),
        Step(
            ("SEC-1",),
            "谁看过、为什么看，他自己查得到：{count} 次，名字是掩码。",
            "Who looked, and why, he can see for himself: {count} looks, by masked names.",
            looks,
        ),
        Step(
            ("SEC-1",),
            "首次领卡一路没有收过钱：账上一分不少。",
            "The first card cost nothing on the whole way: not a fen is missing on the account.",
            free,
        ),
    ),
)
