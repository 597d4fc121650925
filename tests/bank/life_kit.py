"""What the tests of the account's life share: two persons at the bank, a counter, restrictions as they stand."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import bank_kit as kit
import pytest


def second_person(bank: str = "CCB", area: str = "990100", role: str = "bank_reviewer") -> Any:
    who = kit.caller(role, bank=bank, area=area)
    kit.organisation(who.organisation, "bank_branch", area, bank)
    return who


def approve(who: Any, waiting: uuid.UUID | None, area: str = "990100") -> Any:
    """Sign exactly what waits."""
    from sscard.control.acts import Approve
    from sscard.control.models import Approval
    from sscard.kernel.db import unit_of_work

    assert waiting is not None, "nothing waits for a second person"
    with unit_of_work(area=area):
        digest = bytes(Approval.objects.get(approval_id=waiting).digest).hex()
    return kit.perform(who, "control.approve", Approve(waiting, digest), area=area)


def with_two(maker: Any, name: str, request: Any, *, checker: Any = None) -> Any:
    """Asked for by the one, signed by the other: the answer of the act."""
    kit.organisation(maker.organisation, "bank_branch", maker.area, maker.bank)
    outcome = kit.perform(maker, name, request)
    return approve(checker or second_person(maker.bank, maker.area), outcome.waiting, maker.area).answer


def freeze(holder: kit.Holder, kind: str, **more: Any) -> uuid.UUID:
    from sscard.bank.acts import Restrict

    teller = kit.caller("teller", bank=holder.bank, area=holder.area)
    request = Restrict(holder.account, kind, more.pop("reason", "test"), **more)
    return uuid.UUID(with_two(teller, "bank.restrict", request)["restriction"])


COURT = {"authority": "court", "authority_name": "云溪市中级人民法院", "document": "(2026)云执字第9号"}


def restrictions(holder: kit.Holder) -> list[str]:
    """As the bureau sees them; the ledger's mask must say the same."""
    from sscard.bank import rules
    from sscard.bank.states import Restriction, Status
    from sscard.ledger.models import LedgerAccount

    mirror = kit.mirror_of(holder)
    with kit.in_bank(holder):
        mask = LedgerAccount.objects.get(account_id=holder.account).permits
    here = [Restriction(one) for one in mirror.restrictions]
    assert mask == int(rules.permits(Status(mirror.status), here)), (mirror.status, here)
    return sorted(mirror.restrictions)


def customer(holder: kit.Holder) -> Any:
    """The holder, signed in at his bank's own site."""
    from sscard.control.caller import Caller

    return Caller.of_customer(
        customer_id=uuid.uuid4(), name="customer", area=holder.area, bank=holder.bank, person_index=b"c" * 32,
        person_id=holder.person_id,
    )  # fmt: skip


def show_id(terminal: kit.Terminal, matter: str, whose: kit.Holder, *, card: kit.Holder | None = None) -> uuid.UUID:
    """Only the ID lies on the reader; `card`: and whose card is in the slot."""
    session = terminal.session(matter, "id_reader", *(["card_slot"] if card else []))
    terminal.desk.present_id(whose.virtual_person())
    if card:
        terminal.desk.insert_card(card.virtual_card())
    return session


@contextmanager
def later(days: float) -> Iterator[None]:
    """So many days on, in every area."""
    from sscard.kernel import clock

    was = clock.offset_of
    clock.offset_of = lambda area: was(area) + timedelta(days=days)
    try:
        yield
    finally:
        clock.offset_of = was


@contextmanager
def bank_that(monkeypatch: pytest.MonkeyPatch, **life_rules: Any) -> Iterator[None]:
    """The area's banks with other rules for an account's life."""
    from sscard.law.area import Area

    real = Area.bank

    def changed(self: Area, code: str, on: date | None = None) -> Any:
        bank = real(self, code, on)
        return bank.model_copy(update={"life": bank.life.model_copy(update=life_rules)})

    with monkeypatch.context() as patch:
        patch.setattr(Area, "bank", changed)
        yield


def report_lost(holder: kit.Holder) -> None:
    """On-line, by the holder: for five days."""
    from sscard.bank.acts import ReportLoss

    kit.perform(customer(holder), "bank.report_loss", ReportLoss(holder.account), area=holder.area)
