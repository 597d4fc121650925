"""T09, ACT-8: the matrix of debit paths × medical account is that of the product itself. Each act at the door and each address
of the gateway that can move money stands here, as a way out that is closed to medical money (and open to savings, or it
would prove nothing), or as one that takes nothing from the account; a new one that nobody has put here fails."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

import security_kit  # noqa: F401 - puts the kits of rooms on the path

import bank_kit as kit  # isort: skip
import life_kit as life  # isort: skip
import money_routes_kit as routes  # isort: skip
import savings_kit as savings  # isort: skip
from test_T09_medical_money import BALANCE, PATHS, World  # isort: skip

pytestmark = [pytest.mark.usefixtures("house"), pytest.mark.row("ACT-8", part="nobody can withdraw or transfer it")]
FEN = 3_000
Job = Callable[[], Any]


@pytest.fixture(scope="module")
def world(_module_house: Any) -> World:
    with _module_house.entered():
        return World(kit.Terminal(), kit.Terminal(kind="kiosk"))


def become_medical(holder: kit.Holder) -> None:
    from sscard.ledger.models import LedgerAccount

    with kit.in_bank(holder):
        LedgerAccount.objects.filter(account_id=holder.account).update(purpose="medical")


def counters(holder: kit.Holder) -> tuple[int, int]:
    """What the account has, and what of it is free."""
    from sscard.ledger import reads

    with kit.in_bank(holder):
        found = reads.balance(holder.person_id, holder.account)
    assert found is not None
    return found.balance_fen, found.available_fen


# -- the ways out, each made ready while the account was one for savings, as if somebody had found a way to there ------------
def _buy(world: World, mine: kit.Holder) -> Job:
    from sscard.bank.acts import Buy

    session = savings.at(world.kiosk, "bank.purchase", mine)
    return lambda: kit.perform(world.kiosk.caller, "bank.purchase", Buy(mine.account, FEN, "云溪药店", session))


def _authorise(world: World, mine: kit.Holder) -> Job:
    from sscard.bank.acts import Authorise

    session = savings.at(world.kiosk, "bank.authorise", mine)
    return lambda: kit.perform(world.kiosk.caller, "bank.authorise", Authorise(mine.account, FEN, "云溪药店", session))


def _step(mine: kit.Holder, order: str, event: str) -> Any:
    from sscard.bank.savings.order_steps import OrderStep
    from sscard.control.caller import system

    return kit.perform(system(mine.area), "bank.order_step", OrderStep(mine.bank, uuid.UUID(order), event))


def _arrive(world: World, mine: kit.Holder) -> Job:
    order = savings.send(mine, kit.opened(kit.person()), FEN, timing="next_day").answer["order"]
    return lambda: _step(mine, order, "arrive")


def _settle(world: World, mine: kit.Holder) -> Job:
    other = {"to_bank": "ICBC", "to_number": "9217029999999999999"}
    order = savings.send(mine, kit.person(), FEN, **other).answer["order"]
    _step(mine, order, "send")
    return lambda: _step(mine, order, "settle")


def _message(mine: kit.Holder, **told: Any) -> Any:
    """What the clearing house brings from another bank."""
    from sscard.bank.savings.clearing import ClearingIn, Payment
    from sscard.control.caller import system

    sides = {"payer_name": mine.name, "payer_number": mine.pan, "payee_name": mine.name, "payee_number": mine.pan}
    payment = Payment(
        **{"id": uuid.uuid4(), "from_bank": "ICBC", "to_bank": mine.bank, "amount_fen": FEN, **sides, **told}
    )
    return kit.perform(system(mine.area), "bank.clearing_in", ClearingIn(payment)).answer


def _pull(world: World, mine: kit.Holder) -> Job:
    from sscard.bank.savings.clearing import PULL, proof_of

    asked = uuid.uuid4()
    elsewhere = {"payee_number": "9217029999999999999", "kind": PULL, "proof": proof_of(asked, mine.id_number)}
    return lambda: _message(mine, id=asked, **elsewhere)


def _return(world: World, mine: kit.Holder) -> Job:
    from sscard.bank.acts import ReturnPayment

    came, teller = uuid.uuid4(), kit.caller("teller", bank="CCB")
    assert _message(mine, id=came, payer_number="9217029999999999999")["result"] == "credited"
    request = ReturnPayment(mine.account, came, FEN, "CUST")
    return lambda: life.with_two(teller, "bank.return_payment", request)


def _returned(world: World, mine: kit.Holder) -> Job:
    order = _return(world, mine)()["order"]
    _step(mine, order, "send")
    return lambda: _step(mine, order, "settle")


def _premium(step: str) -> Callable[[World, kit.Holder], Job]:
    """A charge of the bureau, paid through a link of the bank's site."""

    def ready(world: World, mine: kit.Holder) -> Job:
        from sscard.bank.linked.charging import ChargeStep
        from sscard.bank.linked.tables import LinkPayment
        from sscard.kernel import clock

        asked = savings.request(mine, mine, FEN)
        caller = savings.proved(mine, asked)
        caller = replace(caller, roles=caller.roles | {"bank_link"})
        payment, now = uuid.uuid4(), clock.now(mine.area)
        with kit.in_bank(mine):
            LinkPayment(
                person_id=mine.person_id, payment_id=payment, book=f"bank:{mine.bank}", link_id=uuid.uuid4(),
                account_id=mine.account, charge="9", label="医疗保险", amount_fen=FEN, hold_id=uuid.uuid4(),
                state="asked", made_at=now, changed_at=now, sent_at=now,
            ).save(force_insert=True)  # fmt: skip
        if step == "bank.capture_charge":
            kit.perform(caller, "bank.hold_charge", ChargeStep(payment))
        return lambda: kit.perform(caller, step, ChargeStep(payment))

    return ready


OUT: dict[str, tuple[str, Callable[[World, kit.Holder], Job]]] = {
    "till, purchase": ("bank.purchase", _buy),
    "till, money set aside for a shop": ("bank.authorise", _authorise),
    "queue, an order inside the bank arrives": ("bank.order_step", _arrive),
    "queue, an order to another bank is settled": ("bank.order_step", _settle),
    "another bank pulls": ("bank.clearing_in", _pull),
    "bank, a payment goes back to another bank": ("bank.return_payment", _return),
    "queue, what goes back is settled": ("bank.order_step", _returned),
    "link, a premium is set aside": ("bank.hold_charge", _premium("bank.hold_charge")),
    "link, the premium is taken": ("bank.capture_charge", _premium("bank.capture_charge")),
}
IN_THE_OTHER_FILE = {
    "bank.withdraw", "bank.transfer", "bank.close", "bank.close_by_heirs", "bank.replace_account",
    "bank.activate_replacement", "bank.complete_replacement",
}  # fmt: skip
"""`PATHS` of test_T09_medical_money, and the law's own pay-out there."""
NOTHING_OUT = {
    "bank.deposit", "bank.pay_interest", "bank.recharge", "bank.purchase_refund", "bank.purchase_void",
    "bank.return_charge", "bank.transfer_recall",
}  # fmt: skip
"""They bring money, or end a hold of the account's own; see below."""
NO_MONEY = {
    "bank.activate", "bank.activate_by_two", "bank.judge_pin", "bank.balance", "bank.pin_reset", "bank.pin_unlock",
    "bank.ask_charge_payment", "bank.doubt_charge", "bank.drop_charge", "bank.interest_paid_up",
}  # fmt: skip
AT_THE_GATEWAY = {"/v1/captures", "/v1/reversals", "/v1/deposits", "/v1/voids"}
"""test_T09_T10_gateway."""


def test_the_matrix_is_the_products_own_list() -> None:
    """Here fails whoever adds a way to move money: try it with medical money and put it into the matrix."""
    mine = {act for act, _ in OUT.values()}
    assert routes.acts() == mine | IN_THE_OTHER_FILE | NOTHING_OUT | NO_MONEY | {"insurance.medical_payout"}
    assert routes.gateway() == AT_THE_GATEWAY
    assert routes.naming("medical.settlement") == set(), (
        "an act that settles belongs into the matrix, with its provider"
    )
    assert len(PATHS) >= 11


@pytest.mark.parametrize("path", OUT)
def test_no_other_route_lets_medical_money_out(path: str, world: World) -> None:
    for purpose in ("medical", "savings"):
        mine = kit.activated(kit.opened(kit.person()))
        kit.pay_in(mine, BALANCE)
        job = OUT[path][1](world, mine)
        before = counters(mine)
        if purpose == "savings":
            assert job()
            assert counters(mine) < before, "the way is open"
            continue
        become_medical(mine)
        if path == "another bank pulls":
            assert job()["result"] == "rejected"
        else:
            assert kit.refused(job).code == "ledger.not_permitted"
        assert counters(mine) == before


def test_what_comes_back_reaches_the_medical_account_and_nobody_else(world: World) -> None:
    """Refund and void of what was bought, a recalled order: never to another account, and never less than it was."""
    from sscard.bank.acts import RecallTransfer, RefundPurchase, VoidPurchase

    mine, friend = (savings.rich(BALANCE) for _ in range(2))
    first, second = (uuid.UUID(_buy(world, mine)().answer["purchase"]) for _ in range(2))
    order = savings.send(mine, friend, FEN, timing="next_day").answer["order"]
    become_medical(mine)
    till, shop = world.kiosk.caller, "云溪药店"
    for job in (
        lambda: kit.perform(till, "bank.purchase_refund", RefundPurchase(friend.account, first, shop, FEN)),
        lambda: kit.perform(
            till, "bank.purchase_void",
            VoidPurchase(friend.account, second, shop, savings.at(world.kiosk, "bank.purchase_void", friend)),
        ),
    ):  # fmt: skip
        assert kit.refused(job).code == "bank.purchase_unknown"
    kit.perform(till, "bank.purchase_refund", RefundPurchase(mine.account, first, shop, FEN))
    session = savings.at(world.kiosk, "bank.purchase_void", mine)
    kit.perform(till, "bank.purchase_void", VoidPurchase(mine.account, second, shop, session))
    kit.perform(savings.customer(mine), "bank.transfer_recall", RecallTransfer(mine.account, uuid.UUID(order)))
    kit.pay_in(mine, 1)
    assert counters(mine) == (BALANCE + 1, BALANCE + 1)
    assert counters(friend) == (BALANCE, BALANCE)


def test_a_settlement_is_taken_back_to_the_account_that_paid_and_to_no_other() -> None:
    """A receipt that was made up: the provider has the money and tries to hand it to the holder's savings, or to a friend's
    medical account; by whatever kind, action and trick of reversing."""
    from test_life_replacement import second_card

    from sscard.kernel import clock
    from sscard.ledger import accounts, posting
    from sscard.ledger.permits import INTERNAL, Permit

    mine, friend = (savings.rich(BALANCE) for _ in range(2))
    own = kit.activated(kit.opened(second_card(mine)))
    become_medical(mine)
    become_medical(friend)
    now, today = clock.now(mine.area), clock.today(mine.area)
    with kit.in_bank(mine):
        provider = accounts.internal("bank:CCB", "provider.9002", mine.account, now=now, purpose="provider")
    shop, at = posting.Side(*provider, INTERNAL), [0]
    sides = {name: posting.Side(one.person_id, one.account, Permit.NONE) for name, one in
             (("source", mine), ("friend", friend), ("savings", own))}  # fmt: skip

    def decided(debit: Any, credit: Any, kind: str, **more: Any) -> str:
        at[0] += 1
        item = posting.Item(uuid.uuid4(), f"s{at[0]}", b"s" * 32, kind, debit, credit, FEN, today, **more)
        with kit.in_bank(mine):
            return str(posting.decide([item], posted_at=now, wait=True)[0].status)

    settled, later = uuid.uuid4(), now + timedelta(days=1)
    assert decided(sides["source"], shop, "medical.settlement", transfer_id=settled) == "posted"
    reverse = {"action": posting.Action.REVERSE, "reverses": settled}
    for kind in ("refund", "transfer", "medical.refund", "medical.settlement", "medical.statutory_payout"):
        for name, side in sides.items():
            assert decided(shop, side, kind) == "not_permitted", (kind, name)
            hold = {"action": posting.Action.HOLD, "hold": uuid.uuid4(), "expires_at": later}
            assert decided(shop, side, kind, **hold) == "not_permitted", (kind, name)
        assert decided(shop, sides["savings"], kind, **reverse) == "no_account", kind
        assert decided(shop, sides["friend"], kind, **reverse) in ("remembered", "already_reversed"), "of nothing"
    assert decided(shop, sides["source"], "medical.refund", **reverse) == "posted"
    assert decided(shop, sides["source"], "medical.refund", **reverse) == "already_reversed"
    mirror = posting.Action.REVERSE
    for never in (settled, uuid.uuid4()):  # its own reversal, and one that has not come: nothing leaves by that either
        assert decided(sides["source"], shop, "deposit_reversal", action=mirror, reverses=never) == "not_permitted"
    assert [kit.balance_of(one) for one in (mine, friend, own)] == [BALANCE, BALANCE, 0]
