"""The card linked to on-line banking: the bank becomes a client, the holder binds, looks, pays a premium, un-binds."""

from __future__ import annotations

from typing import Any

from sscard.sim.story.browser import Browser
from sscard.sim.story.client import Refused
from sscard.sim.story.online import online
from sscard.sim.story.steps import must
from sscard.sim.story.switches import yuan
from sscard.sim.story.world import World

INSURANCES = {"pension", "medical", "unemployment", "injury", "maternity"}
BANK_NAME = {"CCB": ("建设银行网上银行", "CCB on-line banking")}


def bank_client(world: World) -> dict[str, Any]:
    """Once an installation: keys made at the bank, registered at the bureau, its number entered at the bank."""
    bank, port = world.place.bank, world.line.base_url.rpartition(":")[2]
    reviewer = world.staff(f"bankreview.{world.area}.{bank}")
    redirect = f"https://{bank.lower()}.localhost:{port}/linked/back/"
    try:
        made = reviewer.act("bank.make_link_client", issuer=world.line.base_url, redirect_uri=redirect)
    except Refused as no:
        if no.code != "bank.link_set_up_already":  # by an earlier story
            raise
        return {}
    zh, en = BANK_NAME.get(bank, (bank, bank))
    client = world.staff("system").act(
        "binding.register_client", organisation=bank, name_zh=zh, name_en=en, redirect_uris=[redirect],
        keys=made["jwks"]["keys"],
    )["client"]  # fmt: skip
    reviewer.act("bank.set_link_client", client=client)
    return {}


def materials(world: World) -> dict[str, Any]:
    """The three things: a card in order, an ID card, an account at this bank."""
    (account,) = [one for one in online(world).get("/api/customer/accounts") if one["account_id"] == world.hero.account]
    must(account["status"] == "ACTIVE", str(account))
    return {"account": account["pan_mask"][-4:]}


def _ask(world: World, **more: Any) -> Any:
    assert world.hero.plastic is not None
    body = {"card_number": world.hero.plastic.card_number, "id_number": world.hero.body.id_number,
            "account": world.hero.account, **more}  # fmt: skip
    return online(world).json("POST", "/api/customer/links", body)


def wrong_identity(world: World) -> dict[str, Any]:
    """Somebody else's ID number."""
    return dict(_ask(world, id_number=world.heroes["other"].body.id_number))


def unknown_card(world: World) -> dict[str, Any]:
    """A card number that nobody has: the same sentence."""
    try:
        _ask(world, id_number=world.heroes["other"].body.id_number)
    except Refused as no:
        first = no.sentence("zh")
    try:
        return dict(_ask(world, card_number="Y99999999"))
    except Refused as no:
        must(no.sentence("zh") == first, "the two answers differ")
        raise


def others_account(world: World) -> dict[str, Any]:
    return dict(_ask(world, account=world.heroes["other"].account or world.hero.public))


def _agree(world: World, asked: dict[str, Any], *, wrong_first: bool = False) -> dict[str, str]:
    """At the bureau's page: a code comes to the telephone of record, and is typed."""
    browser = Browser(world.line)
    page = browser.get(asked["url"])
    must(page.status == 200, f"{page.status} {page.url}")
    typed = browser.send(page, "/code/")
    if wrong_first:
        typed = browser.send(typed, "/agree/", code="000000")
        must(typed.status == 422, str(typed.status))
    code = world.nobody().get(f"/api/sandbox/{world.area}/messages", limit="1")[0]["code"]
    return browser.send(typed, "/agree/", code=code).parameters


def submit(world: World) -> dict[str, Any]:
    """Pushed by the back way: the browser's address carries no number of anybody."""
    asked = dict(_ask(world))
    assert world.hero.plastic is not None
    must(world.hero.plastic.card_number not in asked["url"], "the address shows the card number")
    world.facts["asked"] = asked
    return {}


def verify(world: World) -> dict[str, Any]:
    world.facts["came_back"] = _agree(world, world.facts["asked"], wrong_first=True)
    must(world.facts["came_back"].get("code"), str(world.facts["came_back"]))
    return {}


def bound(world: World) -> dict[str, Any]:
    answer = online(world).json("POST", "/api/customer/links/finish", world.facts["came_back"])
    world.facts["link"] = answer["link"]
    return {}


def twice(world: World) -> dict[str, Any]:
    """The same answer of the bureau a second time."""
    return dict(online(world).json("POST", "/api/customer/links/finish", world.facts["came_back"]))


def already(world: World) -> dict[str, Any]:
    return dict(_ask(world))


def _link(world: World, what: str) -> Any:
    return online(world).get(f"/api/customer/links/{world.facts['link']}/{what}")


def paper(world: World) -> dict[str, Any]:
    file = online(world).raw("GET", f"/api/customer/links/{world.facts['link']}/authorisation")
    must(file.startswith(b"%PDF"), "no PDF")
    return {"bytes": world.shown(len(file))}


def looks(world: World) -> dict[str, Any]:
    """Status, the five records, the two totals; each look stands in the holder's list."""
    status = _link(world, "status")
    must(status["card"]["state"] == "normal", str(status))
    must({one["insurance"] for one in status["insurance"]} == INSURANCES, str(status))
    years, totals = _link(world, "contributions"), _link(world, "totals")
    must(set(totals) >= {"pension", "medical"} and "sum" not in totals, str(totals))
    return {"years": world.shown(len(years))}


def pays(world: World) -> dict[str, Any]:
    """One charge: agreed to with its amount, held at the bank, booked at the bureau, taken."""
    (charge,) = [one for one in _link(world, "charges") if one["state"] == "open"][:1]
    site = online(world)
    asked = site.json("POST", f"/api/customer/links/{world.facts['link']}/payments", {"charge": charge["charge"]})
    before = _balance(world)
    done = site.json("POST", "/api/customer/links/finish", _agree(world, asked))
    must(done["state"] == "paid", str(done))
    must(_balance(world) == before - charge["amount_fen"], "another sum was taken")
    world.facts["charge"], world.facts["charge_payment"] = charge["charge"], done["payment"]
    receipt = site.raw("GET", f"/api/customer/payments/{done['payment']}/receipt")
    must(receipt.startswith(b"%PDF"), "no receipt")
    return {"amount": yuan(charge["amount_fen"]), "code": world.shown(done["receipt_code"])}


def _balance(world: World) -> int:
    own = [one for one in online(world).get("/api/customer/accounts") if one["account_id"] == world.hero.account]
    return int(own[0]["money"]["balance_fen"])


def pays_again(world: World) -> dict[str, Any]:
    path = f"/api/customer/links/{world.facts['link']}/payments"
    return dict(online(world).json("POST", path, {"charge": world.facts["charge"]}))


def bureau_sees(world: World) -> dict[str, Any]:
    """At the bureau the clerk finds it paid."""
    found = world.staff("clerk").get(f"/api/people/{world.hero.public}/charges")
    (one,) = [charge for charge in found if charge["charge"] == world.facts["charge"]]
    must(one["state"] == "paid" and one["paid"]["payer"] == world.place.bank, str(one))
    return {}


def unbind(world: World) -> dict[str, Any]:
    link = world.facts["link"]
    online(world).json("DELETE", f"/api/customer/links/{link}")
    must(online(world).get("/api/customer/links") == [], "the link still stands")
    return {}


def after_unbinding(world: World) -> dict[str, Any]:
    return dict(_link(world, "status"))


def card_to_card(world: World) -> dict[str, Any]:
    """Putting another bank's card in place of the card's own account."""
    return world.holder().act("binding.bind_bank_card", card=world.hero.card)
