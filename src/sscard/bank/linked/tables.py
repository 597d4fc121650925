"""The bank's keys as a client, requests under way, links and payments. All of it is the bank's, one bank's closed to others."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from sscard.kernel.sealed import SealedField
from sscard.kernel.tables import Table

REQUEST_STATES = ("asked", "done", "failed")
PAYMENT_STATES = ("asked", "held", "doubt", "paid", "returned", "ended")


class LinkClient(models.Model):
    """The bank as a client of the bureau. `keys` (sealed): private JSON Web Keys, `sign` for assertions, `dpop` for tokens."""

    sscard_table = Table.LOCAL
    sscard_role = "bank"

    book = models.CharField(primary_key=True, max_length=20)
    bank = models.CharField(max_length=12)
    client_id = models.CharField(max_length=64, blank=True)
    """As the bureau registered it; "" before."""
    issuer = models.CharField(max_length=200)
    redirect_uri = models.CharField(max_length=400)
    keys = SealedField(purpose="bank")
    public = models.JSONField()
    made_at = models.DateTimeField()


class LinkRequest(models.Model):
    """A customer was sent to the bureau's page. `secret` (sealed): the PKCE verifier. The state comes back with him."""

    sscard_table = Table.PERSON
    sscard_role = "bank"

    pk = models.CompositePrimaryKey("person_id", "request_id")
    person_id = models.BigIntegerField()
    request_id = models.UUIDField()
    book = models.CharField(max_length=20)
    customer_id = models.UUIDField()
    account_id = models.UUIDField()
    card_mask = models.CharField(max_length=20)
    payment_id = models.UUIDField(null=True)
    """The payment that it is about; None: it is about linking."""
    state_hash = models.BinaryField(max_length=32)
    secret = SealedField(purpose="bank")
    state = models.CharField(max_length=8)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["person_id", "state_hash"], name="bank_linkrequest_state"),
            models.CheckConstraint(condition=Q(state__in=REQUEST_STATES), name="bank_linkrequest_states"),
        )


class Link(models.Model):
    """A card that a customer linked. `tokens` (sealed): what the bureau gave for it."""

    sscard_table = Table.PERSON
    sscard_role = "bank"

    pk = models.CompositePrimaryKey("person_id", "link_id")
    person_id = models.BigIntegerField()
    link_id = models.UUIDField()
    book = models.CharField(max_length=20)
    customer_id = models.UUIDField()
    account_id = models.UUIDField()
    card_mask = models.CharField(max_length=20)
    consent = models.CharField(max_length=64, blank=True)
    """The bureau's number of the consent."""
    tokens = SealedField(purpose="bank", null=True)
    token_until = models.DateTimeField(null=True)
    linked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = (models.Index(fields=["person_id", "customer_id"], name="bank_link_customer"),)


class LinkPayment(models.Model):
    """A charge paid through a link. asked → held → paid | returned; doubt: held, and the bureau's answer is not known yet;
    ended: never held."""

    sscard_table = Table.PERSON
    sscard_role = "bank"

    pk = models.CompositePrimaryKey("person_id", "payment_id")
    person_id = models.BigIntegerField()
    payment_id = models.UUIDField()
    book = models.CharField(max_length=20)
    link_id = models.UUIDField()
    account_id = models.UUIDField()
    charge = models.CharField(max_length=64)
    """The bureau's number of the charge."""
    label = models.CharField(max_length=120)
    amount_fen = models.BigIntegerField()
    hold_id = models.UUIDField()
    state = models.CharField(max_length=8)
    because = models.CharField(max_length=60, blank=True)
    """Code of the refusal that returned it."""
    receipt = models.CharField(max_length=64, blank=True)
    receipt_code = models.CharField(max_length=20, blank=True)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    """When the money was set aside, by the machine's clock; it was sent to the bureau right after."""

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(state__in=PAYMENT_STATES), name="bank_linkpayment_states"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="bank_linkpayment_amount"),
        )


class LinkReceipt(models.Model):
    """The bureau's receipt of a payment (PDF), as it was fetched when the charge was paid."""

    sscard_table = Table.PERSON
    sscard_role = "bank"
    sscard_insert_only = True

    pk = models.CompositePrimaryKey("person_id", "payment_id")
    person_id = models.BigIntegerField()
    payment_id = models.UUIDField()
    book = models.CharField(max_length=20)
    file = SealedField(purpose="bank")
    kept_at = models.DateTimeField()


class LinkPaper(models.Model):
    """The signed authorisation of a link (PDF), as the bureau gave it when the card was linked."""

    sscard_table = Table.PERSON
    sscard_role = "bank"
    sscard_insert_only = True

    pk = models.CompositePrimaryKey("person_id", "link_id")
    person_id = models.BigIntegerField()
    link_id = models.UUIDField()
    book = models.CharField(max_length=20)
    file = SealedField(purpose="bank")
    kept_at = models.DateTimeField()
