"""Tables of the partners' room. None holds a person's data: ids, masks, states."""

from __future__ import annotations

from django.db import models

from sscard.control.tables.audit import this_transaction
from sscard.kernel.ids import new_id
from sscard.kernel.sealed import SealedField
from sscard.kernel.tables import BANK, REPORT, SEALER, Table


class Sandbox(models.Model):
    """One tenant. `number` stays for life and gives its people's numbers, `area_code` is new after each reset."""

    sscard_table = Table.LOCAL
    sscard_open = True

    sandbox_id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.PositiveIntegerField(unique=True)
    organisation = models.CharField(max_length=40, db_index=True)
    name = models.CharField(max_length=60)
    area_code = models.CharField(max_length=6, unique=True)
    made_at = models.DateTimeField()
    reset_at = models.DateTimeField(null=True)
    resets = models.PositiveIntegerField(default=0)
    ready = models.BooleanField(default=False)
    """Its magic persons are there."""


class SandboxArea(models.Model):
    """The area codes that sandboxes have or had; a code is never used again."""

    sscard_table = Table.REFERENCE
    sscard_grants = {BANK: "select", SEALER: "select", REPORT: "select"}

    area_code = models.CharField(primary_key=True, max_length=6)
    number = models.PositiveIntegerField()
    original = models.CharField(max_length=6)
    retired_at = models.DateTimeField(null=True)


class MagicPerson(models.Model):
    """Where the magic person of the list (`sandbox.magic`) lives in this sandbox now."""

    sscard_table = Table.LOCAL
    sscard_open = True

    magic_id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area_code = models.CharField(max_length=6)
    code = models.CharField(max_length=20)
    person = models.UUIDField()
    card = models.UUIDField(null=True)
    account = models.UUIDField(null=True)
    holder = models.UUIDField(null=True)
    pan_mask = models.CharField(max_length=19, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["area_code", "code"], name="partners_magic_once"),)


class Endpoint(models.Model):
    """An address that an organisation wants its events at. `secrets` (sealed): what its messages are signed with, the
    newest first; older ones sign too until they end."""

    sscard_table = Table.LOCAL
    sscard_open = True

    endpoint_id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.CharField(max_length=40)
    area_code = models.CharField(max_length=6, blank=True)
    """Only events of this area; "" for an organisation that works in several."""
    sandbox = models.UUIDField(null=True)
    url = models.CharField(max_length=300)
    """"" for a local listener, which fetches its messages itself."""
    events = models.JSONField()
    """Names of events, or beginnings of names that end in "*"."""
    secrets = SealedField(purpose="job")
    public_key = models.CharField(max_length=80)
    """Ed25519 (v1a), as whpk_…"""
    state = models.CharField(max_length=10, default="active")
    """active | disabled"""
    since_xid = models.BigIntegerField(db_default=this_transaction())
    """What happened before it was registered is not told to it."""
    failing_since = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_why = models.CharField(max_length=60, blank=True)
    made_at = models.DateTimeField()
    made_by = models.UUIDField()

    class Meta:
        indexes = (models.Index(fields=["organisation", "state"], name="partners_endpoint_of"),)


class Delivery(models.Model):
    """One message to one endpoint: waiting → sent | given_up. Its body is exactly what was signed."""

    sscard_table = Table.LOCAL
    sscard_open = True

    delivery_id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    event_id = models.UUIDField()
    """webhook-id: the receiver's own idempotency key, the same in every repeat."""
    name = models.CharField(max_length=60)
    body = models.TextField()
    state = models.CharField(max_length=10, default="waiting")
    spoilt = models.BooleanField(default=False)
    """Sent with a wrong signature on purpose (conformance run): a good receiver refuses it."""
    tries = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    replays = models.UUIDField(null=True)
    """The delivery that this one repeats, by hand or by API."""
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["endpoint", "event_id"], condition=models.Q(replays=None), name="partners_delivery_once"
            ),
        )
        indexes = (
            models.Index(fields=["state", "next_at"], name="partners_delivery_due"),
            models.Index(fields=["endpoint", "-made_at"], name="partners_delivery_log"),
        )


class DeliveryTry(models.Model):
    """One try to deliver: what came back, or why nothing did."""

    sscard_table = Table.LOCAL
    sscard_open = True
    sscard_insert_only = True

    try_id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    delivery_id = models.UUIDField(db_index=True)
    at = models.DateTimeField()
    status = models.PositiveIntegerField(null=True)
    error = models.CharField(max_length=60, blank=True)
    """A refusal's code: partners.target_inside, partners.target_silent …"""
    millis = models.PositiveIntegerField(default=0)


class Cursor(models.Model):
    """How far the outbox has been read: all events of transactions up to this number are told."""

    sscard_table = Table.LOCAL
    sscard_open = True

    name = models.CharField(primary_key=True, max_length=20)
    xid = models.BigIntegerField(default=0)


class RequestLine(models.Model):
    """One call of a sandbox's software, as its developer sees it. No body, no secret, numbers masked."""

    sscard_table = Table.LOCAL
    sscard_open = True

    line_id = models.BigAutoField(primary_key=True)
    sandbox = models.UUIDField()
    trace = models.CharField(max_length=64)
    at = models.DateTimeField()
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=200)
    status = models.PositiveIntegerField()
    code = models.CharField(max_length=60, blank=True)
    caller = models.CharField(max_length=60, blank=True)
    idempotency = models.CharField(max_length=24, blank=True)
    """The beginning of a digest of the key: tells that two calls had the same one."""
    replayed = models.BooleanField(default=False)
    millis = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = (
            models.Index(fields=["sandbox", "-line_id"], name="partners_request_log"),
            models.Index(fields=["sandbox", "trace"], name="partners_request_trace"),
        )


class ConformanceRun(models.Model):
    """A run that a partner started: judged from his requests and answers since `begun_at`."""

    sscard_table = Table.LOCAL
    sscard_open = True

    run_id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sandbox = models.UUIDField(db_index=True)
    organisation = models.CharField(max_length=40)
    begun_at = models.DateTimeField()
    first_line = models.BigIntegerField(default=0)
    facts = models.JSONField(default=dict)
    """Ids that the run made: its deliveries, the card that is lost."""
    ended_at = models.DateTimeField(null=True)
    results = models.JSONField(default=list)
    passed = models.BooleanField(null=True)
    report = models.TextField(blank=True)
    """The JSON report as JWS."""
    paper = models.BinaryField(null=True)
    """The same as PDF, PAdES B-T."""
