"""The magic persons of a sandbox, made in one transaction through the rooms' own ways: registered, card, account, state."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from sscard.bank import opening, restricting
from sscard.bank.models import AccountStatus, PinCount
from sscard.bank.opening import OpeningLine
from sscard.bank.standing import load, reflect, store
from sscard.bank.states import Restriction, Status
from sscard.cards import events, numbers
from sscard.cards.models import Card
from sscard.codes import phone as phones
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.insurance.models import Charge
from sscard.kernel import ids
from sscard.partners.models import MagicPerson, Sandbox
from sscard.partners.sandbox import contributions, magic
from sscard.partners.sandbox.magic import Magic
from sscard.people import lookup, registering
from sscard.people.models import HolderAccount
from sscard.people.registering import PersonForm

BANK = "CCB"
WHY = "sandbox"
NOBODY = uuid.UUID(int=0)


@dataclass(frozen=True, slots=True)
class Seed:
    sandbox: uuid.UUID


@act("partners.seed", right="partners.seed")
def seed(inside: Inside, request: Seed) -> dict[str, Any]:
    """All of them, or nothing. Done once: a sandbox that has its people is left alone."""
    sandbox = Sandbox.objects.select_for_update().get(sandbox_id=request.sandbox, area_code=inside.area_code)
    if sandbox.ready:
        return {"sandbox": str(sandbox.sandbox_id), "persons": 0}
    made = [_Made(one, magic.id_number(sandbox.number, one)) for one in magic.PERSONS]
    for one in made:
        _register(inside, one, sandbox)
        if one.magic.charge_fen:
            _charge(inside, one, sandbox)
    contributions.write(inside, {one.person_id: one.magic.insured for one in made})
    accounts = _accounts(inside, [one for one in made if one.magic.bank])
    for one in made:
        _states(inside, one, accounts.get(one.card_id))
    MagicPerson.objects.bulk_create(
        MagicPerson(
            area_code=inside.area_code,
            code=one.magic.code,
            person=one.public,
            card=one.card_id,
            account=accounts[one.card_id].account_id if one.card_id in accounts else None,
            holder=one.holder,
            pan_mask=accounts[one.card_id].pan_mask if one.card_id in accounts else "",
        )
        for one in made
    )
    sandbox.ready = True
    sandbox.save(update_fields=["ready"])
    return {"sandbox": str(sandbox.sandbox_id), "persons": len(made)}


@dataclass(slots=True)
class _Made:
    magic: Magic
    id_number: str
    person_id: int = 0
    public: uuid.UUID = NOBODY
    card_id: uuid.UUID = NOBODY
    holder: uuid.UUID | None = None
    card: Card | None = None


def _register(inside: Inside, one: _Made, sandbox: Sandbox) -> None:
    what = one.magic
    form = PersonForm(
        id_number=one.id_number, name=what.name, sex="男" if int(one.id_number[16]) % 2 else "女",
        birth_date=what.birth.isoformat(), nation="汉", category="居民", phone=magic.phone(what),
        household_address=f"云溪市溪东区沙盒路{magic.PERSONS.index(what) + 1}号",
    )  # fmt: skip
    if what.code == "child":
        elder = next(m for m in magic.PERSONS if m.code == "all_well")
        number = magic.id_number(sandbox.number, elder)
        form = PersonForm(
            **{name: getattr(form, name) for name in form.__slots__ if name not in _GUARDIAN},
            guardian_name=elder.name, guardian_id=number, guardian_relation="母亲",
        )  # fmt: skip
    result = registering.settle(inside, registering.checked(inside, form), b"", "bulk")
    if result.person_id is None or result.outcome != "new":
        raise RuntimeError(f"the magic person {what.code} could not be registered: {result.outcome}")
    one.person_id, one.public = result.person_id, result.public_id  # type: ignore[assignment]
    one.card = _card(inside, one, sandbox)
    one.card_id = one.card.card_id
    one.holder = ids.new_id()
    lookup.put("holder", one.holder, area=inside.area_code, person_id=one.person_id)
    HolderAccount(  # no password and no authenticator: the sandbox's own way in is its session call
        person_id=one.person_id, holder_id=one.holder, area_code=inside.area_code, created_at=inside.now
    ).save(force_insert=True)


def _charge(inside: Inside, one: _Made, sandbox: Sandbox) -> None:
    """As the levy's list would bring it: next year's premium for residents' medical insurance."""
    year = inside.today.year + 1
    Charge(
        person_id=one.person_id, charge_id=ids.new_id(), area_code=inside.area_code,
        reference=f"SBX{sandbox.number}{magic.PERSONS.index(one.magic):02d}", insurance="medical",
        first_month=year * 100 + 1, last_month=year * 100 + 12, amount_fen=one.magic.charge_fen,
        due_on=date(year, 2, 28), file_id=NOBODY, changed_at=inside.now,
    ).save(force_insert=True)  # fmt: skip


_GUARDIAN = ("guardian_name", "guardian_id", "guardian_relation")


def _card(inside: Inside, one: _Made, sandbox: Sandbox) -> Card:
    what = one.magic
    number = magic.card_no(sandbox.number, what)
    code = magic.card_id_code(inside.area_code, what)
    card = Card(
        person_id=one.person_id,
        card_id=ids.new_id(),
        area_code=inside.area_code,
        facts={"card_number": number, "card_id_code": code},
        card_number_mask=f"{'*' * 5}{number[5:]}",
        bank=_bank(inside) if what.bank else "",
        production=what.production,
        issue_date=inside.today.replace(day=1),
        expires_on=what.expires,
        created_at=inside.now,
        changed_at=inside.now,
    )
    card.save(force_insert=True)
    for kind, value in (
        ("card", card.card_id),
        ("card_number", numbers.number_index(inside.area_code, number)),
        ("card_id_code", numbers.code_index(code)),
    ):
        lookup.put(kind, value, area=inside.area_code, person_id=one.person_id, object_id=card.card_id)
    events.begin(inside, card)
    return card


def _bank(inside: Inside) -> str:
    return next(bank.code for bank in inside.area.banks(inside.today) if bank.code.startswith(BANK))


def _accounts(inside: Inside, made: list[_Made]) -> dict[uuid.UUID, AccountStatus]:
    """Opened by the bank's own function; by card."""
    bank = inside.area.bank(_bank(inside), inside.today)
    branch = next(one.code for one in inside.area.outlets(kind="bank", bank=bank.code))
    lines = [
        OpeningLine(at, one.public, one.card_id, one.magic.name, one.id_number, one.magic.birth, branch)
        for at, one in enumerate(made, 1)
    ]
    results = opening.open_many(inside, bank, WHY, lines)
    if refused := [one for one in results if one["result"] != "opened"]:
        raise RuntimeError(f"magic accounts could not be opened: {refused}")
    found = AccountStatus.objects.filter(person_id__in=[one.person_id for one in made])
    return {row.card_id: row for row in found}


def _states(inside: Inside, one: _Made, mirror: AccountStatus | None) -> None:
    """Card and account into the state of the list. The account goes first: losing a card closes it too."""
    what = one.magic
    assert one.card is not None
    if mirror is not None and what.bank == "ACTIVE":
        _activate(inside, one, mirror)
    facts = {"handed_out": True, **dict.fromkeys(what.guards, True)}
    for verb in what.social:
        events.move(inside, one.card, "social", verb, facts=facts, reason=WHY)


def _activate(inside: Inside, one: _Made, mirror: AccountStatus) -> None:
    """As after activation at the counter. Nobody knows its PIN: a new one is set at a counter, by the virtual PIN pad."""
    rule, now = inside.area.bank(mirror.bank, inside.today), inside.now
    with inside.bank_role(mirror.bank):
        standing = load(mirror, rule, now=now, lock=True)
        account, number = standing.account, magic.phone(one.magic)
        account.status, account.pin_verifier = str(Status.ACTIVE), secrets.token_bytes(64)
        account.phone, account.phone_mask = number, phones.mask(number)
        account.activated_at = account.changed_at = now
        account.activated_how, account.activated_where = "self/counter", account.branch
        account.save(force_update=True)
        PinCount.objects.get_or_create(
            person_id=account.person_id, account_id=account.account_id, defaults={"book": account.book}
        )
        for name in one.magic.restrictions:
            restricting.add(standing, Restriction(name), who=inside.caller.id, reason=WHY)
        store(standing)
    reflect(inside, standing, since=now)
