"""Acts of partners: registering oneself, opening a sandbox, new keys, a reset."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection

from sscard.control import passwords, throttle, totp
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.control.models import Staff, StaffRole
from sscard.kernel import clock
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.partners.models import Sandbox
from sscard.partners.sandbox import seeding, tenants

_ = seeding  # its act registers too
NAME_MOST = 60
REGISTER_TRIES = {
    "target": throttle.Limit(5, 3600), "source": throttle.Limit(20, 3600), "all": throttle.Limit(500, 3600),
}  # fmt: skip
_LOCK = 0x5353_4253_4258


@dataclass(frozen=True, slots=True)
class RegisterPartner:
    """`totp_secret` was made by the authenticator's page and is proved by `totp_code`: an account has two factors from its
    first moment, and no default password."""

    organisation: str
    username: str
    password: str
    totp_secret: str
    totp_code: str


@act("partners.register", right="partners.register", no_area=True)
def register(inside: Inside, request: RegisterPartner) -> dict[str, Any]:
    """An organisation of its own and its first developer. He can open sandboxes, and nothing else of the house is his."""
    tenants.require_offered()
    username, name = passwords.normal_name(request.username), request.organisation.strip()
    faults = []
    for place, text in (("organisation", name), ("username", username)):
        if not 2 <= len(text) <= NAME_MOST or not text.isprintable():
            faults.append(Fault(place, "partners.name_length", {"most": NAME_MOST}))
    if username.startswith("SBX") or Staff.objects.filter(username=username).exists():
        faults.append(Fault("username", "control.username_taken", {}))
    try:
        passwords.check_new(request.password, minimum=passwords.STAFF_MINIMUM, own_words=(username, name))
    except Refusal as refusal:
        faults.append(Fault("password", refusal.code, refusal.facts))
    step = None
    if totp.usable(request.totp_secret):
        step = totp.matching_step(request.totp_secret, request.totp_code, clock.real_now())
    if step is None:
        faults.append(Fault("totp_code", "people.totp_wrong", {}))
    refuse_if_any(faults)
    throttle.count("partner", REGISTER_TRIES, target=username, source=inside.caller.address)
    staff = Staff(
        username=username, organisation=tenants.new_organisation(name), display_name=request.username.strip()[:60],
        person_index=_nobodys_index(), totp=request.totp_secret, totp_last_step=step or 0,
        password=passwords.hashed(request.password),
    )  # fmt: skip
    staff.save(force_insert=True)
    StaffRole.objects.create(staff=staff, person_index=staff.person_index, role="partner")
    return {"partner": staff.organisation_id, "staff": str(staff.staff_id), "username": username}


def _nobodys_index() -> bytes:
    """A developer is not asked for his ID number; he is one person to himself and related to nobody."""
    return uuid.uuid4().bytes + uuid.uuid4().bytes


@dataclass(frozen=True, slots=True)
class OpenSandbox:
    name: str


@act("partners.open_sandbox", right="partners.open_sandbox", no_area=True)
def open_sandbox(inside: Inside, request: OpenSandbox) -> dict[str, Any]:
    """A tenant with an area of its own and its keys, which are shown once. Its magic persons follow within seconds."""
    tenants.require_offered()
    name = request.name.strip()
    if not 2 <= len(name) <= NAME_MOST or not name.isprintable():
        refuse_if_any([Fault("name", "partners.name_length", {"most": NAME_MOST})])
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
    organisation = inside.caller.organisation
    if Sandbox.objects.filter(organisation=organisation).count() >= tenants.MOST_SANDBOXES:
        raise Refusal("partners.sandboxes_most", most=tenants.MOST_SANDBOXES)
    number = tenants.next_number()
    sandbox = Sandbox.objects.create(
        number=number, organisation=organisation, name=name, area_code=tenants.next_area(number),
        made_at=clock.real_now(),
    )  # fmt: skip
    tenants.settle_organisations(sandbox)
    tenants.fill_later(sandbox.sandbox_id)
    inside.once["keys"] = tenants.make_keys(sandbox)
    inside.object = f"sandbox:{sandbox.sandbox_id}"
    return {"sandbox": str(sandbox.sandbox_id), "area": sandbox.area_code, "number": number}


def own(inside: Inside, sandbox_id: uuid.UUID) -> Sandbox:
    """A sandbox of the caller's, under lock; a sandbox's key reaches its own only."""
    found = Sandbox.objects.select_for_update().filter(sandbox_id=sandbox_id, organisation=inside.caller.organisation)
    row = found.first()
    if row is None or (inside.caller.kind == "program" and row.area_code != inside.caller.area):
        raise Refusal("control.not_found")
    inside.object = f"sandbox:{sandbox_id}"
    return row


@dataclass(frozen=True, slots=True)
class NewKeys:
    sandbox: uuid.UUID


@act("partners.new_keys", right="partners.open_sandbox", no_area=True)
def new_keys(inside: Inside, request: NewKeys) -> dict[str, Any]:
    """All keys of the sandbox anew, shown once; the old ones end at once."""
    sandbox = own(inside, request.sandbox)
    inside.once["keys"] = tenants.make_keys(sandbox)
    return {"sandbox": str(sandbox.sandbox_id)}


@dataclass(frozen=True, slots=True)
class ResetSandbox:
    sandbox: uuid.UUID


@act("partners.reset_sandbox", right="partners.sandbox", no_area=True)
def reset_sandbox(inside: Inside, request: ResetSandbox) -> dict[str, Any]:
    """As on the first day; keys, staff and endpoints stay."""
    sandbox = own(inside, request.sandbox)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
    if not sandbox.ready:
        raise Refusal("partners.not_ready")
    today = sandbox.reset_at is not None and clock.real_now() - sandbox.reset_at < timedelta(days=1)
    if today and sandbox.resets >= tenants.MOST_RESETS_A_DAY and sandbox.resets % tenants.MOST_RESETS_A_DAY == 0:
        raise Refusal("partners.resets_most", most=tenants.MOST_RESETS_A_DAY, seconds=86_400)
    tenants.move_on(sandbox)
    tenants.fill_later(sandbox.sandbox_id)
    return {"sandbox": str(sandbox.sandbox_id), "area": sandbox.area_code, "resets": sandbox.resets}
