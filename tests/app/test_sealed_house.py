"""`sscard up` with the sealed key store: it comes up, says what is missing where people look, and works once it is opened."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookiejar import CookieJar
from typing import Any

import pytest

from real_keys_kit import ANNA, BERT, CARL, DORA
from sscard.kernel.keyclient import KeyClient
from tests_support import RunningHouse

pytestmark = pytest.mark.slow


@dataclass(slots=True)
class SealedHouse(RunningHouse):
    @property
    def environ(self) -> dict[str, str]:
        return {**RunningHouse.environ.fget(self), "SSCARD_KEY_STORE": "sealed"}  # type: ignore[attr-defined]

    def client(self) -> KeyClient:
        return KeyClient(self.config.key_service_socket)

    def asked(self, path: str, form: dict[str, str] | None = None, body: Any = None) -> tuple[int, str]:
        """Status and text of a page or call, as a browser that has loaded the form's page before."""
        jar = CookieJar()
        web = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=self.tls()), urllib.request.HTTPCookieProcessor(jar)
        )
        headers, raw = {"Accept-Language": "en", "Referer": f"{self.url}/"}, None
        if form is not None:
            web.open(f"{self.url}{path}").read()
            token = next(one.value for one in jar if "csrf" in one.name)
            raw = urllib.parse.urlencode({**form, "csrfmiddlewaretoken": str(token)}).encode()
        elif body is not None:
            raw, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        try:
            with web.open(urllib.request.Request(f"{self.url}{path}", raw, headers)) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@pytest.fixture
def house() -> Iterator[SealedHouse]:
    one = SealedHouse.make()
    yield one
    one.end()


def test_what_is_missing_is_said_and_then_done(house: SealedHouse) -> None:
    house.up()
    house.wait_for(lambda: "sscard keys root" in house.out)
    assert "nobody can sign in" in house.out
    examined = house.command("doctor")
    assert "sscard keys root" in examined.stdout + examined.stderr
    refused = house.command("keys", "records", "990100")
    assert refused.returncode == 1
    assert "sscard keys open" in refused.stderr, "what to do next"
    assert "Traceback" not in refused.stderr
    assert house.asked("/")[0] == 200
    status, page = house.asked("/sign-in/", {"username": "clerk.990100", "password": "canary-word-1"})
    assert "sscard keys open" in page
    assert status == 503
    status, answer = house.asked("/api/session", body={"username": "a", "password": "b", "code": "1"})
    assert (status, json.loads(answer)["code"]) == (503, "keys.sealed")
    client = house.client()
    client.ceremony_begin("root", "root", "root", [ANNA, BERT])
    shares = {}
    for person in (ANNA, BERT, CARL):
        shares[person] = client.ceremony_share("root", person)
        client.ceremony_confirm("root", person, shares[person])
    client.ceremony_finish("root", DORA)
    read = house.command("keys", "records", "990100")
    assert read.returncode == 0, read.stderr
    assert "KCV" in read.stdout
    assert house.asked("/sign-in/", {"username": "clerk.990100", "password": "canary-word-1"})[0] != 503
    assert " fell (" not in house.out, "whoever needs keys waits for them"
    house.down()
    house.up()
    house.wait_for(lambda: "sscard keys open" in house.out)
    client = house.client()
    client.ceremony_begin("open", "open", "root", [ANNA, BERT])
    client.ceremony_give("open", ANNA, shares[ANNA])
    assert client.status()["sealed"], "one share opens nothing"
    client.ceremony_give("open", CARL, shares[CARL])
    status, answer = house.asked("/api/session", body={"username": "a", "password": "b", "code": "1"})
    assert json.loads(answer)["code"] != "keys.sealed"
