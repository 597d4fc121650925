"""CRD-1 through the outside: a phone shows the card, third parties check it by browser, program and without a line."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pages_kit import ARGUMENTS, CHROMIUM
from rows_kit import Walked, refused
from sscard.control import totp
from sscard.kernel import clock
from sscard.sim.story.client import Client
from sscard.sim.story.world import World
from tests_support import RunningHouse

pytestmark = pytest.mark.slow
PASSWORD, PHONE = "730591", "__Host-ecard-phone"
DOCS = Path(__file__).parents[2] / "docs" / "ecard.md"
WRONG = "860415"


@pytest.fixture(scope="module")
def world(walked: Walked) -> World:
    """The hero of the story, and his electronic card of level 1, signed after a face check by his phone's program."""
    world = walked.world
    me = world.holder()
    mine = me.get("/api/my/ecard")
    assert mine["ecard"] is None
    early = refused(lambda: me.act("cards.ecard_sign", card=mine["card"], consent=True, password=PASSWORD))
    assert early.code == "cards.ecard_face_first"
    begun = me.json("POST", "/api/my/ecard/checks", {"action": "cards.ecard_sign", "by": "face", "consent": True})
    world.nobody().json("POST", f"/api/sandbox/face/{begun['challenge']}", {"outcome": "pass"})
    sign = {"card": mine["card"], "consent": True, "password": PASSWORD, "challenge": begun["challenge"]}
    assert me.act("cards.ecard_sign", **sign)["level"] == 1
    return world


@pytest.fixture(scope="module")
def chromium() -> Iterator[Callable[..., Any]]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)

        def page(width: int, height: int) -> Any:
            context = found.new_context(viewport={"width": width, "height": height}, ignore_https_errors=True)
            return context.new_page()

        yield page
        found.close()


@pytest.fixture(scope="module")
def opened(world: World, chromium: Callable[..., Any]) -> str:
    """The holder's phone shows the card for the first time: verified by message, opened by password. Its token."""
    shown = phone(world, chromium)
    shown.goto(f"{world.url}/my/ecard/?lang=en")
    shown.click("form[action='/my/ecard/message/'] button")
    shown.fill("#f-password", PASSWORD)
    shown.fill("#f-code", world.nobody().get(f"/api/sandbox/{world.area}/messages")[0]["code"])
    shown.click("form[action='/my/ecard/open/'] button[type=submit]")
    shown.wait_for_selector("[data-number]")
    return next(one["value"] for one in shown.context.cookies() if one["name"] == PHONE)


def phone(world: World, chromium: Callable[..., Any], token: str = "") -> Any:
    """A page of the holder's phone, signed in; with the token of a phone that is known."""
    page = chromium(360, 780)
    session = world.holder().authorization.removeprefix("Bearer ")
    cookies = {"__Host-sscard": session, PHONE: token}
    page.context.add_cookies([{"name": n, "value": v, "url": world.url} for n, v in cookies.items() if v])
    return page


def code(world: World, opened: str) -> dict[str, Any]:
    return dict(world.holder().act("cards.ecard_code", phone=opened))


def ask(world: World, who: str, purpose: str, **what: str) -> dict[str, Any]:
    """A third party's program checks."""
    program = world.program(f"checker.{world.area}-{who}")
    body = {"purpose": purpose, **what}
    return dict(program.json("POST", "/api/credential-checks", body, **{"Idempotency-Key": uuid.uuid4().hex}))


def plastic(world: World) -> dict[str, str]:
    """What a reader gives of the card in the slot."""
    card = world.hero.plastic
    assert card is not None
    return {"card_number": card.card_number, "card_id_code": card.card_id_code}


@pytest.mark.row("CRD-1")
def test_a_phone_shows_it_and_a_school_scans_it(world: World, opened: str, chromium: Callable[..., Any]) -> None:
    url, me = world.url, world.holder()
    shown = phone(world, chromium, opened)
    shown.goto(f"{url}/my/ecard/?lang=en")
    shown.wait_for_selector("[data-number]")
    scanned = shown.get_attribute("[data-code]", "data-code")
    hero = world.hero.body
    assert hero.id_number not in shown.content()
    assert hero.name not in shown.content()  # masked until the eye

    member = world.book.staff()[f"school.{world.area}"]
    desk = chromium(1280, 800)
    desk.goto(f"{url}/sign-in/?lang=en")
    desk.fill("#f-username", member.username)
    desk.fill("#f-password", member.password)
    desk.fill("#f-code", member.code())
    desk.click("main button[type=submit]")
    desk.wait_for_url(lambda at: "/sign-in/" not in at)
    desk.goto(f"{url}/check-card/")
    desk.keyboard.type(str(scanned))
    desk.keyboard.press("Enter")
    desk.wait_for_selector("[data-checked=valid]")
    said = desk.inner_text("[data-checked]")
    assert hero.name in said
    assert hero.id_number not in desk.content()
    desk.fill("#f-code", str(scanned))
    desk.keyboard.press("Enter")
    desk.wait_for_selector("[data-checked=used]")
    looks = me.get("/api/my/looks")
    assert any(
        (one["organisation"], one["purpose"]) == (f"{world.area}-SCHOOL-1", "training_enrolment") for one in looks
    )


@pytest.mark.row("CRD-1")
@pytest.mark.parametrize(
    ("who", "purpose", "facts"),
    [
        ("SCHOOL-1", "training_enrolment", {"name", "insured"}),
        ("EMP-1", "hiring", {"name", "id_match"}),
        ("HOSPITAL-1", "care_registration", {"name", "sex", "birth_date", "insured", "insured_area"}),
        ("HOSPITAL-1", "visit", {"name_mask"}),
    ],
)
def test_each_purpose_has_its_facts_of_phone_and_plastic(
    world: World, opened: str, who: str, purpose: str, facts: set[str]
) -> None:
    more = {"id_number": world.hero.body.id_number} if "id_match" in facts else {}
    made = code(world, opened)
    for what in ({"code": made["code"]}, plastic(world)):
        told = ask(world, who, purpose, **what, **more)
        assert told["valid"], told
        assert set(told["facts"]) == facts
    again = ask(world, who, purpose, code=made["code"])
    assert (again["valid"], again["reason"], again["facts"]) == (False, "used", {})


@pytest.mark.row("CRD-1")
def test_the_documents_commands_work(
    city: RunningHouse, world: World, opened: str, tmp_path: Path
) -> None:  # fmt: skip
    """Every shell example of docs/ecard.md, as it stands there, with a fresh code each."""
    key = world.book.programs()[f"checker.{world.area}-SCHOOL-1"]
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "sscard").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sscard.app.command "$@"\n')
    (bin_ / "sscard").chmod(0o755)
    environ = {
        **city.environ, "PATH": f"{bin_}:{city.environ.get('PATH', '/usr/bin:/bin')}", "URL": city.url,
        "AUTHORITY": str(city.home / "tls" / "authority.pem"), "PROGRAM": f"{key.name}:{key.secret}",
    }  # fmt: skip
    blocks = re.findall(r"```sh\n(.*?)```", DOCS.read_text("utf-8"), re.S)
    assert len(blocks) == 3
    said = []
    for block in blocks:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block], cwd=tmp_path, capture_output=True, text=True, check=False,
            env={**environ, "CODE": code(world, opened)["code"]},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        said.append(done.stdout)
    told = json.loads(said[0][said[0].rindex('{"valid"') :])
    assert told["valid"]
    assert '"good": true' in said[1]
    assert "Verified Successfully" in said[2]


@pytest.mark.row("CRD-1")
def test_a_locked_card_fails_at_once_on_the_phone_and_in_the_hand(world: World, opened: str) -> None:
    """Wrong social passwords up to the limit at the hall's terminal, between the making of a code and its scanning."""
    made = code(world, opened)
    clerk, hall, hero = world.staff("clerk"), world.place.hall, world.hero
    assert hero.plastic is not None
    for _ in range(6):  # one wrong entry of the story itself may stand there already
        session = world.session(clerk, hall, "cards.verify_social_password", "card_slot", "pin_pad")
        desk = world.desk(hall)
        desk.insert_card(hero.plastic)
        desk.enter_pin(WRONG)
        said = refused(_verify(clerk, session, hero.card)).code
        if said == "cards.password_wrong_locked":
            break
    assert said == "cards.password_wrong_locked"
    for what in ({"code": made["code"]}, plastic(world)):
        told = ask(world, "SCHOOL-1", "training_enrolment", **what)
        assert (told["valid"], told["reason"], told["facts"]) == (False, "card_locked", {})
    assert refused(lambda: code(world, opened)).code == "cards.ecard_stopped"
    session = world.session(clerk, hall, "cards.unlock_social_password", "id_reader", "card_slot")
    desk = world.desk(hall)
    desk.present_id(hero.body)
    desk.insert_card(hero.plastic)
    clerk.act("cards.unlock_social_password", session=session, card=hero.card)
    assert ask(world, "SCHOOL-1", "training_enrolment", code=code(world, opened)["code"])["valid"]


def _verify(clerk: Client, session: str, card: str) -> Callable[[], object]:
    return lambda: clerk.act("cards.verify_social_password", session=session, card=card)


# --- a sandbox of a partner's own: cards in every state, a relative's card, a loss --------------------------------------
@dataclass
class Own:
    """A partner's sandbox, by its keys."""

    world: World
    sandbox: str
    area: str
    keys: dict[str, dict[str, str]]

    def program(self, role: str) -> Client:
        key = self.keys[role]
        mark = base64.b64encode(f"{key['name']}:{key['key']}".encode()).decode()
        return Client(self.world.line, f"Basic {mark}", lang="en")

    def person(self, code: str) -> Client:
        token = self.program("sandbox").json("POST", "/api/sandbox/sessions", {"as": f"holder:{code}"})["token"]
        return Client(self.world.line, f"Bearer {token}", lang="en")

    def check(self, **what: str) -> dict[str, Any]:
        body = {"purpose": "training_enrolment", **what}
        key = {"Idempotency-Key": uuid.uuid4().hex}
        return dict(self.program("checker_program").json("POST", "/api/credential-checks", body, **key))


@pytest.fixture(scope="module")
def own(walked: Walked) -> Own:
    """Opened as any partner does, by the API."""
    world, secret, name = walked.world, totp.new_secret(), f"dev-{uuid.uuid4().hex[:8]}"
    body = {
        "organisation": "Far Hills", "username": name, "password": "quiet-harbour-41-lantern", "totp_secret": secret,
        "totp_code": totp.code(secret, clock.real_now()),
    }  # fmt: skip
    visitor = {"Sscard-Visitor": str(uuid.uuid4()), "Sscard-Area": "990100", "Idempotency-Key": uuid.uuid4().hex}
    world.nobody().json("POST", "/api/acts/partners.register", body, **visitor)
    again = totp.code(secret, clock.real_now() + timedelta(seconds=totp.STEP_SECONDS))
    signed = {"username": name, "password": body["password"], "code": again}
    token = world.nobody().json("POST", "/api/session", signed)["token"]
    made = named_act(Client(world.line, f"Bearer {token}"), "partners.open_sandbox", {"name": "Cards"})
    mine = Own(world, made["sandbox"], made["area"], made["keys"])
    mine.program("sandbox").json("POST", "/api/sandbox/fill", {})
    return mine


def named_act(who: Client, act: str, body: dict[str, str]) -> dict[str, Any]:
    """An act whose request has a field `name`."""
    return dict(who.json("POST", f"/api/acts/{act}", body, **{"Idempotency-Key": uuid.uuid4().hex}))


def electronic(own: Own, code: str, card: str) -> tuple[Client, str]:
    """Signed after a face check and open on a phone that was proved by message: the holder and the phone's token."""
    me, sandbox = own.person(code), own.program("sandbox")
    begun = me.json("POST", "/api/my/ecard/checks", {"action": "cards.ecard_sign", "by": "face", "consent": True})
    sandbox.json("POST", f"/api/sandbox/face/{begun['challenge']}", {"outcome": "pass"})
    me.act("cards.ecard_sign", card=card, consent=True, password=PASSWORD, challenge=begun["challenge"])
    sent = me.json("POST", "/api/my/ecard/checks", {"action": "cards.ecard_open", "by": "phone"})
    wrong = refused(lambda: me.act("cards.ecard_open", password=WRONG, challenge=sent["challenge"], code="900001"))
    assert wrong.code == "cards.ecard_password_wrong"
    opened = me.act("cards.ecard_open", password=PASSWORD, challenge=sent["challenge"], code="900001")
    return me, opened["phone"]


@pytest.mark.row("CRD-1")
def test_a_sandbox_and_the_city_do_not_know_each_others_cards(own: Own, world: World, opened: str) -> None:
    (mine,) = [one for one in own.program("sandbox").get("/api/sandbox/magic")["persons"] if one["code"] == "all_well"]
    assert own.check(**{name: mine[name] for name in ("card_number", "card_id_code")})["valid"]
    for told in (
        own.check(**plastic(world)),
        own.check(code=code(world, opened)["code"]),
        ask(
            world, "SCHOOL-1", "training_enrolment", card_number=mine["card_number"], card_id_code=mine["card_id_code"]
        ),
    ):
        assert (told["valid"], told["reason"], told["facts"]) == (False, "unknown", {})


@pytest.mark.row("CRD-1")
def test_every_state_a_relative_and_a_loss_at_once(own: Own, city: RunningHouse, tmp_path: Path) -> None:
    people = {one["code"]: one for one in own.program("sandbox").get("/api/sandbox/magic")["persons"]}
    for code, one in people.items():
        told = own.check(card_number=one["card_number"], card_id_code=one["card_id_code"])
        assert (told["valid"], told["reason"]) == (not one["check"], one["check"]), code
        assert set(told["facts"]) == ({"name", "insured"} if told["valid"] else set())
    assert {one["check"] for one in people.values()} >= {"card_temp_loss", "card_locked", "card_cancelled"}

    me, phone = electronic(own, "all_well", people["all_well"]["card"])
    elder, _ = electronic(own, "elder", people["elder"]["card"])
    wish = {"name": people["elder"]["name"], "id_number": people["elder"]["id_number"], "kind": "elder"}
    named_act(me, "cards.ecard_family_ask", wish)
    theirs = {"phone": phone, "person": people["elder"]["person"]}
    assert refused(lambda: me.act("cards.ecard_code", **theirs)).code == "control.not_found"  # not before he agrees
    (asked,) = [one for one in elder.get("/api/my/ecard")["family"] if one["state"] == "asked"]
    elder.act("cards.ecard_family_answer", relative=asked["relative"], agree=True)
    scanned = own.check(code=me.act("cards.ecard_code", **theirs)["code"])
    assert (scanned["valid"], scanned["facts"]["name"]) == (True, people["elder"]["name"])

    lost, later = (me.act("cards.ecard_code", **theirs) for _ in range(2))
    assert 0 < lost["seconds"] <= 60
    assert off_line(city, own, lost["code"], tmp_path)["good"]
    past = (clock.real_now() + timedelta(seconds=61)).isoformat()
    assert off_line(city, own, lost["code"], tmp_path, "--at", past)["reason"] == "expired"

    def moved(move: str) -> Any:
        return own.program("sandbox").act("partners.move_card", person="elder", move=move)

    moved("report_temp")
    plastic_ = {name: people["elder"][name] for name in ("card_number", "card_id_code")}
    for what in ({"code": lost["code"]}, plastic_):
        told = own.check(**what)
        assert (told["valid"], told["reason"], told["facts"]) == (False, "card_temp_loss", {})
    assert refused(lambda: me.act("cards.ecard_code", **theirs)).code == "cards.ecard_stopped"
    still = datetime.fromtimestamp(later["expires"] - 1, UTC).isoformat()
    for _ in range(40):  # the platform makes its list anew each half a minute
        said = off_line(city, own, later["code"], tmp_path, "--at", still)
        if not said["good"]:
            break
        time.sleep(1)
    assert said["reason"] == "card_stopped"

    moved("release")
    for move, why in (("lock", "card_locked"), ("cancel", "card_cancelled")):
        shown = me.act("cards.ecard_code", **theirs) if move == "lock" else None
        moved(move)
        for what in ({"code": shown["code"]} if shown else plastic_, plastic_):
            told = own.check(**what)
            assert (told["valid"], told["reason"], told["facts"]) == (False, why, {}), move
    assert refused(lambda: moved("release")).code == "cards.social_cancelled"
    assert "partners.move_unknown" in refused(lambda: moved("vanish")).codes()


def off_line(city: RunningHouse, own: Own, code: str, folder: Path, *more: str) -> dict[str, Any]:
    """What a scanner without a line says, with keys and list of this moment."""
    ecard = [sys.executable, "-m", "sscard.app.command", "ecard"]
    trust = ["--url", city.url, "--trust", str(city.home / "tls" / "authority.pem")]
    for words in (
        ["fetch", "--into", str(folder), "--area", own.area, *trust],
        ["verify", code, "--held", str(folder), *more],
    ):
        done = subprocess.run([*ecard, *words], env=city.environ, capture_output=True, text=True, check=False)
    return dict(json.loads(done.stdout))
