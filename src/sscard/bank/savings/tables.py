"""Tables of savings. All of them belong to the bank's book and are closed to every act that is not the bank's."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from sscard.bank.savings.states import ORDER_STATES, ORDER_WAYS, PURCHASE_STATES, Order, Way
from sscard.kernel.keys import CompositeForeignKey
from sscard.kernel.sealed import SealedField
from sscard.kernel.tables import Table


class StatementNote(models.Model):
    """What a statement says about one side of a movement beyond its amount. Written with the movement."""

    sscard_table = Table.PERSON
    sscard_role = "bank"
    sscard_insert_only = True

    pk = models.CompositePrimaryKey("person_id", "account_id", "transfer_id")
    person_id = models.BigIntegerField()
    account_id = models.UUIDField()
    transfer_id = models.UUIDField()
    book = models.CharField(max_length=20)
    other_name_mask = models.CharField(max_length=60, blank=True)
    other_number_mask = models.CharField(max_length=34, blank=True)
    other_bank = models.CharField(max_length=12, blank=True)
    """Code of the other side's bank; "" is the own one."""
    memo = models.CharField(max_length=60, blank=True)
    channel = models.CharField(max_length=20)

    class Meta:
        constraints = (
            CompositeForeignKey(fields=["person_id", "account_id"], to="bank.BankAccount", name="bank_note_account"),
        )


class TransferOrder(models.Model):
    """A transfer that does not arrive at once: to another bank, or one that waits until it may no longer be recalled; and
    its kin by `way`. What leaves is held from the first moment. `payee` (sealed): number, name of the other side."""

    sscard_table = Table.PERSON
    sscard_role = "bank"

    pk = models.CompositePrimaryKey("person_id", "order_id")
    person_id = models.BigIntegerField()
    order_id = models.UUIDField()
    """Also the message's id at the clearing house, and the id of the hold."""
    book = models.CharField(max_length=20)
    area_code = models.CharField(max_length=6)
    account_id = models.UUIDField()
    to_bank = models.CharField(max_length=12)
    payee = SealedField(purpose="bank")
    way = models.CharField(max_length=10, default=str(Way.TRANSFER))
    original = models.UUIDField(null=True)
    """Of a return: the payment that is given back."""
    payee_account = models.UUIDField(null=True)
    """Set when the receiver is in the same bank."""
    payee_person = models.BigIntegerField(null=True)
    payee_number_mask = models.CharField(max_length=34)
    payee_name_mask = models.CharField(max_length=60)
    amount_fen = models.BigIntegerField()
    memo = models.CharField(max_length=60, blank=True)
    timing = models.CharField(max_length=10)
    channel = models.CharField(max_length=20)
    state = models.CharField(max_length=10)
    reason = models.CharField(max_length=40, blank=True)
    """Why the other bank or the clearing house refused it: a code of the clearing house."""
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    """When it leaves; until then it can be recalled."""
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    transfer_id = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(state__in=ORDER_STATES), name="bank_order_state"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="bank_order_amount"),
            models.CheckConstraint(condition=Q(way__in=ORDER_WAYS), name="bank_order_way"),
            models.CheckConstraint(
                condition=Q(way=str(Way.RETURN), original__isnull=False)
                | (~Q(way=str(Way.RETURN)) & Q(original__isnull=True)),
                name="bank_order_of_original",
            ),
            models.UniqueConstraint(
                fields=["person_id", "original"],
                condition=~Q(state=str(Order.REJECTED)),
                name="bank_order_returns_once",
            ),
            CompositeForeignKey(fields=["person_id", "account_id"], to="bank.BankAccount", name="bank_order_account"),
        )
        indexes = (models.Index(fields=["person_id", "account_id", "made_at"], name="bank_order_of_account"),)

    @property
    def waits(self) -> bool:
        """It was to leave later than it was made, so its payer may take it back; real time leaves at once."""
        return self.due_at > self.made_at


class OrderDue(models.Model):
    """The bank's queue: orders that still have a way to go, by the moment of their next step. The row goes with the
    last step, so the queue is as long as the work that is left."""

    sscard_table = Table.LOCAL
    sscard_role = "bank"

    order_id = models.UUIDField(primary_key=True)
    book = models.CharField(max_length=20)
    area_code = models.CharField(max_length=6)
    person_id = models.BigIntegerField()
    due_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["book", "due_at"], name="bank_orderdue_next"),)


class ClearingMessage(models.Model):
    """A message from the clearing house, taken once: the same id again gets the first answer, and another content under
    the same id is refused (T07)."""

    sscard_table = Table.LOCAL
    sscard_role = "bank"
    sscard_insert_only = True

    message_id = models.CharField(max_length=80, primary_key=True)
    """The id at the clearing house, with our book before it: the same payment is one bank's out and another's in."""
    book = models.CharField(max_length=20)
    kind = models.CharField(max_length=12)
    digest = models.BinaryField(max_length=32)
    result = models.CharField(max_length=12)
    reason = models.CharField(max_length=40, blank=True)
    transfer_id = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["transfer_id"], name="bank_message_of_transfer"),)


class AccountSettings(models.Model):
    """What the customer himself has set: limits lower than the bank's, channels switched off, notices."""

    sscard_table = Table.PERSON
    sscard_role = "bank"

    pk = models.CompositePrimaryKey("person_id", "account_id")
    person_id = models.BigIntegerField()
    account_id = models.UUIDField()
    book = models.CharField(max_length=20)
    limits = models.JSONField(default=dict)
    """Name of a limit → fen."""
    channels_off = models.JSONField(default=list)
    notices = models.JSONField(default=dict)
    changed_at = models.DateTimeField()
    changed_by = models.UUIDField()

    class Meta:
        constraints = (
            CompositeForeignKey(
                fields=["person_id", "account_id"], to="bank.BankAccount", name="bank_settings_account"
            ),
        )


class Purchase(models.Model):
    """A purchase at a shop's till. What was given back never exceeds what was paid: the database checks it (T08)."""

    sscard_table = Table.PERSON
    sscard_role = "bank"

    pk = models.CompositePrimaryKey("person_id", "purchase_id")
    person_id = models.BigIntegerField()
    purchase_id = models.UUIDField()
    """Also the id of the movement."""
    book = models.CharField(max_length=20)
    account_id = models.UUIDField()
    shop = models.CharField(max_length=60)
    till = models.CharField(max_length=30)
    amount_fen = models.BigIntegerField()
    given_back_fen = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10)
    business_date = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(state__in=PURCHASE_STATES), name="bank_purchase_state"),
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0, given_back_fen__gte=0, given_back_fen__lte=F("amount_fen")),
                name="bank_purchase_given_back",
            ),
            CompositeForeignKey(
                fields=["person_id", "account_id"], to="bank.BankAccount", name="bank_purchase_account"
            ),
        )


class InterestPaid(models.Model):
    """Interest of one account for one period, once: the key is account and period, whatever is run again. A period
    without interest has its row, too. The next period goes on from `through_seq`."""

    sscard_table = Table.PERSON
    sscard_role = "bank"
    sscard_insert_only = True

    pk = models.CompositePrimaryKey("person_id", "account_id", "period_end")
    person_id = models.BigIntegerField()
    account_id = models.UUIDField()
    period_end = models.DateField()
    """The last day that bears interest: the settlement day, or the day before closing."""
    book = models.CharField(max_length=20)
    period_begin = models.DateField()
    yuan_days = models.BigIntegerField()
    """The sum of day-end balances in whole yuan (积数)."""
    rate_ppm = models.IntegerField()
    rate_source = models.CharField(max_length=200)
    amount_fen = models.BigIntegerField()
    transfer_id = models.UUIDField(null=True)
    through_seq = models.BigIntegerField()
    """The account's last entry that was counted."""
    balance_fen = models.BigIntegerField()
    """The balance after it."""
    made_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(yuan_days__gte=0, rate_ppm__gte=0, amount_fen__gte=0, through_seq__gte=0),
                name="bank_interest_amounts",
            ),
            models.CheckConstraint(
                condition=Q(amount_fen=0, transfer_id__isnull=True) | Q(amount_fen__gt=0, transfer_id__isnull=False),
                name="bank_interest_is_posted",
            ),
            CompositeForeignKey(
                fields=["person_id", "account_id"], to="bank.BankAccount", name="bank_interest_account"
            ),
        )
