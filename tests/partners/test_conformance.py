"""A conformance run: software that does all of it passes, software that does not fails; the report is signed."""

from __future__ import annotations

import base64
import json
import uuid
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from standardwebhooks import Webhook, WebhookVerificationError

from partners_kit import Tenant, tenant

if TYPE_CHECKING:
    from tests_support import House


def listener(one: Tenant) -> dict[str, Any]:
    return dict(one.key.act("partners.register_endpoint", {"url": "", "events": ["card.*", "bank.*"]}).json())


def start(one: Tenant) -> dict[str, Any]:
    answer = one.key.act("partners.start_conformance", {"sandbox": one.sandbox})
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def receive(one: Tenant, made: dict[str, Any], *, careless: bool = False) -> None:
    """The local listener with a receiver that checks signatures, or one that takes anything."""
    for message in one.key.get(f"/api/hooks/endpoints/{made['endpoint']}/waiting").json():
        try:
            Webhook(made["secret"]).verify(message["body"], message["headers"])
            status = 200
        except WebhookVerificationError:
            status = 200 if careless else 400
        one.key.post(f"/api/hooks/deliveries/{message['delivery']}/answer", {"status": status})


def finish(one: Tenant, run: str) -> dict[str, Any]:
    answer = one.key.act("partners.finish_conformance", {"sandbox": one.sandbox, "run": run})
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def test_good_software_passes_and_its_report_is_signed(db: House) -> None:
    one = tenant()
    refused = one.key.act("partners.start_conformance", {"sandbox": one.sandbox})
    assert refused.json()["code"] == "partners.run_needs_endpoint"
    made, magic = listener(one), one.magic()
    run = start(one)
    trace = {"Sscard-Trace": f"our-trace-{uuid.uuid4().hex[:8]}"}
    body = {"amount_fen": 700, "account": magic["all_well"]["account"]}
    one.bank.act("bank.deposit", body, **trace, **{"Idempotency-Key": "deposit-1"})
    one.bank.act("bank.deposit", body, **trace, **{"Idempotency-Key": "deposit-1"})
    no = one.bank.act("bank.deposit", {**body, "account": magic["frozen"]["account"]}, **trace)
    assert one.key.get(f"/api/errors/{no.json()['code']}", **trace).json()["status"] == no.status_code
    receive(one, made)
    clerk = one.acting("clerk")
    seen = clerk.get(f"/api/people/{run['person']}/cards", **trace).json()
    assert seen[0]["social"] == "temp_loss"
    done = finish(one, run["run"])
    assert [row["code"] for row in done["results"] if row["state"] != "passed"] == []
    assert done["passed"] is True
    _signed(one, run["run"])
    again = one.key.act("partners.finish_conformance", {"sandbox": one.sandbox, "run": run["run"]})
    assert again.json()["code"] == "partners.run_over"


def _signed(one: Tenant, run: str) -> None:
    """JWS by joserfc with the certificate in it, PDF by pyHanko, both against the root that is published."""
    from joserfc import jws
    from joserfc.jwk import ECKey

    root = x509.load_pem_x509_certificate(one.key.get("/api/document-authority").content)
    report = one.key.get("/api/sandbox/conformance").json()[0]["report"]
    unproved = json.loads(base64.urlsafe_b64decode(report.split(".")[1] + "=="))
    certificate = x509.load_der_x509_certificate(base64.b64decode(unproved["signed_by"]))
    certificate.verify_directly_issued_by(root)
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    pem = certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    told = json.loads(jws.deserialize_compact(report, ECKey.import_key(pem)).payload)
    assert (told["run"], told["passed"], told["organisation"]) == (run, True, one.organisation)
    file = one.key.get(f"/api/sandbox/conformance/{run}/report.pdf").content
    from pyhanko.pdf_utils.reader import PdfFileReader

    (signature,) = PdfFileReader(BytesIO(file)).embedded_signatures
    signature.compute_integrity_info()
    assert signature.summarise_integrity_info()["coverage"].name == "ENTIRE_FILE"


def test_careless_software_fails(db: House) -> None:
    one = tenant()
    made, magic = listener(one), one.magic()
    run = start(one)
    assert one.key.act("partners.start_conformance", {"sandbox": one.sandbox}).json()["code"] == "partners.run_open"
    for account in ("frozen", "all_well"):  # one key for two requests
        one.bank.act(
            "bank.deposit", {"amount_fen": 5, "account": magic[account]["account"]}, **{"Idempotency-Key": "k"}
        )
    for _ in range(5):
        one.bank.act("bank.deposit", {"amount_fen": 5, "account": magic["frozen"]["account"]})
    receive(one, made, careless=True)
    done = finish(one, run["run"])
    failed = {row["code"] for row in done["results"] if row["state"] == "failed"}
    assert {"fresh_keys", "no_hammering", "hook_forged", "loss", "refusal_read", "trace", "replay"} <= failed
    assert done["passed"] is False


def test_another_partners_run_is_not_there(db: House) -> None:
    one, other = tenant(), tenant()
    listener(one)
    run = start(one)
    answer = other.key.act("partners.finish_conformance", {"sandbox": other.sandbox, "run": run["run"]})
    assert answer.status_code == 404
    assert other.key.get(f"/api/sandbox/conformance/{run['run']}/report.pdf").status_code == 404


@pytest.mark.parametrize("path", ["/api/sandbox", "/api/sandbox/magic", "/api/sandbox/requests"])
def test_no_sandbox_in_production(db: House, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    from sscard.partners.sandbox import tenants

    one = tenant()
    monkeypatch.setattr(tenants, "offered", False)
    assert one.key.get(path).status_code == 404
    assert one.key.client.get("/developers/").status_code == 404
