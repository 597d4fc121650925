"""People at the pages: registered residents with a holder's sign-in, through the rooms' own ways."""

from __future__ import annotations

import sys
import uuid
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "bank"))

import bank_kit

from pages_kit import HouseClient
from sscard.control import passwords, sessions, totp
from sscard.kernel import clock, ids
from sscard.kernel.db import unit_of_work
from sscard.people import lookup
from sscard.people.models import HolderAccount

PASSWORD = "云溪-安静的下午-77"


def with_sign_in(holder: bank_kit.Holder) -> HolderAccount:
    """As after the first sign-in with the code of the desk."""
    account = HolderAccount(
        person_id=holder.person_id,
        holder_id=ids.new_id(),
        area_code=holder.area,
        created_at=clock.real_now(),
        password=passwords.hashed(PASSWORD),
        totp=totp.new_secret(),
    )
    with unit_of_work(area=holder.area):
        assert lookup.put("holder", account.holder_id, area=holder.area, person_id=holder.person_id)
        account.save(force_insert=True)
    return account


def session_of(account: HolderAccount) -> str:
    store = sessions.SessionStore()
    sessions.begin(store, kind="holder", subject=account.holder_id)
    return str(store.session_key)


def client_of(account: HolderAccount, lang: str = "zh") -> HouseClient:
    client = HouseClient(secure_by_default=True)
    client.cookies["__Host-sscard"] = session_of(account)
    client.cookies["__Host-sscard-lang"] = lang
    return client


def social(holder: bank_kit.Holder, state: str) -> None:
    """The social side as it stands after its acts; the card room's own tests go through them."""
    from sscard.cards.models import Card

    with unit_of_work(area=holder.area):
        Card.objects.filter(person_id=holder.person_id, card_id=holder.card).update(social=state)


def contributions(holder: bank_kit.Holder, year: int, months: range, *, owed: tuple[int, ...] = ()) -> None:
    """Paid months of the five insurances, and accounts as the agencies stated them."""
    from sscard.insurance.models import AccountTotal, Contribution

    now, file = clock.real_now(), uuid.uuid4()
    parts = {
        "pension": ("employee_pension", "110", 96_000, 48_000),
        "medical": ("employee_medical", "310", 48_000, 12_000),
        "unemployment": ("unemployment", "210", 3_000, 3_000),
        "injury": ("work_injury", "410", 1_200, 0),
        "maternity": ("maternity", "510", 4_800, 0),
    }
    with unit_of_work(area=holder.area):
        for month in months:
            for insurance, (kind, code, employer, person) in parts.items():
                paid = month not in owed
                Contribution(
                    person_id=holder.person_id,
                    scheme="LD",
                    code=code,
                    month=year * 100 + month,
                    employer="E1",
                    area_code=holder.area,
                    insurance=insurance,
                    kind=kind,
                    base_fen=600_000,
                    employer_due_fen=employer,
                    employer_paid_fen=employer if paid else 0,
                    person_due_fen=person,
                    person_paid_fen=person if paid else 0,
                    to_account_fen=person if paid and insurance in ("pension", "medical") else 0,
                    settlement_month=year * 100 + month,
                    arrived_on=date(year, month, 25) if paid else None,
                    posted=paid,
                    file_id=file,
                    changed_at=now,
                ).save(force_insert=True)
        for account, closing in (("pension", 1_234_567), ("medical", 88_800)):
            AccountTotal(
                person_id=holder.person_id,
                account=account,
                year=year,
                area_code=holder.area,
                opening_fen=closing - 500,
                principal_in_fen=500,
                interest_in_fen=0,
                paid_out_fen=0,
                closing_fen=closing,
                source="statement",
                as_of=date(year, months[-1], 28),
                file_id=file,
            ).save(force_insert=True)


def way(holder: bank_kit.Holder, *more: tuple[str, str]) -> None:
    """The card's events so far, a day apart; `more`: (side, state) after the hand-over."""
    from sscard.cards.events import event_row
    from sscard.cards.models import Card

    outlet = f"{holder.area}-B01"
    stops = [("production", one) for one in ("applied", "checked", "made", "outlet_stock", "handed_out")]
    with unit_of_work(area=holder.area):
        card = Card.objects.get(person_id=holder.person_id, card_id=holder.card)
        begun = clock.now(holder.area) - timedelta(days=20)
        for step, (side, state) in enumerate([*stops, *more]):
            place = outlet if state in ("applied", "outlet_stock", "handed_out", "normal") else ""
            event_row(
                card,
                side,
                was="",
                became=state,
                act="test",
                place=place,
                actor=None,
                at=begun + timedelta(days=2 * step),
            ).save(force_insert=True)


def applied(one: bank_kit.Holder) -> HolderAccount:
    """He has no card and has applied for one on-line."""
    from sscard.cards.models import Card
    from sscard.control.caller import Caller
    from sscard.issuing import acts
    from sscard.kernel.sealed import blind_index
    from sscard.people.models import Person

    with unit_of_work(area=one.area):
        Card.objects.filter(person_id=one.person_id).delete()
        Person.objects.filter(person_id=one.person_id).update(has_photo=True)
    account = with_sign_in(one)
    me = Caller.of_holder(
        holder_id=account.holder_id, name="本人", area=one.area, person_index=blind_index("id_number", one.id_number),
        persons=frozenset({one.person_id}),
    )  # fmt: skip
    bank_kit.perform(me, "issuing.apply", acts.Apply(one.public, one.bank, f"{one.area}-B01"))
    return account
