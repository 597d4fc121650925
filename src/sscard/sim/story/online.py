"""Chapter six: the bank's own site. Enrolled at the counter, signed in with two factors, money sent and found again."""

from __future__ import annotations

import secrets
import time
from typing import Any

import pyotp

from sscard.sim.story import holder
from sscard.sim.story.bank import WANTED
from sscard.sim.story.book import Member
from sscard.sim.story.client import Client, Refused
from sscard.sim.story.steps import Chapter, Step, must
from sscard.sim.story.switches import yuan
from sscard.sim.story.world import World

SENT_FEN, OWN_LIMIT_FEN, TOP_UP_FEN = 15_000, 10_000, 5_000
HALF_A_MINUTE = 30


def enrol(world: World, name: str = "hero") -> dict[str, Any]:
    """At the counter of the card's bank: original ID, card, PIN. The code is told once."""
    hero, place = world.heroes[name], world.place.branch
    teller = world.staff(f"teller.{place}")
    session = world.session(teller, place, "bank.enrol_online", *WANTED)
    desk = world.desk(place)
    desk.present_id(hero.body)
    assert hero.plastic is not None
    desk.insert_card(hero.plastic)
    if not hero.account:
        hero.account = teller.get(f"/api/bank/slot/{session}")["account"]
    desk.enter_pin(hero.pin)
    done = teller.act("bank.enrol_online", account=hero.account, session=session)
    must(len(done["code"]) == 10, str(done))
    world.facts["online_code"] = done["code"]
    return {}


def wrong_code(world: World) -> dict[str, Any]:
    return _set_up(world, "AAAAA22222")


def other_site(world: World) -> dict[str, Any]:
    """Another bank's site does not know the code."""
    return _set_up(world, world.facts["online_code"], bank=world.place.other_branch.split("-")[1])


def set_up(world: World) -> dict[str, Any]:
    try:  # a code of the last half minute is good as well, so that two are left for what follows
        _set_up(world, world.facts["online_code"], ahead=-1)
    except Refused:
        _set_up(world, world.facts["online_code"])
    world.book.keep_customer(_member(world))
    return {}


def _member(world: World) -> Member:
    """User name, password and authenticator of his own choice; a new name for every story."""
    if "customer" not in world.facts:
        known, number = world.book.customers(), 1
        while f"customer{number}.{world.area}" in known:
            number += 1
        world.facts["customer"] = Member(
            f"customer{number}.{world.area}", f"{secrets.token_hex(3)}-pays-{secrets.token_hex(3)}",
            pyotp.random_base32(), kind="customer", role="customer", area=world.area, organisation=world.place.bank,
            name=world.hero.body.name, id_number=world.hero.body.id_number, **holder.numbers_of(world.hero),
        )  # fmt: skip
    found: Member = world.facts["customer"]
    return found


def _set_up(world: World, code: str, bank: str = "", *, ahead: int = 0) -> dict[str, Any]:
    member = _member(world)
    body = {"id_number": member.id_number, "code": code, "username": member.username, "password": member.password,
            "totp_secret": member.totp, "totp_code": member.code(ahead=ahead)}  # fmt: skip
    return dict(world.bank_site(bank).json("POST", "/api/customer-setup", body))


def wrong_password(world: World) -> dict[str, Any]:
    member = _member(world)
    body = {"username": member.username, "password": "something else", "code": member.code()}
    return dict(world.bank_site().json("POST", "/api/customer-session", body))


def signed_in(world: World) -> dict[str, Any]:
    site = world.bank_site()
    site.authorization = _bearer(world)
    site.renew = lambda: _bearer(world)
    world.facts["online"] = site
    return {}


def _bearer(world: World) -> str:
    site = world.bank_site()
    answer = _with_code(world, lambda code: site.json("POST", "/api/customer-session", _sign_in(world, code)))
    must(answer["bank"] == world.place.bank, str(answer))
    return f"Bearer {answer['token']}"


def _sign_in(world: World, code: str) -> dict[str, str]:
    member = _member(world)
    return {"username": member.username, "password": member.password, "code": code}


def _with_code(world: World, ask: Any) -> Any:
    """Each code serves once: after one was used a moment ago the next is taken, or waited for."""
    member = _member(world)
    for attempt in range(3):
        try:
            return ask(member.code(ahead=min(attempt, 1)))
        except Refused as no:
            if no.code not in ("control.sign_in", "bank.code_wrong") or attempt == 2:
                raise
        if attempt == 1:
            time.sleep(HALF_A_MINUTE - time.time() % HALF_A_MINUTE + 0.5)
    raise AssertionError("not reached")


def online(world: World) -> Client:
    found: Client = world.facts["online"]
    return found


def bureau_is_nobody(world: World) -> dict[str, Any]:
    """The bureau's sign-in of the same person opens nothing here."""
    site = world.bank_site()
    site.authorization = world.holder().authorization
    return dict(site.get("/api/customer/accounts"))


def customer_is_nobody_there(world: World) -> dict[str, Any]:
    there = world.nobody()
    there.authorization = online(world).authorization
    return dict(there.get("/api/my"))


def balance(world: World) -> dict[str, Any]:
    (own,) = [one for one in online(world).get("/api/customer/accounts") if one["account_id"] == world.hero.account]
    must(own["status"] == "ACTIVE" and own["money"]["balance_fen"] > 0, str(own))
    told = world.staff(f"teller.{world.place.branch}").get(f"/api/bank/accounts/{world.hero.account}/savings")
    must(own["savings"]["sentence"] == told["sentence"], str((own["savings"], told)))
    world.facts["online_before"] = own["money"]["balance_fen"]
    return {"balance": yuan(own["money"]["balance_fen"])}


def tighten(world: World) -> dict[str, Any]:
    _limit(world, OWN_LIMIT_FEN)
    return {"limit": yuan(OWN_LIMIT_FEN)}


def _limit(world: World, fen: int) -> None:
    online(world).act("bank.settings", **_limits_wanted(world, fen))


def _limits_wanted(world: World, fen: int) -> dict[str, Any]:
    return {"account": world.hero.account, "limits": [{"name": "transfer_day", "most_fen": fen}]}


def over_own_limit(world: World) -> dict[str, Any]:
    return _send(world)


def loosen(world: World) -> dict[str, Any]:
    _limit(world, OWN_LIMIT_FEN * 10)
    return {}


def step_up(world: World) -> dict[str, Any]:
    """The second factor once more, for this change; the session goes on under a new token."""
    site = online(world)
    old = site.authorization
    for_what = {"settings": _limits_wanted(world, OWN_LIMIT_FEN * 10)}
    answer = _with_code(world, lambda code: site.json("POST", "/api/customer/step-up", {"code": code, **for_what}))
    site.authorization = f"Bearer {answer['token']}"
    must(site.authorization != old, "the token is the old one")
    loosen(world)
    return {}


def wrong_name(world: World) -> dict[str, Any]:
    return _send(world, name=world.hero.body.name + "安")


def send(world: World) -> dict[str, Any]:
    """And once more under the same key, as a phone does when its line breaks."""
    key = secrets.token_hex(8)
    first, again = _send(world, key=key), _send(world, key=key)
    must(first["state"] == "done" and first["transfer"] == again["transfer"], str((first, again)))
    world.facts["online_transfer"] = first["transfer"]
    return {"amount": yuan(SENT_FEN)}


def _send(world: World, *, key: str = "", name: str = "") -> dict[str, Any]:
    other = world.heroes["other"]
    assert other.plastic is not None
    return online(world).act(
        "bank.transfer", key=key, account=world.hero.account, amount_fen=SENT_FEN, to_number=other.plastic.pan,
        to_name=name or other.body.name, memo="还饭钱",
    )  # fmt: skip


def found_again(world: World) -> dict[str, Any]:
    page = online(world).get(f"/api/customer/accounts/{world.hero.account}/statement")
    line = page["lines"][0]
    must(line["transfer"] == world.facts["online_transfer"] and line["out_fen"] == SENT_FEN, str(line))
    must(page["closing_fen"] == world.facts["online_before"] - SENT_FEN, str(page["closing_fen"]))
    must("*" in line["other_name_mask"], str(line))
    return {"left": yuan(page["closing_fen"])}


def top_up(world: World) -> dict[str, Any]:
    """From a card at another bank: written down at once, never counted as money before that bank has paid."""
    site, account = online(world), world.hero.account
    before = site.get(f"/api/customer/accounts/{account}")["money"]["balance_fen"]
    plastic = world.heroes["other"].plastic
    assert plastic is not None
    bank = world.place.other_branch.split("-")[1]
    asked = site.act("bank.recharge", account=account, amount_fen=TOP_UP_FEN, from_number=plastic.pan, from_bank=bank)
    (order,) = [one for one in site.get(f"/api/customer/accounts/{account}/orders") if one["order"] == asked["order"]]
    must(order["amount_fen"] == TOP_UP_FEN, str(order))
    after = site.get(f"/api/customer/accounts/{account}")["money"]["balance_fen"]
    must(after == before, f"{before} became {after} before the other bank paid")
    return {"amount": yuan(TOP_UP_FEN)}


def strangers_account(world: World) -> dict[str, Any]:
    return dict(online(world).get(f"/api/customer/accounts/{world.heroes['other'].account}"))


CHAPTER = Chapter(
    "银行自己的网站",
    "The bank's own site",
    (
        Step(
            ("BNK-1",),
            "他在柜台凭身份证原件、卡和密码开通网上银行，领到一个只显示一次的开通码。",
            "At the counter, with original ID, card and PIN, he is enrolled for on-line banking and told a code once.",
            enrol,
        ),
        Step(("BNK-1",), "开通码抄错了。", "He mistypes the code.", wrong_code, refused="bank.invite_wrong"),
        Step(
            ("BNK-1",),
            "到别家银行的网站上用：那里不认。",
            "At another bank's site nobody knows the code.",
            other_site,
            refused="bank.invite_wrong",
        ),
        Step(
            ("BNK-1",),
            "在自己银行的网站上，他设好用户名、密码和验证器。",
            "At his own bank's site he chooses user name, password and authenticator.",
            set_up,
        ),
        Step(
            ("BNK-1",),
            "有人拿错的密码试。",
            "Somebody tries a wrong password.",
            wrong_password,
            refused="control.sign_in",
        ),
        Step(("BNK-1",), "他用密码和动态口令登录。", "He signs in with password and one-time code.", signed_in),
        Step(
            ("BNK-1",),
            "他在社保网站上的登录，在银行网站上什么也打不开。",
            "His sign-in at the bureau opens nothing at the bank.",
            bureau_is_nobody,
            refused="api.sign_in_needed",
        ),
        Step(
            ("BNK-1",),
            "银行网站上的登录，在社保网站上也一样。",
            "His sign-in at the bank opens nothing at the bureau.",
            customer_is_nobody_there,
            refused="api.sign_in_needed",
        ),
        Step(
            ("BNK-1", "ACT-5", "ACT-7"),
            "卡上的账户已激活，余额 {balance}；有没有储蓄功能，网上和柜台说的是同一句话。",
            "The account on the card is active, the balance is {balance}; whether it has the savings function is told in the"
            " same sentence as at the counter.",
            balance,
        ),
        Step(
            ("BNK-1", "ACT-7"),
            "他把自己每天的转账限额收紧到 {limit}，马上生效。",
            "He lowers his own transfer limit to {limit} a day; it holds at once.",
            tighten,
        ),
        Step(
            ("BNK-1", "ACT-7"),
            "要转的钱超过了自己定的限额。",
            "What he wants to send is above his own limit.",
            over_own_limit,
            refused="ledger.limit",
        ),
        Step(
            ("BNK-1", "ACT-7"),
            "放宽限额，只凭开着的页面不行。",
            "To raise it again an open page is not enough.",
            loosen,
            refused="bank.step_up_settings",
        ),
        Step(
            ("BNK-1", "ACT-7"),
            "再输一次动态口令，限额放宽了。",
            "With a new one-time code the limit is raised.",
            step_up,
        ),
        Step(
            ("BNK-1", "ACT-7"),
            "收款人的姓名和卡号对不上。",
            "The payee's name does not fit the number.",
            wrong_name,
            refused="bank.payee_differs",
        ),
        Step(
            ("BNK-1", "ACT-7"),
            "转出 {amount}；断线后再发一次，只转了一笔。",
            "He sends {amount}; the line breaks, it is sent again, and moved once.",
            send,
        ),
        Step(
            ("BNK-1", "ACT-7"),
            "明细里马上看得到，对方姓名是掩码，还剩 {left}。",
            "It stands in the statement at once, the other's name masked; {left} remain.",
            found_again,
        ),
        Step(
            ("BNK-1", "SEC-1"),
            "想看别人的账户：和没有这个账户一样。",
            "He asks for somebody else's account: the same as for none.",
            strangers_account,
            refused="control.not_found",
        ),
    ),
)
