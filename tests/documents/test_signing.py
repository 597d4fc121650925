"""Signed documents as third parties see them: pdfsig with the authority in its store, pyHanko, openssl for the stamps."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from pdfsig_kit import changed, pdfsig
from sscard.documents import authority, checking, signing, timestamps
from sscard.documents.pdf import Sheet
from sscard.kernel import clock
from sscard.kernel.refusals import Refusal

AT = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
NAME = "阿依古丽·买买提"


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "documents"
    monkeypatch.setattr(authority, "folder", folder)
    authority.ensure(folder)
    return folder


def agreement() -> tuple[bytes, Sheet]:
    sheet = Sheet("储蓄功能开通协议", made_at=AT, issuer="演示银行")
    sheet.text("双方同意开通储蓄功能。")
    sheet.signature("applicant", "申请人")
    sheet.signature("bank", "银行", column=1)
    return sheet.output(), sheet


def signed_by_both() -> tuple[bytes, bytes]:
    """The agreement signed by the applicant with a key of his own, then sealed by the bank; and after the first."""
    file, sheet = agreement()
    key = ec.generate_private_key(ec.SECP256R1())  # on the applicant's side
    certificate = authority.certify(key.public_key(), NAME, mark="7K2M", now=clock.real_now())
    prepared = signing.prepare(
        file, certificate, field="applicant", box=sheet.boxes["applicant"], reason="savings agreement"
    )
    once = signing.complete(prepared, key.sign(prepared.attributes, ec.ECDSA(hashes.SHA256())))
    bank = authority.seal_of("CCB", "演示银行")
    return signing.seal(once, bank, field="bank", box=sheet.boxes["bank"], reason="savings agreement"), once


def test_both_signatures_hold_at_level_b_t(there: Path) -> None:
    file, _ = signed_by_both()
    found = checking.require_whole(file, roots=[authority.root()], fields=["applicant", "bank"])
    assert [one.level for one in found] == ["B-T", "B-T"]
    assert found[0].name == NAME
    assert "演示银行" in found[1].name
    for one in found:
        assert one.at is not None
        assert abs(one.at - datetime.now(UTC)) < timedelta(minutes=5)


@pytest.mark.skipif(not shutil.which("pdfsig") or not shutil.which("certutil"), reason="poppler-utils, libnss3-tools")
def test_a_program_of_others_finds_both_signatures_valid(there: Path, tmp_path: Path) -> None:
    file, _ = signed_by_both()
    said = pdfsig(file, (there / "authority.crt").read_bytes(), tmp_path / "nss")
    assert said.count("Signature is Valid.") == 2
    assert said.count("Certificate is Trusted.") == 2
    assert said.count("ETSI.CAdES.detached") == 2
    assert NAME in said
    assert "Total document signed" in said


@pytest.mark.skipif(not shutil.which("pdfsig") or not shutil.which("certutil"), reason="poppler-utils, libnss3-tools")
def test_that_program_sees_a_changed_file(there: Path, tmp_path: Path) -> None:
    file, _ = signed_by_both()
    assert "Digest Mismatch" in pdfsig(changed(file), (there / "authority.crt").read_bytes(), tmp_path / "nss")


def test_a_changed_file_is_refused(there: Path) -> None:
    file, _ = signed_by_both()
    with pytest.raises(Refusal) as no:
        checking.require_whole(changed(file), roots=[authority.root()], fields=["applicant", "bank"])
    assert no.value.code == "documents.tampered"


def test_a_page_changed_after_the_signatures_is_refused(there: Path) -> None:
    from io import BytesIO

    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    file, _ = signed_by_both()
    writer = IncrementalPdfFileWriter(BytesIO(file))
    page = writer.root["/Pages"]["/Kids"][0]
    page[generic.NameObject("/Rotate")] = generic.NumberObject(90)
    writer.update_container(page)
    out = BytesIO()
    writer.write(out)
    with pytest.raises(Refusal, match="tampered"):
        checking.require_whole(out.getvalue(), roots=[authority.root()], fields=["applicant", "bank"])


def test_a_signature_that_is_missing_or_of_another_authority_is_refused(
    there: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, once = signed_by_both()
    with pytest.raises(Refusal, match="tampered"):
        checking.require_whole(once, roots=[authority.root()], fields=["applicant", "bank"])
    authority.ensure(tmp_path / "other")
    monkeypatch.setattr(authority, "folder", tmp_path / "other")
    with pytest.raises(Refusal, match="tampered"):
        checking.require_whole(file, roots=[authority.root()], fields=["applicant", "bank"])


def test_a_signature_by_another_key_or_over_another_document_is_not_taken(there: Path) -> None:
    file, sheet = agreement()
    key, other = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    certificate = authority.certify(key.public_key(), NAME, mark="7K2M", now=clock.real_now())
    prepared = signing.prepare(file, certificate, field="applicant", box=sheet.boxes["applicant"], reason="r")
    for wrong in (
        other.sign(prepared.attributes, ec.ECDSA(hashes.SHA256())),
        key.sign(prepared.attributes + b"x", ec.ECDSA(hashes.SHA256())),
        b"",
        b"\x30\x06\x02\x01\x01\x02\x01\x01",
    ):
        with pytest.raises(Refusal, match="signature_wrong"):
            signing.complete(prepared, wrong)


def test_what_is_signed_holds_the_digest_of_the_file(there: Path) -> None:
    file, sheet = agreement()
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = authority.certify(key.public_key(), NAME, mark="7K2M", now=clock.real_now())
    made = signing.prepare(file, certificate, field="applicant", box=sheet.boxes["applicant"], reason="r")
    outside = made.file[: made.start] + made.file[made.end :]
    assert hashlib.sha256(outside).digest() == made.digest
    assert made.digest in made.attributes


def test_what_is_no_pdf_is_refused(there: Path) -> None:
    for wrong in (b"", b"hello", b"%PDF-1.7\n%%EOF"):
        with pytest.raises(Refusal, match="no_pdf"):
            checking.examine(wrong, roots=[authority.root()])


def test_private_keys_are_for_their_owner_only(there: Path) -> None:
    authority.seal_of("ICBC", "另一家")
    for path in there.glob("*.pem"):
        assert path.stat().st_mode & 0o777 == 0o600
    assert b"PRIVATE" not in (there / "authority.crt").read_bytes()
    before = (there / "authority.pem").read_bytes()
    authority.ensure(there)
    assert (there / "authority.pem").read_bytes() == before


def test_without_an_authority_nothing_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authority, "folder", None)
    with pytest.raises(Refusal) as no:
        authority.seal_of("CCB", "演示银行")
    assert no.value.code == "documents.no_authority"
    assert no.value.status == 503


# -- time stamps -------------------------------------------------------------------------------------------------------
@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_openssl_takes_a_stamp(there: Path, tmp_path: Path) -> None:
    data, query, reply = tmp_path / "data", tmp_path / "q.tsq", tmp_path / "r.tsr"
    data.write_bytes(b"seen")
    subprocess.run(
        ["openssl", "ts", "-query", "-data", str(data), "-sha256", "-cert", "-out", str(query)],
        check=True, capture_output=True,
    )  # fmt: skip
    reply.write_bytes(timestamps.answer(query.read_bytes(), now=datetime.now(UTC)))
    verify = ["openssl", "ts", "-verify", "-queryfile", str(query), "-in", str(reply)]
    done = subprocess.run([*verify, "-CAfile", str(there / "authority.crt")], capture_output=True, check=False)
    assert b"Verification: OK" in done.stdout + done.stderr, done.stderr
    data.write_bytes(b"changed")
    done = subprocess.run(
        ["openssl", "ts", "-verify", "-data", str(data), "-in", str(reply), "-CAfile", str(there / "authority.crt")],
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0


@pytest.mark.parametrize("query", [b"", b"x" * 50, b"\x30\x03\x02\x01\x01"])
def test_a_malformed_query_is_rejected_in_form(there: Path, query: bytes) -> None:
    assert status_of(timestamps.answer(query, now=AT))["status"].native == "rejection"


def status_of(reply: bytes) -> Any:
    from asn1crypto import tsp

    assert reply[0] == 0x30
    assert reply[1] == len(reply) - 2
    return tsp.PKIStatusInfo.load(reply[2:], strict=True)


def test_a_weak_digest_is_rejected(there: Path) -> None:
    from asn1crypto import tsp

    query = tsp.TimeStampReq(
        {
            "version": 1,
            "message_imprint": {"hash_algorithm": {"algorithm": "sha1"}, "hashed_message": b"0" * 20},
        }
    )
    assert status_of(timestamps.answer(query.dump(), now=AT))["fail_info"].native == {"bad_alg"}
