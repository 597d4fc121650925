"""Anybody checks a document by its file: whole, changed, unsigned, no PDF, too large."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from pages_kit import HouseClient

sys.path.insert(0, str(Path(__file__).parents[1] / "bank"))
import opening_kit
from holders_kit import bank_kit

pytestmark = pytest.mark.usefixtures("house")


def sent(file: bytes, name: str = "agreement.pdf") -> Any:
    return HouseClient().post("/documents/", {"file": SimpleUploadedFile(name, file, "application/pdf")})


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_an_agreement_as_it_was_given_and_as_somebody_changed_it() -> None:
    holder = bank_kit.opened(bank_kit.person())
    opening = opening_kit.filled(holder)
    opening.identify()
    file = opening.file(opening.sign()["document"])
    page = text(sent(file))
    assert "签名都有效" in page
    assert page.count("时间戳 2") == 2, "both signatures with their moments"
    assert "建设银行" in page
    at = file.index(b"stream") + 20
    broken = text(sent(file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :]))
    assert "签名都有效" not in broken
    assert "不能相信" in broken or "不是能读的 PDF" in broken


def test_what_is_no_signed_pdf_is_told_so() -> None:
    from sscard.documents.apart import MOST_BYTES

    page = HouseClient().get("/documents/")
    assert 'type="file"' in text(page)
    assert sent(b"hello").status_code == 422
    assert sent(b"%PDF-1.7\n" + b"[" * 100_000).status_code == 422
    assert sent(b"%PDF-1.7\n" + b"0" * MOST_BYTES).status_code == 413
    assert HouseClient().post("/documents/", {}).status_code == 422
