"""Files of a batch: the bank's account file out and its answer in, the producer's package out and its return in."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import File, NinjaAPI
from ninja.files import UploadedFile

from sscard.api import auth
from sscard.control import door
from sscard.issuing.accounts import ReadAccountAnswer, WriteAccountFile
from sscard.issuing.releasing import TakePackage
from sscard.issuing.returning import MOST_BYTES, ReceiveReturn
from sscard.kernel.refusals import Refusal


def mount(api: NinjaAPI) -> None:
    @api.post("/batches/{batch}/account-file", tags=["files"], summary="the bank's account-opening file · 开户文件")
    def account_file(request: HttpRequest, batch: uuid.UUID) -> HttpResponse:
        once = _once(request, "issuing.write_account_file", WriteAccountFile(batch))
        return _download(once["file"], once["name"], "text/csv; charset=utf-8")

    @api.post("/batches/{batch}/account-answer", tags=["files"], summary="the bank's answer · 银行回盘文件")
    def account_answer(request: HttpRequest, batch: uuid.UUID, file: UploadedFile = File(...)) -> dict[str, Any]:  # noqa: B008
        return _hand_in(request, "issuing.read_account_answer", ReadAccountAnswer(batch, _read(file)))

    @api.post("/batches/{batch}/package", tags=["files"], summary="the producer's package · 制卡数据包")
    def package(request: HttpRequest, batch: uuid.UUID) -> HttpResponse:
        once = _once(request, "issuing.take_package", TakePackage(batch))
        return _download(once["package"], f"{batch}.package", "application/octet-stream")

    @api.post("/batches/{batch}/return", tags=["files"], summary="the producer's return · 制卡回盘")
    def return_file(request: HttpRequest, batch: uuid.UUID, file: UploadedFile = File(...)) -> dict[str, Any]:  # noqa: B008
        return _hand_in(request, "issuing.receive_return", ReceiveReturn(batch, _read(file)))


def _read(file: UploadedFile) -> bytes:
    if (file.size or 0) > MOST_BYTES:
        raise Refusal("issuing.return_form")
    return bytes(file.read())


def _hand_in(request: HttpRequest, act: str, body: Any) -> dict[str, Any]:
    return door.perform(auth.caller(request), act, body, key=_key(request)).answer


def _once(request: HttpRequest, act: str, body: Any) -> dict[str, Any]:
    """Bytes are stored under no key: a repeat of the request has them made or read again."""
    who, key = auth.caller(request), _key(request)
    outcome = door.perform(who, act, body, key=key)
    if outcome.replayed:
        outcome = door.perform(who, act, body, key=f"{key[:80]}:{uuid.uuid4().hex}")
    return outcome.once


def _key(request: HttpRequest) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        raise Refusal("control.key_missing")
    return key


def _download(data: bytes, name: str, kind: str) -> HttpResponse:
    answer = HttpResponse(data, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer
