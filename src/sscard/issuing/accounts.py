"""The bank's part of a batch: the account-opening file out, the bank's answer in. The formats are the bank's
(`bank.files`)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from sscard.bank import files
from sscard.bank.files import AnswerLine, Head, OpeningFile
from sscard.bank.opening import OpeningLine
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.issuing import batching, custody, gates, production
from sscard.issuing.models import Application, Batch, BatchItem
from sscard.issuing.states import APPLICATION, BATCH, after
from sscard.kernel.masked import mask_card
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import open_many, seal_many
from sscard.keys import recipes
from sscard.people.models import Person


@dataclass(frozen=True, slots=True)
class WriteAccountFile:
    batch: uuid.UUID


@act("issuing.write_account_file", right="issuing.account_file", clause="N83-2")
def write_account_file(inside: Inside, request: WriteAccountFile) -> dict[str, Any]:
    """`once["file"]` holds the signed file, `once["name"]` its name. It may be written again until the answer is in."""
    gates.approved(inside)
    batch = batching.require(inside, request.batch)
    became = after(BATCH, batch.state, "issuing.write_account_file", batching.STATE)
    lines = _lines(inside, batch)
    data = files.write_opening(_head(batch), lines, sign=files.signed_by_area(inside.area_code))
    batch.opening_digest = bytes.fromhex(files.read_opening(data).digest)
    batch.state = became
    batch.save(update_fields=["opening_digest", "state"])
    inside.once.update(file=data, name=f"{_head(batch).file}.open.csv")
    inside.detail["lines"] = len(lines)
    return {
        "batch": str(batch.batch_id), "state": batch.state, "file": _head(batch).file, "lines": len(lines),
        "digest": bytes(batch.opening_digest).hex(),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadAccountAnswer:
    batch: uuid.UUID
    file: bytes


@act("issuing.read_account_answer", right="issuing.account_answer", clause="N83-2")
def read_account_answer(inside: Inside, request: ReadAccountAnswer) -> dict[str, Any]:
    """Account numbers for the cards; who was refused by the bank leaves the batch with the bank's reason. The same
    answer a second time changes nothing."""
    gates.approved(inside)
    batch = batching.require(inside, request.batch)
    if inside.caller.bank and inside.caller.bank != batch.bank:
        raise Refusal("control.not_found")
    digest = recipes.sm3(request.file)
    if batch.answer_digest is not None and bytes(batch.answer_digest) == digest:
        return _answer(batch, repeated=True)
    became = after(BATCH, batch.state, "issuing.read_account_answer", batching.STATE)
    items = {item.card_id: item for item in batching.items_of(batch, "ordered")}
    answer = files.read_answer(request.file, _asked(batch, items))
    if (answer.head.area, answer.head.bank, answer.head.batch) != (batch.area_code, batch.bank, batch.number):
        raise Refusal("issuing.answer_other_batch", number=batch.number)
    if unknown := [line.line for line in answer.lines if line.card not in items]:
        raise Refusal("issuing.answer_unknown_card", count=len(unknown), first=unknown[0])
    _keep_numbers(inside, [(items[line.card], line) for line in answer.lines if line.result != "refused"])
    _leave_out(inside, batch, [(items[line.card], line) for line in answer.lines if line.result == "refused"])
    batch.state, batch.answer_digest = became, digest
    batch.save(update_fields=["state", "answer_digest", "ordered", "left_out"])
    gates.note_all(inside, [item.person_id for item in items.values()], what="bank account number")
    inside.emit("batch.accounts_opened", {"batch": str(batch.batch_id), "opened": batch.ordered})
    return _answer(batch, repeated=False)


def _answer(batch: Batch, *, repeated: bool) -> dict[str, Any]:
    return {
        "batch": str(batch.batch_id), "state": batch.state, "opened": batch.ordered, "refused": batch.left_out,
        "repeated": repeated,
    }  # fmt: skip


def _head(batch: Batch) -> Head:
    return Head(f"{batch.area_code}-{batch.number}", batch.area_code, batch.bank, batch.number, batch.made_at)


def _lines(inside: Inside, batch: Batch) -> list[OpeningLine]:
    """One line for each card without an account; the bank needs name, number and birth date, and nothing else."""
    items = batching.items_of(batch, "ordered")
    known = Application.objects.filter(batch_id=batch.batch_id, account__isnull=False)
    having = set(known.values_list("application_id", flat=True))
    items = [item for item in items if item.application_id not in having]
    persons = {p.person_id: p for p in Person.objects.filter(person_id__in=[item.person_id for item in items])}
    rows = [persons[item.person_id] for item in items]
    outlets = dict(Application.objects.filter(batch_id=batch.batch_id).values_list("application_id", "outlet"))
    branches = {outlet.code for outlet in inside.area.outlets(kind="bank", bank=batch.bank)}
    return [
        OpeningLine(
            line=item.serial,
            person=person.public_id,
            card=item.card_id,
            name=facts["name"],
            id_number=facts["id_number"],
            birth_date=person.birth_date,
            branch=outlets[item.application_id] if outlets[item.application_id] in branches else "",
        )
        for item, person, facts in zip(items, rows, open_many(rows, "facts", inside), strict=True)
    ]


def _asked(batch: Batch, items: dict[uuid.UUID, BatchItem]) -> OpeningFile:
    """What was asked, as far as the answer is compared with it: which line is which card, and the file's digest."""
    known = Application.objects.filter(batch_id=batch.batch_id, account__isnull=False)
    having = set(known.values_list("application_id", flat=True))
    lines = tuple(
        OpeningLine(item.serial, item.card_id, item.card_id, "", "")
        for item in items.values()
        if item.application_id not in having
    )
    return OpeningFile(_head(batch), lines, bytes(batch.opening_digest or b"").hex())


def _keep_numbers(inside: Inside, told: Sequence[tuple[BatchItem, AnswerLine]]) -> None:
    if not told:
        return
    rows = [Application(person_id=item.person_id, application_id=item.application_id) for item, _ in told]
    for row, (_, line) in zip(rows, told, strict=True):
        row.account = {"account": line.number, "pan": line.pan, "account_id": str(line.account or "")}
    seal_many(rows, "account")
    with connection.cursor() as cursor:
        cursor.execute(
            "update issuing_application a set account = one.account, pan_mask = one.mask, changed_at = %s"
            " from unnest(%s::bigint[], %s::uuid[], %s::bytea[], %s::text[])"
            " as one(person_id, application_id, account, mask)"
            " where a.person_id = one.person_id and a.application_id = one.application_id",
            [
                inside.now, [row.person_id for row in rows], [row.application_id for row in rows],
                [row.account.blob for row in rows], [mask_card(line.pan) for _, line in told],
            ],
        )  # fmt: skip
        assert cursor.rowcount == len(rows), "an item always has its application"
    cards = production.cards_of([(item.person_id, item.card_id) for item, _ in told])
    waiting = [card for card in cards if card.production == "checked"]
    production.move_many(inside, waiting, "open_account", facts={"account_number_known": True})


def _leave_out(inside: Inside, batch: Batch, told: Sequence[tuple[BatchItem, AnswerLine]]) -> None:
    """The bank opened no account: no card of this bank for this person (regulations.md §2.1: then another bank)."""
    if not told:
        return
    items = [item for item, _ in told]
    keys = [(item.person_id, item.card_id) for item in items]
    production.move_many(
        inside, production.cards_of(keys), "withdraw", reasons=dict.fromkeys((k[1] for k in keys), "bank")
    )
    production.disown_codes([bytes(item.code_index) for item in items])
    office = batch.organisation
    custody.move(inside, keys, "order", custody.Place("scrapped", office, "nobody", office, None, batch.number))
    state = after(APPLICATION, "in_batch", "issuing.refuse_account", batching.STATE)
    batching.set_applications(inside, items, state, was="in_batch", batch_id=None)
    with connection.cursor() as cursor:
        cursor.executemany(
            "update issuing_application set reason = %s, card_id = null where person_id = %s and application_id = %s",
            [(" ".join(line.codes)[:300], item.person_id, item.application_id) for item, line in told],
        )
    BatchItem.objects.filter(batch_id=batch.batch_id, card_id__in=[item.card_id for item in items]).update(
        outcome="left_out", reason="bank"
    )
    batch.ordered -= len(items)
    batch.left_out += len(items)
