"""The virtual national platform as a product: its HTTP interface at its own host, and what the area answers it."""

from __future__ import annotations

import base64
import json
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "cards"))

import ecard_kit as kit

from pages_kit import HouseClient
from sscard.cards.electronic import holding, offline
from sscard.cards.electronic.platform import key_of
from sscard.control.models import Program
from sscard.control.sessions import token_hash
from sscard.kernel import clock, ids
from sscard.kernel.db import unit_of_work
from sscard.sim.national import site

HOST = "national.localhost"
pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The platform's two accounts, in a folder of their own."""
    folder = tmp_path_factory.mktemp("national")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site, "folder", lambda: folder)
        made = site.set_up()
        assert site.set_up() == {}
        assert not any(secret in (folder / site.CHANNELS).read_text() for secret in made.values())
        yield made


def ask(method: str, path: str, body: Any = None, account: tuple[str, str] | None = None) -> tuple[int, dict[str, Any]]:
    headers = {"host": HOST}
    if account:
        headers["authorization"] = "Basic " + base64.b64encode(":".join(account).encode()).decode()
    data = json.dumps(body) if body is not None else ""
    answer = HouseClient().generic(method, path, data, "application/json", headers=headers)
    return answer.status_code, json.loads(answer.content)


def test_keys_and_list_are_open_and_prove_a_code() -> None:
    one, token = kit.ready()
    code = kit.code(one, token)["code"]
    status, told = ask("GET", "/v1/keys")
    assert status == 200
    keys = tuple(key_of(key) for key in told["keys"])
    status, stopped = ask("GET", f"/v1/stopped?area={one.area}")
    assert status == 200
    held = offline.Published(keys, {one.area: stopped["list"]})
    proof = offline.verify(code, held, clock.real_now())
    assert (proof.good, proof.listed_at is not None) == (True, True)
    assert ask("GET", "/v1/stopped?area=999999")[0] >= 400


def test_only_a_channel_asks_for_signatures_and_the_area_is_asked_first(accounts: dict[str, str]) -> None:
    one, _ = kit.ready()
    channel = (site.CHANNEL, accounts[site.CHANNEL])
    with unit_of_work(area=one.area):
        ecard = holding.require(one.person_id)
    wanted = {"area": one.area, "ecard": str(ecard.ecard_id), "certificate": ecard.certificate}
    for account in (None, (site.CHANNEL, "wrong"), (site.OPERATOR, accounts[site.OPERATOR])):
        assert ask("POST", "/v1/codes", wanted, account)[0] == 401
    status, told = ask("POST", "/v1/codes", wanted, channel)
    assert (status, told["code"][:5]) == (200, "SSC1.")
    for changed in ({"certificate": ecard.certificate[:-6] + "AAAAAA"}, {"ecard": str(uuid.uuid4())}):
        assert ask("POST", "/v1/codes", {**wanted, **changed}, channel) == (409, {"why": "certificate"})
    assert ask("POST", "/v1/codes", {"area": one.area}, channel) == (422, {"why": "form"})
    assert ask("POST", "/v1/codes", [], channel) == (422, {"why": "form"})
    card = {"area": one.area, "card": str(one.card), "ecard": str(uuid.uuid4()), "level": 1}
    assert ask("POST", "/v1/cards", card, channel)[0] == 200
    assert ask("POST", "/v1/cards", {**card, "card": str(uuid.uuid4())}, channel) == (409, {"why": "unknown"})
    kit.social(one, "report_temp")
    assert ask("POST", "/v1/codes", wanted, channel) == (409, {"why": "card_temp_loss"})
    assert ask("POST", "/v1/cards", card, channel) == (409, {"why": "card_temp_loss"})
    assert ask("DELETE", "/v1/codes", None, channel)[0] == 405
    assert ask("POST", "/v1/keys", {}, channel)[0] == 401


def test_what_the_area_answers_names_nobody() -> None:
    """Over the net a real platform asks at these addresses, signed in as a program; nobody else may."""
    one, _ = kit.ready()
    with unit_of_work(area=one.area):
        ecard = holding.require(one.person_id)
    secret, name = "s" * 32, f"platform-{uuid.uuid4().hex[:6]}"
    kit.checker()
    Program.objects.create(
        program_id=ids.new_id(), name=name, organisation_id="990100-school", area_code="", role="platform_program",
        secret_hash=token_hash(secret),
    )  # fmt: skip
    mark = base64.b64encode(f"{name}:{secret}".encode()).decode()

    def get(path: str, authorization: str = f"Basic {mark}") -> Any:
        return HouseClient().get(f"/api/ecard-area/{one.area}/{path}", headers={"authorization": authorization})

    told = get(f"ecards/{ecard.ecard_id}")
    assert told.json()["why"] == ""
    assert set(told.json()) == {"why", "level", "handle", "seconds"}
    assert get(f"cards/{one.card}").json() == {"why": ""}
    assert get(f"cards/{uuid.uuid4()}").json() == {"why": "unknown"}
    for secret_value in (one.id_number, one.name, one.number, one.card_id_code):
        assert secret_value not in told.content.decode()
    assert get(f"cards/{one.card}", "").status_code == 401
