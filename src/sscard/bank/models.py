"""Tables of the banks' hosted cores. All but `AccountStatus` are closed to acts that are not the bank's."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from sscard.bank.savings.tables import (
    AccountSettings,
    ClearingMessage,
    InterestPaid,
    OrderDue,
    Purchase,
    StatementNote,
    TransferOrder,
)
from sscard.bank.states import Restriction, Status
from sscard.kernel.keys import CompositeForeignKey
from sscard.kernel.sealed import SealedField
from sscard.kernel.tables import Table

__all__ = [
    "AccountRestriction",
    "AccountSettings",
    "AccountStatus",
    "BankAccount",
    "ClearingMessage",
    "InterestPaid",
    "OrderDue",
    "PinCount",
    "Purchase",
    "StatementNote",
    "TransferOrder",
]

_STATUSES, _KINDS = [str(one) for one in Status], [str(one) for one in Restriction]


class BankAccount(models.Model):
    """One account of one person at one bank, tied to one card for good. Its money stands in the ledger under the same
    ids. `facts` (sealed): number, pan, name, id_number."""

    sscard_table = Table.PERSON
    sscard_role = "bank"

    pk = models.CompositePrimaryKey("person_id", "account_id")
    person_id = models.BigIntegerField()
    account_id = models.UUIDField()
    """The public id of the account."""
    book = models.CharField(max_length=20)
    area_code = models.CharField(max_length=6)
    bank = models.CharField(max_length=12)
    card_id = models.UUIDField()
    branch = models.CharField(max_length=40, blank=True)
    """Code of the bank's outlet that opened it (the issuing outlet)."""
    facts = SealedField(purpose="bank")
    pan_mask = models.CharField(max_length=19)
    number_mask = models.CharField(max_length=24)
    name_mask = models.CharField(max_length=60)
    id_index = models.BinaryField(max_length=32)
    name_index = models.BinaryField(max_length=32)
    birth_date = models.DateField()
    status = models.CharField(max_length=14)
    account_class = models.CharField(max_length=3)
    """I or II, from the bank's rule in the area pack."""
    phone = SealedField(purpose="bank", null=True)
    phone_mask = models.CharField(max_length=15, blank=True)
    pin_verifier = models.BinaryField(max_length=64, null=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=120)
    """The opening file and line, or the counter."""
    activated_at = models.DateTimeField(null=True)
    activated_how = models.CharField(max_length=20, blank=True)
    """self, guardian, agent or home_visit, at counter or kiosk: "self/counter"."""
    activated_proof = models.CharField(max_length=80, blank=True)
    """What an agent acts on: "notarised 2026-118"."""
    activated_where = models.CharField(max_length=40, blank=True)
    closed_at = models.DateTimeField(null=True)
    reverified_at = models.DateTimeField(null=True)
    """The holder was identified at the counter again after COUNTER_ONLY; the six months count anew."""
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(status__in=_STATUSES), name="bank_account_status"),
            models.CheckConstraint(
                condition=~Q(status="ACTIVE")
                | Q(activated_at__isnull=False, pin_verifier__isnull=False, phone__isnull=False),
                name="bank_account_active_is_complete",
            ),
            CompositeForeignKey(fields=["person_id"], to="people.Person", name="bank_account_person"),
            CompositeForeignKey(
                fields=["person_id", "account_id"], to="ledger.LedgerAccount", name="bank_account_ledger"
            ),
        )


class AccountRestriction(models.Model):
    """One restriction of one account: in force while it is neither lifted nor past `until`."""

    sscard_table = Table.PERSON
    sscard_role = "bank"

    pk = models.CompositePrimaryKey("person_id", "account_id", "restriction_id")
    person_id = models.BigIntegerField()
    account_id = models.UUIDField()
    restriction_id = models.UUIDField()
    book = models.CharField(max_length=20)
    kind = models.CharField(max_length=14)
    amount_fen = models.BigIntegerField(null=True)
    """AMOUNT_FREEZE only."""
    reason = models.CharField(max_length=60)
    who = models.UUIDField(null=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    authority = models.CharField(max_length=16, db_default="bank")
    """Kind of whoever ordered it: `bank.freezes.RANK`. Only the same authority lifts it."""
    authority_name = models.CharField(max_length=80, blank=True, db_default="")
    rank = models.SmallIntegerField(db_default=8)
    """Whose amount freeze is met first: 1 judicial, 2 administrative, 8 the bank, 9 the holder."""
    document = models.CharField(max_length=60, blank=True, db_default="")
    """Number of the paper that orders it."""
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.UUIDField(null=True)
    lift_document = models.CharField(max_length=60, blank=True, db_default="")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=_KINDS), name="bank_restriction_kind"),
            models.CheckConstraint(
                condition=Q(kind="AMOUNT_FREEZE", amount_fen__gt=0)
                | (~Q(kind="AMOUNT_FREEZE") & Q(amount_fen__isnull=True)),
                name="bank_restriction_amount",
            ),
            CompositeForeignKey(
                fields=["person_id", "account_id"], to="bank.BankAccount", name="bank_restriction_account"
            ),
        )


class PinCount(models.Model):
    """Tries of the bank PIN since the last right one. Counted in a transaction of its own before each compare."""

    sscard_table = Table.PERSON
    sscard_role = "bank"

    pk = models.CompositePrimaryKey("person_id", "account_id")
    person_id = models.BigIntegerField()
    account_id = models.UUIDField()
    book = models.CharField(max_length=20)
    tries = models.IntegerField(default=0)
    last_at = models.DateTimeField(null=True)
    """Real time of the last try."""
    last_session = models.UUIDField(null=True)
    """Device session of the last try: one entry on the PIN pad is counted and compared once, however often it is
    sent."""

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(tries__gte=0), name="bank_pincount_tries"),
            CompositeForeignKey(
                fields=["person_id", "account_id"], to="bank.BankAccount", name="bank_pincount_account"
            ),
        )


class Replacement(models.Model):
    """A new card of the same bank for an account: the number is kept and the account goes over to the new card, or the
    money moves to the new number. Either happens when the new card is activated, at once and whole."""

    sscard_table = Table.PERSON
    sscard_role = "bank"

    pk = models.CompositePrimaryKey("person_id", "replacement_id")
    person_id = models.BigIntegerField()
    replacement_id = models.UUIDField()
    book = models.CharField(max_length=20)
    account_id = models.UUIDField()
    """The account there is."""
    new_account_id = models.UUIDField()
    """The account of the new card: the same one where the number is kept."""
    card_id = models.UUIDField()
    """The new card."""
    reason = models.CharField(max_length=20)
    state = models.CharField(max_length=10, default="waiting")
    """waiting → done | withdrawn"""
    asked_at = models.DateTimeField()
    asked_by = models.UUIDField()
    done_at = models.DateTimeField(null=True)
    group_id = models.UUIDField(null=True)
    """The ledger's group that moved the money."""

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["person_id", "account_id"], condition=Q(state="waiting"), name="bank_replacement_one_waits"
            ),
            models.UniqueConstraint(fields=["person_id", "account_id", "card_id"], name="bank_replacement_one_a_card"),
            CompositeForeignKey(
                fields=["person_id", "account_id"], to="bank.BankAccount", name="bank_replacement_account"
            ),
            CompositeForeignKey(
                fields=["person_id", "new_account_id"],
                to="bank.BankAccount",
                to_fields=["person_id", "account_id"],
                name="bank_replacement_new_account",
            ),
        )


class AccountStatus(models.Model):
    """What the bureau's staff and the holder's page may know of an account: never a balance, a number or a phone.
    Written with every change in the same transaction."""

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "account_id")
    person_id = models.BigIntegerField()
    account_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    card_id = models.UUIDField()
    bank = models.CharField(max_length=12)
    pan_mask = models.CharField(max_length=19)
    status = models.CharField(max_length=14)
    restrictions = models.JSONField(default=list)
    since = models.DateTimeField()
    opened_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (CompositeForeignKey(fields=["person_id"], to="people.Person", name="bank_status_person"),)


from sscard.bank.customers_models import (  # noqa: E402 - Django finds tables here
    Customer,
    CustomerInvite,
    CustomerPasskey,
)
from sscard.bank.savings_opening.models import MatterConsent, SavingsApplication, SavingsMark  # noqa: E402

__all__ = [
    "AccountRestriction",
    "AccountStatus",
    "BankAccount",
    "Customer",
    "CustomerInvite",
    "CustomerPasskey",
    "MatterConsent",
    "PinCount",
    "SavingsApplication",
    "SavingsMark",
]

from sscard.bank.linked.tables import (  # noqa: E402 - Django finds tables here
    Link,  # noqa: F401
    LinkClient,  # noqa: F401
    LinkPaper,  # noqa: F401
    LinkPayment,  # noqa: F401
    LinkReceipt,  # noqa: F401
    LinkRequest,  # noqa: F401
)
