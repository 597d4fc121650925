"""Staff accounts: made and changed by two security administrators; the first password and the authenticator are shown once,
to the second of them."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.codes import person_number
from sscard.codes.errors import NumberFault
from sscard.control.acts import CreateStaff, DisableStaff, GrantRole
from sscard.control.models import Organisation, Staff
from sscard.control.rights import ROLES_AT, decide
from sscard.kernel import words
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal.forms import faults_of
from sscard.portal.shapes import Answer, Field, Link
from sscard.portal.signed import AtPage, for_staff, fresh_key
from sscard.portal.tables import Column, Row, table_of

VIEW, MANAGE = "control.staff_view", "control.staff_manage"
KINDS = ("bureau", "outlet", "employer")
"""Organisations whose staff an area's security administrators look after; a bank looks after its own."""


def _roles(at: AtPage) -> tuple[tuple[str, str, str], ...]:
    names = sorted(frozenset[str]().union(*(ROLES_AT[kind] for kind in KINDS)))
    return tuple((one, at.word(f"front.role.{one}"), "") for one in names if words.has("page", f"front.role.{one}"))


@for_staff(VIEW)
def accounts(request: HttpRequest, at: AtPage) -> HttpResponse:
    mine = Staff.objects.filter(area_code=at.caller.area, organisation__bank=at.caller.bank)
    found = mine.select_related("organisation").prefetch_related("roles")
    columns = [
        Column("username", at.word("office.username"), "code"), Column("name", at.word("person.name")),
        Column("office", at.word("office.organisation")), Column("roles", at.word("office.roles")),
        Column("state", at.word("office.state"), "state"),
    ]  # fmt: skip
    comma = at.word("frame.comma")
    rows = [
        Row(
            {
                "username": one.username, "name": one.display_name, "office": one.organisation.name(at.lang),
                "roles": comma.join(_role(at, role.role) for role in one.roles.all()),
                "state": "staff.active" if one.active else "staff.disabled",
            },
            url=f"/office/staff/{one.staff_id}/",
        )
        for one in found
    ]  # fmt: skip
    return at.render(
        "portal/office/staff.html", title=at.word("office.nav_staff"), may=decide(at.caller, MANAGE), here="/office/staff/",
        table=table_of(request, at.word("office.accounts"), columns, rows, sort="username"),
    )  # fmt: skip


def _role(at: AtPage, role: str) -> str:
    return at.word(f"front.role.{role}") if words.has("page", f"front.role.{role}") else role


@for_staff(MANAGE)
def create(request: HttpRequest, at: AtPage) -> HttpResponse:
    """A request for a second security administrator; nothing is made before he has agreed."""
    post = request.POST
    values = {name: post.get(name, "").strip() for name in ("username", "display_name", "organisation", "id_number")}
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        roles = tuple(post.getlist("roles"))
        faults = _faults(at, values, roles)
        if not faults:
            wanted = CreateStaff(
                values["username"],
                values["display_name"],
                values["organisation"],
                at.caller.area,
                values["id_number"],
                roles,
            )
            try:
                made = at.perform("control.create_staff", wanted, purpose="staff")
            except Refusal as refusal:
                faults = faults_of(refusal)
            else:
                return _submitted(at, made.waiting)
    offices = _offices(at)
    fields = [
        Field("username", at.word("office.username"), width="20"), Field("display_name", at.word("person.name"), width="20"),
        Field("id_number", at.word("person.id_number"), hint=at.word("office.id_hint"), width="20"),
        Field("organisation", at.word("office.organisation"), kind="select", options=offices),
        Field("roles", at.word("office.roles"), kind="checkbox", options=_roles(at), hint=at.word("office.roles_hint")),
    ]  # fmt: skip
    return at.render(
        "portal/form.html", title=at.word("office.new"), lead=at.word("office.new_lead"), fields=fields, faults=faults,
        values={**values, "roles": post.getlist("roles")}, action="/office/staff/new/", here="/office/staff/",
        submit_label=at.word("office.submit"), hidden={"key": fresh_key()}, cancel_url="/office/staff/",
        crumbs=[Link(at.word("office.nav_staff"), "/office/staff/"), Link(at.word("office.new"))],
    )  # fmt: skip


def _offices(at: AtPage) -> tuple[tuple[str, str, str], ...]:
    rows = Organisation.objects.filter(active=True, kind__in=KINDS, area_code__in=(at.caller.area, "")).order_by(
        "kind", "code"
    )
    return tuple((one.code, one.name(at.lang), "") for one in rows)


def _faults(at: AtPage, values: dict[str, str], roles: tuple[str, ...]) -> tuple[Fault, ...]:
    """What the second person should not have to find."""
    found = [Fault(name, "portal.answer_missing") for name in ("username", "display_name") if not values[name]]
    if not roles:
        found.append(Fault("roles", "portal.answer_missing"))
    if values["organisation"] not in {code for code, _, _ in _offices(at)}:
        found.append(Fault("organisation", "portal.answer_missing"))
    try:
        person_number.parse(values["id_number"])
    except NumberFault as fault:
        found.append(Fault("id_number", fault.code, fault.facts))
    return tuple(found)


def _submitted(at: AtPage, approval: uuid.UUID | None) -> HttpResponse:
    steps = [Link(at.word("office.nav_staff"), "/office/staff/")]
    if approval:
        steps.insert(0, Link(at.word("office.see_request"), f"/approvals/{approval}/"))
    return at.render(
        "portal/done.html", title=at.word("office.submitted"), sentence=at.word("office.submitted_text"), next_steps=steps,
        here="/office/staff/",
    )  # fmt: skip


def _account(at: AtPage, account: uuid.UUID) -> Staff:
    mine = Staff.objects.filter(area_code=at.caller.area, organisation__bank=at.caller.bank)
    found = mine.select_related("organisation").filter(staff_id=account).first()
    if found is None:
        raise Refusal("control.not_found")
    return found


@for_staff(VIEW)
def detail(request: HttpRequest, at: AtPage, account: uuid.UUID) -> HttpResponse:
    return _detail(request, at, account)


def _detail(request: HttpRequest, at: AtPage, account: uuid.UUID, faults: tuple[Fault, ...] = ()) -> HttpResponse:
    one = _account(at, account)
    has = [role.role for role in one.roles.all()]
    lines = [
        Answer(at.word("office.username"), one.username), Answer(at.word("office.organisation"), one.organisation.name(at.lang)),
        Answer(at.word("office.roles"), at.word("frame.comma").join(_role(at, role) for role in has)),
    ]  # fmt: skip
    return at.render(
        "portal/office/account.html", title=one.display_name, one=one, lines=lines, faults=faults, here="/office/staff/",
        state="staff.active" if one.active else "staff.disabled", key=fresh_key(), may=decide(at.caller, MANAGE),
        role_field=Field("role", at.word("office.grant"), kind="select", options=tuple(r for r in _roles(at) if r[0] not in has)),
        reason_field=Field("reason", at.word("office.why"), kind="textarea", maxlength=200),
        values={name: request.POST.get(name, "") for name in ("role", "reason")},
        crumbs=[Link(at.word("office.nav_staff"), "/office/staff/"), Link(one.display_name)],
    )  # fmt: skip


@for_staff(MANAGE)
def grant(request: HttpRequest, at: AtPage, account: uuid.UUID) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseRedirect(f"/office/staff/{account}/")
    one = _account(at, account)
    wanted = GrantRole(one.staff_id, request.POST.get("role", ""), at.caller.area)
    made = at.perform("control.grant_role", wanted, purpose="staff")
    return _submitted(at, made.waiting)


@for_staff(MANAGE)
def disable(request: HttpRequest, at: AtPage, account: uuid.UUID) -> HttpResponse:
    """At once, by one person: shutting out must not wait."""
    if request.method != "POST":
        return HttpResponseRedirect(f"/office/staff/{account}/")
    one, reason = _account(at, account), request.POST.get("reason", "").strip()
    if not reason:
        return _detail(request, at, account, (Fault("reason", "control.reason_missing"),))
    at.perform("control.disable_staff", DisableStaff(one.staff_id, reason), purpose="staff")
    return HttpResponseRedirect(f"/office/staff/{account}/")
