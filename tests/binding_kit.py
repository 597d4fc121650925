# ruff: noqa: E402 - the kits of rooms lie in their folders, which come onto the path first
"""A small world for the tests of linking: a bank's client with keys, holders with card and telephone, a holder's browser.

Everything a client or a browser does goes over real sockets to the portal that is served; only the world is made inside.
"""

from __future__ import annotations

import html
import json
import re
import secrets
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from jwskate import Jwk
from requests_oauth2client import DPoPKey, OAuth2Client, PrivateKeyJwt

for _room in ("bank", "portal"):
    sys.path.insert(0, str(Path(__file__).parent / _room))

import bank_kit

REDIRECT = "https://bank.example/linked?from=sscard"
AREA = "990100"
TIMEOUT = 60


@dataclass(slots=True)
class Linkable:
    """A holder whose card can be linked."""

    holder: bank_kit.Holder
    card_number: str
    phone: str

    @property
    def id_number(self) -> str:
        return self.holder.id_number

    @property
    def person_id(self) -> int:
        return self.holder.person_id


def holder(*, social: str = "normal", phone: bool = True, **more: Any) -> Linkable:
    """Registered, with a card that is handed out and enabled, and a telephone of record."""
    from sscard.cards.models import Card
    from sscard.cards.numbers import number_index
    from sscard.codes import card_number
    from sscard.kernel.db import unit_of_work
    from sscard.kernel.masked import mask_card, mask_phone
    from sscard.kernel.sealed import open_one
    from sscard.people import lookup
    from sscard.people.models import Person

    made = bank_kit.person(**more)
    sequence = bank_kit.next_number()
    number = card_number.construct("X", 9_000_000 + sequence)
    telephone = f"199{sequence:08d}" if phone else ""
    with unit_of_work(area=made.area):
        person = Person.objects.get(person_id=made.person_id)
        facts = open_one(person, "facts", _Test())
        person.facts, person.phone_mask = {**facts, "phone": telephone}, mask_phone(telephone) if phone else ""
        person.save(force_update=True)
        Card.objects.filter(person_id=made.person_id, card_id=made.card).update(
            social=social, card_number_mask=mask_card(number)
        )
        index = number_index(made.area, number)
        lookup.put("card_number", index, area=made.area, person_id=made.person_id, object_id=made.card)
    return Linkable(made, number, telephone)


class _Test:
    def opened(self, *_: object) -> None:
        return


@dataclass
class Partner:
    """A bank's on-line site as a client: its keys, and the independent library that speaks for it."""

    url: str
    client_id: str
    key: Jwk
    organisation: str
    session: requests.Session

    @classmethod
    def register(cls, url: str, *, bank: str = "CCB", kind: str = "bank", alg: str = "ES256", **more: Any) -> Partner:
        from sscard.binding import clients
        from sscard.kernel import clock

        code = f"ORG-{secrets.token_hex(4)}" if kind != "bank" else bank
        bank_kit.organisation(code, kind, "", bank if kind == "bank" else "")
        key = _fresh_key(alg)
        made = clients.register(
            organisation=code, name_zh=f"{code}网上银行", name_en=f"{code} on-line",
            **{"redirect_uris": [REDIRECT], "jwks": {"keys": [dict(key.public_jwk())]}, **more},
            by=uuid.uuid4(), now=clock.real_now(),
        )  # fmt: skip
        return cls(url, str(made.client_id), key, code, _session())

    def oauth(self, **more: Any) -> OAuth2Client:
        """`requests_oauth2client`, told where things are by the discovery document."""
        found = self.session.get(f"{self.url}/.well-known/oauth-authorization-server", timeout=TIMEOUT).json()
        auth = PrivateKeyJwt(self.client_id, self.key, alg=self.key.alg, aud=found["issuer"])
        keys = self.session.get(found["jwks_uri"], timeout=TIMEOUT).json()
        return OAuth2Client.from_discovery_document(
            found,
            authorization_server_jwks=keys,
            issuer=self.url, auth=auth, session=self.session, testing=True, redirect_uri=REDIRECT,
            id_token_signed_response_alg="ES256", dpop_bound_access_tokens=True,
            backchannel_authentication_endpoint=found["backchannel_authentication_endpoint"], **more,
        )  # fmt: skip

    def assertion(self, **claims: Any) -> dict[str, str]:
        """Form fields of a fresh assertion; `claims` replaces some, None leaves one out."""
        import time

        from jwskate import Jwt

        now = int(time.time())
        told = {
            "iss": self.client_id, "sub": self.client_id, "aud": self.url, "iat": now, "exp": now + 60,
            "jti": uuid.uuid4().hex, **claims,
        }  # fmt: skip
        told = {name: value for name, value in told.items() if value is not None}
        return self.with_assertion(str(Jwt.sign(told, self.key, alg=self.key.alg)))

    def with_assertion(self, text: str) -> dict[str, str]:
        return {
            "client_id": self.client_id,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": text,
        }

    def post(self, path: str, data: dict[str, Any], *, headers: dict[str, str] | None = None, **claims: Any) -> Any:
        """A request of this client by hand."""
        body = {**self.assertion(**claims), **data}
        body = {name: value for name, value in body.items() if value is not None}
        answer = self.session.post(self.url + path, data=body, headers=headers or {}, timeout=TIMEOUT)
        assert answer.status_code < 500, portal_log(self.url)
        return answer

    def par(self, one: Linkable, *, verifier: str = "v" * 43, proof: str = "", **more: Any) -> Any:
        """Push a request by hand; `more` replaces parameters."""
        data = {
            "response_type": "code", "redirect_uri": REDIRECT, "code_challenge": challenge(verifier),
            "code_challenge_method": "S256", "state": "s-" + secrets.token_hex(4),
            "authorization_details": json.dumps([details(one)]), **more,
        }  # fmt: skip
        return self.post("/oauth/par", data, headers={"DPoP": proof} if proof else {})


def portal_log(url: str) -> str:
    """The end of what the served portal wrote."""
    import os

    log = Path(os.environ["SSCARD_HOME"]) / f"portal-{urlsplit(url).port}.log"
    return log.read_text(errors="replace")[-3000:]


def challenge(verifier: str) -> str:
    import base64
    import hashlib

    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def details(one: Linkable, **more: Any) -> dict[str, Any]:
    told = {
        "type": "social_card_link", "card_number": one.card_number, "id_number": one.id_number,
        "customer": f"customer-{one.holder.public.hex[:12]}",
        "paying_account": {"reference": "acc-1", "masked": "6217 **** 0018", "own": True},
        "actions": ["status", "contributions", "totals", "payments"], "duration": "TIME_BOUND", "days": 180, **more,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value is not None}


def _fresh_key(alg: str) -> Jwk:
    kinds = {"ES256": {"kty": "EC", "crv": "P-256"}, "EdDSA": {"kty": "OKP", "crv": "Ed25519"}, "PS256": {"kty": "RSA"}}
    if alg == "PS256":
        return Jwk.generate(kty="RSA", key_size=2048, alg="PS256", kid=uuid.uuid4().hex)
    return Jwk.generate(**kinds[alg], alg=alg, kid=uuid.uuid4().hex)


def _session() -> requests.Session:
    session = requests.Session()
    session.verify, session.trust_env = False, False
    return session


@dataclass
class Browser:
    """The holder's browser without script: keeps cookies, reads forms, follows nothing by itself."""

    url: str
    session: requests.Session = field(default_factory=_session)

    def get(self, address: str, **more: Any) -> Any:
        return self.session.get(self._whole(address), allow_redirects=False, timeout=TIMEOUT, **more)

    def post(self, path: str, page: Any, **values: str) -> Any:
        """Send a form of this page, with all its hidden fields."""
        forms = re.findall(rf'<form[^>]*action="{re.escape(path)}"[^>]*>(.*?)</form>', page.text, re.S)
        assert forms, f"no form to {path} on {page.url}"
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', forms[0]))
        hidden = {name: html.unescape(value) for name, value in hidden.items()}
        return self.session.post(
            self._whole(path), data={**hidden, **values}, headers={"Referer": page.url, "Origin": self.url},
            allow_redirects=False, timeout=TIMEOUT,
        )  # fmt: skip

    def open(self, client_id: str, request_uri: str) -> Any:
        """The page with the request; follows our own redirect only."""
        first = self.get(f"{self.url}/authorise", params={"client_id": client_id, "request_uri": request_uri})
        return self.get(first.headers["Location"]) if first.status_code == 303 else first

    def send_code(self, page: Any) -> Any:
        """Press "send me a code"; the page where it is typed."""
        sent = self.post(_path(page) + "code/", page)
        assert sent.status_code == 303, sent.text
        return self.get(sent.headers["Location"])

    def agree(self, page: Any, one: Linkable) -> Any:
        """From the page of the request to the answer that leads back to the client."""
        typed = self.send_code(page)
        return self.post(_path(page) + "agree/", typed, code=newest_code(one))

    def _whole(self, address: str) -> str:
        return address if address.startswith("http") else self.url + address


def _path(page: Any) -> str:
    return urlsplit(page.url).path


def signed_in(url: str, one: Linkable) -> tuple[Browser, str]:
    """The holder's browser after his sign-in, and the token of that session."""
    import holders_kit

    token = holders_kit.session_of(holders_kit.with_sign_in(one.holder))
    browser = Browser(url)
    browser.session.cookies.set("__Host-sscard", token, domain="localhost.local", path="/", secure=True)
    return browser, token


def newest_code(one: Linkable) -> str:
    """What stands in the newest message on the holder's telephone."""
    from sscard.kernel.masked import mask_phone
    from sscard.verification import virtual_sms

    found = virtual_sms.messages(one.holder.area, phone_masked=mask_phone(one.phone), most=50)
    assert found, "no message arrived"
    return found[0].code


def calm() -> None:
    """Every test stands at the same address: what one has used up is given back to the next."""
    from sscard.control.models import Throttle

    Throttle.objects.all().delete()


def answer_of(response: Any) -> dict[str, str]:
    """The parameters with which the browser is sent back."""
    assert response.status_code == 303, response.text
    return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["Location"]).query).items()}


@dataclass
class Linked:
    """A link as the client holds it."""

    one: Linkable
    token: dict[str, Any]
    key: DPoPKey
    consent: str


def link(partner: Partner, one: Linkable, *, key: DPoPKey | None = None, scope: str = "", **more: Any) -> Linked:
    """The whole flow by hand: pushed, agreed to with a code, exchanged."""
    key, verifier = key or DPoPKey.generate(), secrets.token_urlsafe(40)
    extra = {"scope": scope} if scope else {}
    pushed = partner.par(one, verifier=verifier, authorization_details=json.dumps([details(one, **more)]), **extra)
    assert pushed.status_code == 201, pushed.text
    browser = Browser(partner.url)
    back = answer_of(browser.agree(browser.open(partner.client_id, pushed.json()["request_uri"]), one))
    told = exchange(partner, back["code"], verifier, key)
    assert told.status_code == 200, told.text
    token = told.json()
    return Linked(one, token, key, token["authorization_details"][0]["consent"])


def exchange(partner: Partner, code: str, verifier: str, key: DPoPKey, **more: Any) -> Any:
    data = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": verifier, **more,
    }  # fmt: skip
    return partner.post("/oauth/token", data, headers={"DPoP": proof(key, "POST", f"{partner.url}/oauth/token")})


def refresh(partner: Partner, token: str, key: DPoPKey) -> Any:
    data = {"grant_type": "refresh_token", "refresh_token": token}
    return partner.post("/oauth/token", data, headers={"DPoP": proof(key, "POST", f"{partner.url}/oauth/token")})


def proof(key: DPoPKey, method: str, url: str, token: str = "", **claims: Any) -> str:
    """A DPoP proof by the independent library; `claims` replaces some of what it says (and it is signed by that)."""
    if not claims:
        import base64
        import hashlib

        ath = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode() if token else None
        return str(key.proof(htm=method, htu=url, ath=ath))
    from jwskate import Jwt, SignedJwt

    made = SignedJwt(proof(key, method, url, token))
    headers = {**made.headers, **claims.pop("headers", {})}
    body = {name: value for name, value in {**made.claims, **claims}.items() if value is not None}
    return str(Jwt.sign_arbitrary(body, headers, key.private_key, alg=headers["alg"]))


def call(partner: Partner, linked: Linked, path: str = "/api/link", method: str = "GET", **headers: str) -> Any:
    """A resource with the link's token and a fresh proof; `headers` replaces."""
    token = linked.token["access_token"]
    told = {
        "Authorization": f"DPoP {token}", "DPoP": proof(linked.key, method, partner.url + path, token), **headers,
    }  # fmt: skip
    return partner.session.request(method, partner.url + path, headers=told, timeout=TIMEOUT)


def consent_of(one: Linkable) -> Any:
    from sscard.binding.models import Consent
    from sscard.kernel.db import unit_of_work

    with unit_of_work(area=one.holder.area):
        return Consent.objects.filter(person_id=one.person_id).latest("asked_at")


def decide(one: Linkable, *, agree: bool = True) -> None:
    """The holder on his own pages, through the door as they do; the pages themselves are tested in the browser."""
    from sscard.binding.deciding import ACTION, Authorise, Decline
    from sscard.control.caller import Caller
    from sscard.control.door import perform
    from sscard.kernel import ids
    from sscard.verification import codes

    consent = consent_of(one)
    caller = Caller.of_holder(
        holder_id=ids.new_id(), name="李某", area=one.holder.area, person_index=b"i" * 32,
        persons=frozenset({one.person_id}),
    )  # fmt: skip
    if not agree:
        perform(caller, "binding.decline", Decline(consent.consent_id), key=str(ids.new_id()))
        return
    sent = codes.send(
        person_id=one.person_id, area=one.holder.area, action=ACTION, session=str(consent.consent_id), facts={},
        address="test",
    )  # fmt: skip
    wish = Authorise(consent.consent_id, "sms", sent.challenge, newest_code(one))
    perform(caller, ACTION, wish, key=str(ids.new_id()))
