"""The signed report of a conformance run: JSON as a JWS (ES256; the certificate is `signed_by`) and a PDF with a PAdES seal."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives import serialization

from sscard import __version__
from sscard.documents import authority
from sscard.documents.signing import seal
from sscard.kernel import dates
from sscard.partners.models import ConformanceRun, Sandbox

SIGNER, SIGNER_NAME = "SANDBOX", "sscard 沙盒符合性检验"


def facts(run: ConformanceRun, sandbox: Sandbox) -> dict[str, Any]:
    assert run.ended_at is not None
    return {
        "report": "sscard-conformance/1",
        "run": str(run.run_id),
        "organisation": run.organisation,
        "sandbox": {"id": str(sandbox.sandbox_id), "name": sandbox.name},
        "version": __version__,
        "begun_at": run.begun_at.isoformat(),
        "ended_at": run.ended_at.isoformat(),
        "passed": run.passed,
        "results": run.results,
    }


def sign(run: ConformanceRun, sandbox: Sandbox) -> None:
    """Puts both forms on the run; the caller saves it."""
    from joserfc import jws
    from joserfc.jwk import ECKey

    by, body = authority.seal_of(SIGNER, SIGNER_NAME), facts(run, sandbox)
    pem = by.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    der = by.certificate.public_bytes(serialization.Encoding.DER)
    body["signed_by"] = base64.b64encode(der).decode()
    mark = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
    run.report = jws.serialize_compact(
        {"alg": "ES256", "x5t#S256": mark},
        json.dumps(body, ensure_ascii=False, sort_keys=True).encode(),
        ECKey.import_key(pem),
    )
    run.paper = seal(_paper(run, body), by, field="Seal", box=None, reason="conformance report")


def _paper(run: ConformanceRun, body: dict[str, Any]) -> bytes:
    from sscard.documents.pdf import Column, Sheet

    assert run.ended_at is not None
    sheet = Sheet(
        "符合性检验报告 Conformance report", made_at=run.ended_at, issuer=SIGNER_NAME, foot=f"run {run.run_id}"
    )
    sheet.facts(
        [
            ("合作方 Partner", body["organisation"]),
            ("沙盒 Sandbox", body["sandbox"]["name"]),
            ("版本 Version", body["version"]),
            ("开始 Begun", dates.show_time(run.begun_at, "zh")),
            ("结束 Ended", dates.show_time(run.ended_at, "zh")),
            ("结论 Result", "通过 PASSED" if run.passed else "未通过 NOT PASSED"),
        ]
    )
    sheet.table(
        [Column("检验 Check", 60), Column("要求 What the software has to do", 110), Column("结果 Result", 25)],
        [(one["code"], f"{one['zh']} {one['en']}", "通过 passed" if one["state"] == "passed" else "未通过 no")
         for one in run.results],
    )  # fmt: skip
    sheet.text("依据调用记录和事件送达记录自动判定。 Judged from calls and deliveries, on nobody's word.", small=True)
    return bytes(sheet.output())
