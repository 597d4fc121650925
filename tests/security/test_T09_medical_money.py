"""T09, ACT-8: medical money is cashed out by nobody and in no way: every debit path × holder, bank, provider × medical
account is refused except settlement with a provider; the law's own pay-out takes two persons of the agency."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import security_kit  # noqa: F401 - puts the kits of rooms on the path

import bank_kit as kit  # isort: skip
import life_kit as life  # isort: skip
import savings_kit  # isort: skip

pytestmark = [pytest.mark.usefixtures("house"), pytest.mark.row("ACT-8", part="nobody can withdraw or transfer it")]
BALANCE = 900_000
PAYOUT = "medical.statutory_payout"


@dataclass
class World:
    counter: kit.Terminal
    kiosk: kit.Terminal


@pytest.fixture(scope="module")
def world(_module_house: Any) -> World:
    with _module_house.entered():
        return World(kit.Terminal(), kit.Terminal(kind="kiosk"))


def medical(holder: kit.Holder) -> kit.Holder:
    """The ledger account behind the holder's account is for medical money."""
    from sscard.ledger.models import LedgerAccount

    kit.pay_in(holder, BALANCE)
    with kit.in_bank(holder):
        LedgerAccount.objects.filter(account_id=holder.account).update(purpose="medical")
    return holder


# -- the channels ------------------------------------------------------------------------------------------------------
def _withdraw(terminal: kit.Terminal, mine: kit.Holder) -> Any:
    from sscard.bank.acts import Withdraw

    session = terminal.present("bank.withdraw", mine)
    return kit.perform(terminal.caller, "bank.withdraw", Withdraw(mine.account, session, 100))


def _transfer(who: Any, mine: kit.Holder, terminal: kit.Terminal | None, **more: Any) -> Any:
    other = kit.opened(kit.person())
    session = savings_kit.at(terminal, "bank.transfer", mine) if terminal else None
    return savings_kit.send(mine, other, 100, who=who, session=session, **more)


def _close(world: World, mine: kit.Holder, payout: str) -> Any:
    from test_life_closing import close, social_cancelled
    from test_life_replacement import second_card

    social_cancelled(mine)
    other = kit.opened(second_card(mine))
    return close(world.counter, mine, payout, to_account=other.account)


def _heirs(world: World, mine: kit.Holder) -> Any:
    from test_life_closing import report_death

    from sscard.bank.acts import CloseByHeirs

    report_death(mine)
    request = CloseByHeirs(mine.account, "李大花", "公证9号")
    return life.with_two(world.counter.caller, "bank.close_by_heirs", request)


def _replace(world: World, mine: kit.Holder, monkeypatch: pytest.MonkeyPatch) -> Any:
    from test_life_replacement import activate, asked, second_card, with_number

    with life.bank_that(monkeypatch, replacement="new_number"):
        new = second_card(mine)
        return activate(world.counter, with_number(new, asked(mine, new)))


Path_ = Callable[[World, kit.Holder, pytest.MonkeyPatch], Any]
PATHS: dict[str, Path_] = {
    "holder, cash at the counter": lambda w, h, _: _withdraw(w.counter, h),
    "holder, cash at a terminal": lambda w, h, _: _withdraw(w.kiosk, h),
    "holder, transfer on-line": lambda w, h, _: _transfer(savings_kit.customer(h), h, None),
    "holder, transfer on-line, next day": lambda w, h, _: _transfer(
        savings_kit.customer(h), h, None, timing="next_day"
    ),
    "holder, transfer on-line to another bank": lambda w, h, _: _transfer(
        savings_kit.customer(h), h, None, to_bank="ICBC"
    ),
    "bank, transfer at the counter": lambda w, h, _: _transfer(w.counter.caller, h, w.counter),
    "holder, transfer at a terminal": lambda w, h, _: _transfer(w.kiosk.caller, h, w.kiosk),
    "bank, closing in cash": lambda w, h, _: _close(w, h, "cash"),
    "bank, closing by transfer": lambda w, h, _: _close(w, h, "transfer"),
    "bank, closing for the heirs": lambda w, h, _: _heirs(w, h),
    "bank, replacement to a new number": lambda w, h, m: _replace(w, h, m),
}


@pytest.mark.parametrize("path", PATHS)
def test_no_channel_lets_medical_money_out(path: str, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same way is open for the holder's own savings, so that a path that is closed anyway proves nothing."""
    mine = medical(kit.activated(kit.opened(kit.person())))
    assert kit.refused(lambda: PATHS[path](world, mine, monkeypatch)).code == "ledger.not_permitted"
    assert kit.balance_of(mine) == BALANCE
    savings = kit.activated(kit.opened(kit.person()))
    kit.pay_in(savings, BALANCE)
    assert PATHS[path](world, savings, monkeypatch)


# -- the ledger itself, whoever calls ----------------------------------------------------------------------------------
KINDS = (
    "withdrawal", "transfer", "purchase", "bill", "wallet_load", "direct_debit", "replacement", "closing", "fee",
    "interest", "deposit", "refund", "medical.refund", "medical.settlement",
)  # fmt: skip


def test_the_ledger_refuses_every_kind_and_target_but_settlement_with_a_provider() -> None:
    from sscard.kernel import clock
    from sscard.ledger import accounts, posting
    from sscard.ledger.permits import INTERNAL, Permit

    mine, own = medical(kit.activated(kit.opened(kit.person()))), kit.activated(kit.opened(kit.person()))
    now, today, book = clock.now(mine.area), clock.today(mine.area), f"bank:{mine.bank}"
    callers = {"holder": uuid.uuid4(), "bank": uuid.uuid4(), "provider": uuid.uuid4()}
    with kit.in_bank(mine):
        targets = {
            name: posting.Side(*accounts.internal(book, name, mine.account, now=now), INTERNAL)
            for name in ("cash.counter", "cash.terminal", "shops.payable", "clearing.settlement", "payout.payable")
        }
        provider = accounts.internal(book, "provider.9001", mine.account, now=now, purpose="provider")
        targets["provider"] = posting.Side(*provider, INTERNAL)
    targets["own savings"] = posting.Side(own.person_id, own.account, Permit.CREDIT)
    side, settled = posting.Side(mine.person_id, mine.account, Permit.NONE), 0
    tries = [
        (caller, kind, target, action)
        for caller in callers
        for kind in KINDS
        for target in targets
        for action in (posting.Action.POST, posting.Action.HOLD)
    ]

    def item_of(n: int, caller: str, kind: str, target: str, action: posting.Action) -> posting.Item:
        more: dict[str, Any] = {}
        if action == "hold":
            more = {"hold": uuid.uuid4(), "expires_at": now + timedelta(days=1)}
        return posting.Item(
            callers[caller], f"{caller}{n}", b"t" * 32, kind, side, targets[target], 10, today, action=action, **more
        )

    with kit.in_bank(mine):
        items = [item_of(n, *one) for n, one in enumerate(tries)]
        found = []
        for begin in range(0, len(items), posting.MOST_ITEMS):
            found += posting.decide(items[begin : begin + posting.MOST_ITEMS], posted_at=now, wait=True)
    for (caller, kind, target, action), one in zip(tries, found, strict=True):
        fits = (kind, target) == ("medical.settlement", "provider")
        wanted = ("posted" if action == "post" else "held") if fits else "not_permitted"
        assert one.status == wanted, (caller, kind, target, action)
        settled += 10 * (one.status == "posted")
    assert (settled, kit.balance_of(mine)) == (30, BALANCE - 30)


def test_no_other_part_of_the_house_can_name_the_statutory_pay_out() -> None:
    import sscard

    source = Path(next(iter(sscard.__path__)))
    named = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if re.search(r"medical\.statutory_payout", path.read_text(encoding="utf-8"))
    }
    assert named == {"insurance/medical.py"}


# -- the law's own way -------------------------------------------------------------------------------------------------
def with_account(fen: int) -> tuple[kit.Holder, uuid.UUID]:
    """A person with a medical account in the agency's own book."""
    from sscard.insurance.medical import book_of
    from sscard.kernel import clock
    from sscard.kernel.db import bank_role, unit_of_work
    from sscard.ledger import accounts, posting
    from sscard.ledger.permits import EVERYTHING, INTERNAL, Permit

    holder, made = kit.person(), uuid.uuid4()
    book, now = book_of(holder.area), clock.now(holder.area)
    with unit_of_work(area=holder.area), bank_role(book):
        accounts.open_customers(book, [accounts.Opening(holder.person_id, made, EVERYTHING, "medical")], now=now)
        fund = posting.Side(*accounts.internal(book, "contributions", made, now=now), INTERNAL)
        own = posting.Side(holder.person_id, made, Permit.CREDIT)
        posting.post(
            [posting.Item(uuid.uuid4(), "c", b"c" * 32, "contribution", fund, own, fen, clock.today(holder.area))],
            posted_at=now,
        )
    return holder, made


def left(holder: kit.Holder, account: uuid.UUID) -> int:
    from sscard.insurance.medical import book_of
    from sscard.kernel.db import bank_role, unit_of_work
    from sscard.ledger import reads

    with unit_of_work(area=holder.area), bank_role(book_of(holder.area)):
        found = reads.balance(holder.person_id, account)
        assert reads.trial_balance().sound
    assert found is not None
    return found.balance_fen


def agency(role: str) -> Any:
    from sscard.control.caller import Caller

    kit.organisation("990100-BUREAU-01", "bureau", "990100")
    return Caller(
        kind="staff", id=uuid.uuid4(), name=role, channel="page", area="990100", organisation="990100-BUREAU-01",
        organisation_kind="bureau", roles=frozenset({role}), person_index=uuid.uuid4().bytes * 2,
    )  # fmt: skip


def payout(holder: kit.Holder, reason: str = "heirs", document: str = "公证9号", payee: str = "李大花") -> Any:
    from sscard.insurance.acts import MedicalPayout

    return MedicalPayout(holder.public, reason, document, payee)


@pytest.mark.parametrize("reason", ["heirs", "settling_abroad"])
def test_statutory_pay_out_takes_two_persons_of_the_agency(reason: str) -> None:
    holder, account = with_account(45_600)
    clerk = agency("clerk")
    waiting = kit.perform(clerk, "insurance.medical_payout", payout(holder, reason)).waiting
    assert left(holder, account) == 45_600, "nothing moves before the second person signed"
    assert kit.refused(lambda: life.approve(clerk, waiting)).code in ("control.not_allowed", "control.own_request")
    banks = life.second_person()
    assert kit.refused(lambda: life.approve(banks, waiting)).code == "control.not_found"
    done = life.approve(agency("reviewer"), waiting)
    assert (done.once["paid_fen"], left(holder, account)) == (45_600, 0)
    again = kit.perform(clerk, "insurance.medical_payout", payout(holder, reason)).waiting
    assert kit.refused(lambda: life.approve(agency("reviewer"), again)).code == "insurance.payout_nothing"


def test_neither_holder_nor_bank_nor_provider_can_ask_for_it_and_no_other_reason_is_one() -> None:
    holder, account = with_account(45_600)
    clerk = agency("clerk")
    refusal = kit.refused(
        lambda: kit.perform(clerk, "insurance.medical_payout", payout(holder, "needs money", " ", ""))
    )
    assert kit.codes_of(refusal) == {
        "insurance.payout_reason", "insurance.payout_document", "insurance.payout_payee",
    }  # fmt: skip
    outsiders = [
        kit.caller("teller", bank="CCB"),
        kit.caller("bank_program", bank="CCB"),
        kit.caller("holder", caller_kind="holder", persons=frozenset({holder.person_id})),
        kit.caller("customer", caller_kind="customer", bank="CCB", persons=frozenset({holder.person_id})),
        kit.caller("program"),
    ]
    for who in outsiders:
        refusal = kit.refused(lambda who=who: kit.perform(who, "insurance.medical_payout", payout(holder)))
        assert refusal.code == "control.not_allowed", who.name
    nobody = kit.person()
    refusal = kit.refused(lambda: kit.perform(clerk, "insurance.medical_payout", payout(nobody)))
    assert (refusal.code, left(holder, account)) == ("insurance.no_medical_account", 45_600)
