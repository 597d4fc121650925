"""A partner with a sandbox, as the pages and the API make them, and its software that calls by HTTP (Django's client)."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from pages_kit import HouseClient
from sscard.control import totp
from sscard.kernel import clock

PASSWORD = "纸灯笼-quiet-harbour-41"
BUREAU, EMPTY = "990100", ""


@dataclass
class Software:
    """Calls with one key or token."""

    authorization: str
    client: HouseClient = field(default_factory=HouseClient)
    more: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_key(cls, key: dict[str, str], **more: str) -> Software:
        text = base64.b64encode(f"{key['name']}:{key['key']}".encode()).decode()
        return cls(f"Basic {text}", more=more)

    @classmethod
    def of_token(cls, token: str, **more: str) -> Software:
        return cls(f"Bearer {token}", more=more)

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers={"Authorization": self.authorization, **self.more, **headers})

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        headers.setdefault("Idempotency-Key", uuid.uuid4().hex)
        return self.client.post(
            path, json.dumps(body or {}), content_type="application/json",
            headers={"Authorization": self.authorization, **self.more, **headers},
        )  # fmt: skip

    def act(self, name: str, body: Any = None, **headers: str) -> Any:
        return self.post(f"/api/acts/{name}", body, **headers)


@dataclass
class Tenant:
    """An opened and filled sandbox."""

    username: str
    organisation: str
    sandbox: str
    area: str
    keys: dict[str, dict[str, str]]

    @property
    def key(self) -> Software:
        return Software.of_key(self.keys["sandbox"])

    @property
    def bank(self) -> Software:
        return Software.of_key(self.keys["bank_program"])

    def acting(self, who: str) -> Software:
        answer = self.key.post("/api/sandbox/sessions", {"as": who})
        assert answer.status_code == 200, answer.content
        return Software.of_token(answer.json()["token"], **{"Sscard-Purpose": "counter"})

    def magic(self) -> dict[str, dict[str, Any]]:
        return {one["code"]: one for one in self.key.get("/api/sandbox/magic").json()["persons"]}


def register(username: str = "", organisation: str = "远山软件") -> tuple[str, str]:
    """By API, as a visitor; (user name, organisation's code)."""
    username, secret = username or f"dev-{uuid.uuid4().hex[:8]}", totp.new_secret()
    body = {
        "organisation": organisation, "username": username, "password": PASSWORD, "totp_secret": secret,
        "totp_code": totp.code(secret, clock.real_now()),
    }  # fmt: skip
    answer = HouseClient().post(
        "/api/acts/partners.register", json.dumps(body), content_type="application/json",
        headers={"Idempotency-Key": uuid.uuid4().hex, "Sscard-Visitor": str(uuid.uuid4()), "Sscard-Area": BUREAU},
    )  # fmt: skip
    assert answer.status_code == 200, answer.content
    return username, answer.json()["partner"]


def developer(username: str) -> Software:
    """A developer's own token. His sign-in with both factors has its tests; here it is a session that is made."""
    from sscard.control import passwords, sessions
    from sscard.control.models import Staff

    store = sessions.SessionStore()
    sessions.begin(store, kind="staff", subject=Staff.objects.get(username=passwords.normal_name(username)).staff_id)
    return Software.of_token(str(store.session_key))


def tenant(name: str = "测试沙盒") -> Tenant:
    username, organisation = register()
    return opened(username, organisation, name)


def opened(username: str, organisation: str, name: str = "测试沙盒") -> Tenant:
    answer = developer(username).act("partners.open_sandbox", {"name": name})
    assert answer.status_code == 200, answer.content
    made = answer.json()
    found = Tenant(username, organisation, made["sandbox"], made["area"], made["keys"])
    assert found.key.post("/api/sandbox/fill").status_code == 200
    return found
