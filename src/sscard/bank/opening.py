"""Opening accounts, many at once: numbers, ledger, the bank's own row, the bureau's mirror, set by set."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection

from sscard.bank import rules
from sscard.bank.models import AccountStatus, BankAccount
from sscard.bank.states import after
from sscard.codes import names, pan, person_number
from sscard.codes.errors import NumberFault
from sscard.control.inside import Inside
from sscard.kernel import ids
from sscard.kernel.masked import mask_card, mask_name
from sscard.kernel.refusals import Fault, Refusal
from sscard.kernel.sealed import blind_many, seal_many
from sscard.law.schema import Bank
from sscard.ledger import accounts
from sscard.people.models import Lookup, Person

MOST_LINES = 2_000
NUMBER_DIGITS = 17
_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class OpeningLine:
    """One person of an opening file. `person` and `card` are public ids; `birth_date` is needed when the ID number
    does not tell it; `branch` is the bank's outlet that will hold the account."""

    line: int
    person: uuid.UUID
    card: uuid.UUID
    name: str
    id_number: str
    birth_date: date | None = None
    branch: str = ""


@dataclass(slots=True)
class _Work:
    """A line on its way."""

    line: OpeningLine
    faults: list[Fault] = field(default_factory=list)
    number: str = ""
    name: str = ""
    birth: date | None = None
    person_id: int = 0
    account_id: uuid.UUID | None = None
    known: bool = False
    mask: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    id_index: bytes = b""
    name_index: bytes = b""

    def fault(self, place: str, code: str, **facts: Any) -> None:
        self.faults.append(Fault(place, code, facts))


def open_many(inside: Inside, bank: Bank, source: str, lines: Sequence[OpeningLine]) -> list[dict[str, Any]]:
    """A result for each line, in their order: opened, already (this card has its account) or refused with all its
    faults. A refused line does not keep the others from being opened."""
    if len(lines) > MOST_LINES:
        raise Refusal("bank.too_many_lines", most=MOST_LINES)
    work = [_Work(line) for line in lines]
    _check_values(work, {o.code for o in inside.area.outlets(kind="bank", bank=bank.code)}, inside.today)
    _check_persons(inside, work)
    _check_cards(work, bank.code)
    fresh = [one for one in work if not one.faults and not one.known]
    if fresh:
        _take_numbers(inside, bank, fresh)
        _write(inside, bank, source, [one for one in fresh if not one.known and not one.faults])
    for one in work:
        if one.person_id and not one.faults:
            inside.about(one.person_id)
    return [_result(one) for one in work]


def _check_values(work: list[_Work], branches: set[str], today: date) -> None:
    seen: dict[uuid.UUID, int] = {}
    for one in work:
        line = one.line
        try:
            number = person_number.parse(line.id_number, on=today)
            one.number, one.birth = number.number, number.birth_date or line.birth_date
            if one.birth is None:
                one.fault("birth_date", "bank.birth_date_needed")
        except NumberFault as fault:
            one.faults += fault.at("id_number")
        try:
            one.name = names.validate(line.name)
        except NumberFault as fault:
            one.faults += fault.at("name")
        if line.branch and line.branch not in branches:
            one.fault("branch", "bank.branch_unknown", branch=line.branch[:40])
        if line.card in seen:
            one.fault("card", "bank.card_twice_in_file", line=seen[line.card])
        seen.setdefault(line.card, line.line)


def _check_persons(inside: Inside, work: list[_Work]) -> None:
    """The person is registered in this area, and the number on the line is his."""
    hits = Lookup.objects.filter(
        kind="person", value__in=[one.line.person.bytes for one in work], area_code=inside.area_code
    )
    ids_of = {bytes(hit.value): hit.person_id for hit in hits}
    index_of = dict(Person.objects.filter(person_id__in=ids_of.values()).values_list("person_id", "id_index"))
    sound = [one for one in work if one.number and one.name]
    for one, number, name in zip(
        sound,
        blind_many("id_number", [one.number for one in sound]),
        blind_many("name", [names.compact(one.name) for one in sound]),
        strict=True,
    ):
        one.id_index, one.name_index = number, name
    for one in work:
        one.person_id = ids_of.get(one.line.person.bytes, 0)
        if not one.person_id:
            one.fault("person", "bank.person_unknown")
        elif one.id_index and bytes(index_of[one.person_id]) != one.id_index:
            one.fault("id_number", "bank.identity_differs")


def _check_cards(work: list[_Work], bank: str) -> None:
    """A card that has its account keeps it; a card is one person's and one bank's."""
    cards = [one.line.card.bytes for one in work]
    owner = dict(Lookup.objects.filter(kind="card", value__in=cards).values_list("value", "person_id"))
    owner = {bytes(value): person for value, person in owner.items()}
    there = {bytes(hit.value): hit for hit in Lookup.objects.filter(kind="card_account", value__in=cards)}
    mirrors = {
        row.account_id: row
        for row in AccountStatus.objects.filter(
            person_id__in=[hit.person_id for hit in there.values()],
            account_id__in=[hit.object_id for hit in there.values()],
        )
    }
    for one in work:
        card = one.line.card.bytes
        if one.person_id and owner.get(card, one.person_id) != one.person_id:
            one.fault("card", "bank.card_of_another")
        elif (hit := there.get(card)) is not None:
            mirror = mirrors.get(hit.object_id)
            if mirror is None or hit.person_id != one.person_id or mirror.bank != bank:
                one.fault("card", "bank.card_has_account")
            else:
                one.known, one.account_id, one.mask = True, mirror.account_id, mirror.pan_mask


def _take_numbers(inside: Inside, bank: Bank, fresh: list[_Work]) -> None:
    """Claim the card, then random numbers that nobody has: never a shared sequence. Another file that claims the same
    card at this moment is waited for, and its account is the card's."""
    for one in fresh:
        one.account_id = ids.new_id()
    won = _claim(inside, [("card_account", one.line.card.bytes, one) for one in fresh])
    _check_cards([one for one in fresh if ("card_account", one.line.card.bytes) not in won], bank.code)
    open_ = [one for one in fresh if not one.faults and not one.known]
    _claim(inside, [("account", one.account_id.bytes, one) for one in open_ if one.account_id])
    room, rest = bank.pan_length - 1 - len(bank.bin), NUMBER_DIGITS - len(bank.bin)
    for column, kind, make in (
        ("pan", "pan", lambda: pan.construct(bank.bin, secrets.randbelow(10**room), length=bank.pan_length)),
        (
            "number",
            "bank_account",
            lambda: bank.bin + str(secrets.randbelow(10**rest)).zfill(rest),
        ),
    ):
        waiting = open_
        for _ in range(_ROUNDS):
            for one in waiting:
                one.facts[column] = make()
            indexes = blind_many(kind, [one.facts[column] for one in waiting])
            won = _claim(inside, [(kind, index, one) for one, index in zip(waiting, indexes, strict=True)])
            waiting = [one for one, index in zip(waiting, indexes, strict=True) if (kind, index) not in won]
            if not waiting:
                break
        else:
            raise Refusal("codes.pan_series_full", room=room)


def _claim(inside: Inside, wanted: list[tuple[str, bytes, _Work]]) -> set[tuple[str, bytes]]:
    """Insert look-up rows in the order of their values; those that were free."""
    wanted = sorted(wanted, key=lambda row: (row[0], row[1]))
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into people_lookup (kind, value, area_code, person_id, object_id)"
            " select kind, value, %s, person_id, object_id from"
            " unnest(%s::text[], %s::bytea[], %s::bigint[], %s::uuid[]) as row(kind, value, person_id, object_id)"
            " on conflict do nothing returning kind, value",
            [
                inside.area_code,
                [kind for kind, _, _ in wanted],
                [value for _, value, _ in wanted],
                [one.person_id for _, _, one in wanted],
                [one.account_id for _, _, one in wanted],
            ],
        )
        return {(kind, bytes(value)) for kind, value in cursor.fetchall()}


def _write(inside: Inside, bank: Bank, source: str, fresh: list[_Work]) -> None:
    now, book = inside.now, f"bank:{bank.code}"
    status = after(after(None, "bank.order_account"), "bank.open_accounts")
    mask = rules.permits(status, (), credit_before_activation=bank.credit_before_activation)
    rows = []
    for one in fresh:
        one.mask = mask_card(one.facts["pan"])
        one.facts |= {"name": one.name, "id_number": one.number}
        rows.append(
            BankAccount(
                person_id=one.person_id,
                account_id=one.account_id,
                book=book,
                area_code=inside.area_code,
                bank=bank.code,
                card_id=one.line.card,
                branch=one.line.branch,
                facts=one.facts,
                pan_mask=one.mask,
                number_mask=mask_card(one.facts["number"]),
                name_mask=mask_name(one.name)[:60],
                id_index=one.id_index,
                name_index=one.name_index,
                birth_date=one.birth,
                status=str(status),
                account_class=bank.account_class,
                opened_at=now,
                opened_by=f"{source}#{one.line.line}"[:120],
                changed_at=now,
            )
        )
    seal_many(rows, "facts")
    with inside.bank_role(bank.code):
        accounts.open_customers(book, [accounts.Opening(row.person_id, row.account_id, mask) for row in rows], now=now)
        BankAccount.objects.bulk_create(rows)
    AccountStatus.objects.bulk_create(mirror_of(row) for row in rows)


def mirror_of(row: BankAccount) -> AccountStatus:
    return AccountStatus(
        person_id=row.person_id,
        account_id=row.account_id,
        area_code=row.area_code,
        card_id=row.card_id,
        bank=row.bank,
        pan_mask=row.pan_mask,
        status=row.status,
        restrictions=[],
        since=row.opened_at,
        opened_at=row.opened_at,
    )


def _result(one: _Work) -> dict[str, Any]:
    found: dict[str, Any] = {"line": one.line.line}
    if one.faults:
        faults = [{"place": f.place, "code": f.code, "facts": _plain(f.facts)} for f in one.faults]
        return found | {"result": "refused", "faults": faults}
    result = "already" if one.known else "opened"
    return found | {"result": result, "account": str(one.account_id), "pan_mask": one.mask}


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, str | int | bool) else str(value) for name, value in facts.items()}
