"""What is generated from the OpenAPI description: the typed client drives the product, the collection names every operation."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from pages_kit import HouseClient
from partners_kit import Tenant, tenant

if TYPE_CHECKING:
    from tests_support import House


@pytest.fixture(scope="module")
def one(_module_house: House) -> Tenant:
    with _module_house.entered():
        return tenant()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory, _module_house: House) -> Path:
    with _module_house.entered():
        fetched = HouseClient().get("/api/client.py")
    path = tmp_path_factory.mktemp("client") / "sscard_client.py"
    path.write_bytes(fetched.content)
    return path


@pytest.fixture(scope="module")
def module(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("sscard_client", file)
    assert spec
    assert spec.loader
    found = importlib.util.module_from_spec(spec)
    sys.modules["sscard_client"] = found
    spec.loader.exec_module(found)
    return found


def client_of(module: ModuleType, **more: Any) -> Any:
    from sscard.app.wsgi import application

    http = httpx.Client(transport=httpx.WSGITransport(app=application))
    return module.Client("https://localhost", http=http, **more)


def test_the_client_is_strictly_typed(file: Path) -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(file.parent / "cache"), file.name],
        cwd=file.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout


def test_the_client_drives_the_product(db: House, one: Tenant, module: ModuleType) -> None:
    key = one.keys["sandbox"]
    mine = client_of(module, key=(key["name"], key["key"]))
    people = {row["code"]: row for row in mine.get_sandbox_magic().body["persons"]}
    token = mine.post_sandbox_sessions({"as": "clerk"}).body["token"]
    clerk = client_of(module, token=token)
    clerk._headers["Sscard-Purpose"] = "counter"
    cards = clerk.get_people_person_cards(people["lost"]["person"])
    assert cards.body[0]["social"] == "temp_loss"
    bank = one.keys["bank_program"]
    paying = client_of(module, key=(bank["name"], bank["key"]))
    body = {"amount_fen": 1234, "account": people["poor"]["account"]}
    first = paying.bank_deposit(body, idempotency_key="client-1")
    again = paying.bank_deposit(body, idempotency_key="client-1")
    assert (first.replayed, again.replayed) == (False, True)
    assert first.body == again.body
    with pytest.raises(module.Refused) as refused:
        paying.bank_deposit({"amount_fen": 4_040_405, "account": people["poor"]["account"]})
    assert refused.value.code == "bank.frozen"
    assert mine.get_errors_code(refused.value.code).body["status"] == refused.value.status
    line = mine.get_sandbox_requests(trace=refused.value.trace).body[0]
    assert line["code"] == "bank.frozen"


def test_every_operation_is_in_client_and_collection(db: House, module: ModuleType) -> None:
    document, collection = (
        HouseClient().get("/api/openapi.json").json(),
        HouseClient().get("/api/collection.json").json(),
    )
    operations = [(path, verb) for path, verbs in document["paths"].items() for verb in verbs]
    requests = [row["request"] for folder in collection["item"] for row in folder["item"]]
    assert len(requests) == len(operations)
    assert sum(not name.startswith("_") for name in vars(module.Client)) == len(operations)
    acts = [row for row in requests if "/acts/" in row["url"]["raw"]]
    assert all(any(h["key"] == "Idempotency-Key" and h["value"] == "{{$guid}}" for h in row["header"]) for row in acts)


def test_every_operation_declares_what_it_refuses(db: House) -> None:
    document = HouseClient().get("/api/openapi.json").json()
    for path, verbs in document["paths"].items():
        for verb, one in verbs.items():
            statuses = {status for status in one["responses"] if status >= "400"}
            own = {"401", "404", "422", "429"} if path.startswith("/api/") else {"400"} if verb == "post" else set()
            assert {"503", *own} <= statuses, (verb, path)
            if path.startswith("/api/acts/"):
                assert "control.key_reused" in one["x-refusals"]


def test_catalogue_of_errors_is_whole_and_its_types_lead_there(db: House) -> None:
    from sscard.kernel import words

    listed = HouseClient().get("/api/errors").json()
    assert {row["code"] for row in listed} == set(words.catalogue()["refusal"])
    assert all(row["title"] and row["title_zh"] and row["detail"] and row["detail_zh"] for row in listed)
    problem = HouseClient().get("/api/sandbox").json()
    assert HouseClient().get(problem["type"]).json()["code"] == problem["code"] == "api.sign_in_needed"
    assert HouseClient().get("/api/errors/no.such.code").status_code == 404


def test_what_will_end_says_so_in_time(db: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import date, timedelta

    from sscard.api import changes

    for one in changes.endings():
        assert one.until - one.since >= timedelta(days=changes.NOTICE_DAYS)
    assert HouseClient().get("/api/changes").json()["changes"]
    soon = changes.Ending("GET", "/api/hooks/events", date(2027, 1, 1), date(2027, 7, 1), "/api/hooks/event-names")
    monkeypatch.setattr(changes, "endings", lambda: (soon,))
    answer = HouseClient().get("/api/hooks/events")
    assert answer["Deprecation"] == "@1798761600"
    assert answer["Sunset"] == "Thu, 01 Jul 2027 00:00:00 GMT"
    assert "successor-version" in answer["Link"]
