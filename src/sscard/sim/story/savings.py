"""Opening the savings function: steps 1 to 7 of document 004, by the applicant at home, at the counter and at the machine."""

from __future__ import annotations

import base64
from typing import Any

from sscard.sim.story import bank, holder, quick, switches
from sscard.sim.story.client import Client, Refused
from sscard.sim.story.steps import Wrong, must
from sscard.sim.story.world import World

RELEASE = "5086"
FORM = {"occupation": "employee", "use": "saving", "tax": "china", "accept": True}


# -- before the story --------------------------------------------------------------------------------------------------
def ready(world: World) -> dict[str, Any]:
    """Two people with cards in their hands, enabled; one has set up his sign-in."""
    quick.card(world)
    switches.enable_both(world)
    for name in ("hero", "other"):
        bank.find_account(world, name)
    holder.invited(world)
    holder.first_sign_in(world)
    return {}


# -- does my card have it? ---------------------------------------------------------------------------------------------
def _asked_everywhere(world: World, wanted: str) -> dict[str, Any]:
    """At the counter, by the phone agent, on-line: one and the same sentence."""
    hero, place = world.hero, world.place.branch
    counter = world.staff(f"teller.{place}").get(f"/api/bank/accounts/{hero.account}/savings")
    body = {"name": hero.body.name, "id_number": hero.body.id_number, "phone_last": hero.phone[-4:]}
    phone = world.staff("clerk").json("POST", "/api/savings/ask", body)
    (mine,) = world.holder().get("/api/my/savings")
    said = {one["sentence"] for one in (counter, phone, mine)}
    must(len(said) == 1, f"three answers: {said}")
    must({one["code"] for one in (counter, phone, mine)} == {wanted}, str(mine))
    return {"said": said.pop(), "next": mine["next_step"]}


def has_none(world: World) -> dict[str, Any]:
    return _asked_everywhere(world, "none")


def under_way(world: World) -> dict[str, Any]:
    return _asked_everywhere(world, "opening")


def has_it_asleep(world: World) -> dict[str, Any]:
    return _asked_everywhere(world, "open_asleep")


def has_it(world: World) -> dict[str, Any]:
    return _asked_everywhere(world, "open")


def wrong_caller(world: World) -> dict[str, Any]:
    """Right name and number, another phone: as if nobody were known."""
    hero = world.hero
    last = f"{(int(hero.phone[-4:]) + 1) % 10_000:04}"
    body = {"name": hero.body.name, "id_number": hero.body.id_number, "phone_last": last}
    return dict(world.staff("clerk").json("POST", "/api/savings/ask", body))


# -- steps 1 and 2 -----------------------------------------------------------------------------------------------------
def begin(world: World) -> dict[str, Any]:
    """Each paper with needed or not, and why."""
    shown = world.nobody().get(f"/api/areas/{world.area}/savings")["papers"]
    must(all(one["why"] for one in shown) and any(one["needed"] for one in shown), str(shown))
    done = world.holder().act("bank.savings_begin", account=world.hero.account, papers_seen=True)
    world.facts["savings"] = done["application"]
    return {"papers": _papers(world.lang, shown)}


def _papers(lang: str, shown: list[dict[str, Any]]) -> str:
    """What to bring, and what not to; nothing is said where there is nothing."""
    comma, stop = ("、", "；") if lang == "zh" else (", ", "; ")
    heads = ("要带：", "不用带：") if lang == "zh" else ("To bring: ", "not: ")
    lists = [comma.join(one["name"] for one in shown if one["needed"] is needed) for needed in (True, False)]
    return stop.join(head + names for head, names in zip(heads, lists, strict=True) if names)


def compare(world: World) -> dict[str, Any]:
    """The public list: functions, limits and fees of each bank, beside each other."""
    found = world.nobody().get(f"/api/areas/{world.area}/savings")
    having = {one["code"]: {f["code"] for f in one["functions"] if f["offered"]} for one in found["banks"]}
    must(len(having) >= 2 and len({frozenset(one) for one in having.values()}) >= 2, str(having))
    must(all(f["terms"] for one in found["banks"] for f in one["functions"]), "an offer without its terms")
    comma = "、" if world.lang == "zh" else ", "
    return {"banks": comma.join(f"{one['name']} {len(having[one['code']])}" for one in found["banks"])}


def other_bank(world: World) -> dict[str, Any]:
    other = world.place.other_branch.split("-")[1]
    return world.holder().act(
        "bank.savings_choose", application=world.facts["savings"], bank=other, functions=["demand"]
    )


def not_offered(world: World) -> dict[str, Any]:
    """The same wish at a bank whose terms leave it out."""
    place = world if world.area == "990200" else world.twin()
    if place is not world:
        quick.card(place)
        bank.find_account(place, "hero")
        teller = place.staff(f"teller.{place.place.branch}")
        begun = teller.act("bank.savings_begin", account=place.hero.account, papers_seen=True)
        return teller.act(
            "bank.savings_choose", application=begun["application"], bank="CCB", functions=["demand", "notice"]
        )
    return world.holder().act(
        "bank.savings_choose", application=world.facts["savings"], bank="CCB", functions=["demand", "notice"]
    )


def choose(world: World) -> dict[str, Any]:
    functions = ["demand", "time", "online"] + (["notice"] if world.area == "990100" else [])
    done = world.holder().act(
        "bank.savings_choose", application=world.facts["savings"], bank=world.place.bank, functions=functions
    )
    must(set(done["functions"]) == set(functions), str(done))
    return {}


# -- steps 3 and 4 -----------------------------------------------------------------------------------------------------
def where(world: World) -> dict[str, Any]:
    world.holder().act(
        "bank.savings_where", application=world.facts["savings"], channel="counter", outlet=world.place.branch
    )
    return {}


def bad_form(world: World) -> dict[str, Any]:
    """Nothing filled in: every field is named at once."""
    try:
        world.holder().act(
            "bank.savings_form", application=world.facts["savings"], phone="12", address="", occupation="", use="",
            tax="", accept=False,
        )  # fmt: skip
    except Refused as no:
        places = {fault["place"] for fault in no.problem["faults"]}
        wanted = {"phone", "address", "occupation", "use", "tax", "accept"}
        must(places == wanted, f"named: {sorted(places)}")
        raise
    raise Wrong("an empty form was taken")


def form(world: World) -> dict[str, Any]:
    _fill(world, world.holder(), world.facts["savings"], world.hero.phone)
    return {}


def _fill(world: World, who: Client, application: str, phone: str) -> None:
    address = "云溪市溪东区清泉路9号" if world.area == "990100" else "海棠市东风路9号"
    who.act("bank.savings_form", application=application, phone=phone, address=address, **FORM)


# -- step 5 ------------------------------------------------------------------------------------------------------------
def other_person(world: World) -> dict[str, Any]:
    return _identify(world, presented="other")


def copied_id(world: World) -> dict[str, Any]:
    return _identify(world, source="copy")


def identify(world: World) -> dict[str, Any]:
    done = _identify(world)
    must(done["stage"] == "IDENTIFIED", str(done))
    return {}


def _identify(world: World, *, presented: str = "hero", source: str = "original") -> dict[str, Any]:
    teller, place = world.staff(f"teller.{world.place.branch}"), world.place.branch
    session = world.session(teller, place, "bank.savings_identify", "id_reader", "card_slot")
    desk = world.desk(place)
    desk.present_id(world.heroes[presented].body, source=source)
    assert world.hero.plastic is not None
    desk.insert_card(world.hero.plastic)
    return teller.act("bank.savings_identify", application=world.facts["savings"], session=session)


# -- step 6 ------------------------------------------------------------------------------------------------------------
def no_consent(world: World) -> dict[str, Any]:
    """He does not want it as a file: nothing is signed behind his back."""
    teller = world.staff(f"teller.{world.place.branch}")
    return teller.act("bank.savings_agree", application=world.facts["savings"], form="electronic", consent=False)


def on_paper(world: World) -> dict[str, Any]:
    """Paper is printed at once; he may still change his mind, either way is worth the same."""
    teller = world.staff(f"teller.{world.place.branch}")
    done = teller.act("bank.savings_agree", application=world.facts["savings"], form="paper", lang=world.lang)
    must(teller.raw("GET", f"/api/documents/{done['document']}").startswith(b"%PDF"), "no paper to print")
    return {}


def sign(world: World) -> dict[str, Any]:
    """The pad makes the key, he reads, confirms, the bank seals."""
    done = _sign(world, world.staff(f"teller.{world.place.branch}"), world.facts["savings"], "counter")
    world.facts["agreement"] = done["document"]
    world.facts["agreement_code"] = done["code"]
    return {"code": world.shown(done["code"])}


def _sign(world: World, who: Client, application: str, kind: str) -> dict[str, Any]:
    place = world.place.branch
    session = world.session(who, place, "bank.savings_sign", "sign_key", "signature", kind=kind)
    pad = world.desk(place, kind).signing_pad()
    pad.offer_key(RELEASE)
    ready = who.act(
        "bank.savings_agree", application=application, form="electronic", consent=True, session=session, lang=world.lang
    )
    pad.sign(RELEASE, base64.b64decode(ready["file"]))
    must(not pad.holds_key, "the pad still holds the key")
    return who.act("bank.savings_sign", application=application, session=session)


def others_check(world: World) -> dict[str, Any]:
    """Anybody with the code may ask; the holder has the file itself."""
    found = world.nobody().get(f"/api/document-codes/{world.facts['agreement_code']}")
    must(found["signatures"] == ["applicant", "bank"] and found["state"] == "valid", str(found))
    must(world.hero.body.name not in str(found), "the code tells the name")
    import hashlib

    file = world.holder().raw("GET", f"/api/documents/{world.facts['agreement']}")
    must(hashlib.sha256(file).hexdigest() == found["sha256"], "another file")
    return {}


# -- step 7, and the other way there -----------------------------------------------------------------------------------
def hand_over(world: World) -> dict[str, Any]:
    teller = world.staff(f"teller.{world.place.branch}")
    done = teller.act("bank.savings_hand_over", application=world.facts["savings"], lang=world.lang)
    must(done["stage"] == "OPEN", str(done))
    must(teller.raw("GET", f"/api/documents/{done['guide']}").startswith(b"%PDF"), "no guide to print")
    return {}


def seen_by_him(world: World) -> dict[str, Any]:
    """All seven, with when and where, and his papers."""
    (mine,) = world.holder().get("/api/my/savings")
    must([one["state"] for one in mine["opening"]["steps"]] == ["done"] * 7, str(mine["opening"]["steps"]))
    kinds = {one["kind"] for one in mine["opening"]["documents"]}
    must({"bank.savings_agreement", "bank.savings_guide"} <= kinds, str(kinds))
    return {"papers": len(kinds)}


def at_machine(world: World) -> dict[str, Any]:
    """Another holder does all seven steps at the bank's machine."""
    who, place, other = bank.kiosk(world), world.place.branch, world.heroes["other"]
    begun = who.act("bank.savings_begin", account=other.account, papers_seen=True)
    application = begun["application"]
    who.act("bank.savings_choose", application=application, bank=world.place.bank, functions=["demand"])
    who.act("bank.savings_where", application=application, channel="kiosk", outlet=place)
    _fill(world, who, application, other.phone)
    session = world.session(who, place, "bank.savings_identify", "id_reader", "card_slot", "camera", kind="kiosk")
    desk = world.desk(place, "kiosk")
    desk.present_id(other.body)
    assert other.plastic is not None
    desk.insert_card(other.plastic)
    desk.look(other.body)
    who.act("bank.savings_identify", application=application, session=session)
    _sign(world, who, application, "kiosk")
    done = who.act("bank.savings_hand_over", application=application, lang=world.lang)
    must(done["stage"] == "OPEN", str(done))
    return {}


def wake(world: World) -> dict[str, Any]:
    done = bank.activate(world, "hero")
    must(done["status"] == "ACTIVE", str(done))
    return {}
