"""One sandbox: what it is, its keys anew, reset, clock, magic values, and the log of calls."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.kernel import clock as clocks
from sscard.kernel.refusals import Refusal
from sscard.partners import requests
from sscard.partners.models import MagicPerson, Sandbox
from sscard.partners.sandbox import listing, telephone, tenants
from sscard.partners.sandbox.acts import NewKeys, ResetSandbox
from sscard.portal.developers.around import AREA, for_owner, keys_page, show
from sscard.portal.forms import faults_of
from sscard.portal.shapes import Answer, Field
from sscard.portal.signed import AtPage, fresh_key
from sscard.portal.tables import Column, Row, Table, table_of


@for_owner
def overview(request: HttpRequest, at: AtPage, sandbox: Sandbox) -> HttpResponse:
    codes = tenants.codes_of(sandbox)
    lines = [
        Answer(at.word("developers.area"), sandbox.area_code),
        Answer(at.word("developers.bank"), codes["bank"]),
        Answer(at.word("developers.key_names"), f"sbx{sandbox.number}.sandbox"),
        Answer(at.word("developers.now"), clocks.now(sandbox.area_code).astimezone(clocks.CHINA).strftime("%Y-%m-%d %H:%M")),
        Answer(at.word("developers.resets"), str(sandbox.resets)),
    ]  # fmt: skip
    return show(
        at, sandbox, "overview", "portal/developers/overview.html", lines=lines, key=fresh_key(),
        api=f"{request.scheme}://{request.get_host()}/api", telephone=telephone.page(sandbox.area_code),
    )  # fmt: skip


@for_owner
def keys(request: HttpRequest, at: AtPage, sandbox: Sandbox) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseRedirect(f"/developers/{sandbox.sandbox_id}/")
    return keys_page(at, at.perform("partners.new_keys", NewKeys(sandbox.sandbox_id), area=AREA), "developers.new_keys")


@for_owner
def reset(request: HttpRequest, at: AtPage, sandbox: Sandbox) -> HttpResponse:
    if request.method == "POST":
        done = at.perform("partners.reset_sandbox", ResetSandbox(sandbox.sandbox_id), area=AREA)
        if not done.replayed:
            tenants.fill(sandbox.sandbox_id)
    return HttpResponseRedirect(f"/developers/{sandbox.sandbox_id}/")


@for_owner
def clock(request: HttpRequest, at: AtPage, sandbox: Sandbox) -> HttpResponse:
    faults, url = (), f"/developers/{sandbox.sandbox_id}/"
    if request.method == "POST":
        given = request.POST.get("days", "").strip()
        try:
            days = int(given) if given.isascii() and given.isdigit() and len(given) <= 6 else 0
            tenants.move_clock(sandbox, days * 24, request.POST.get("key", ""))
        except Refusal as refusal:
            faults = faults_of(refusal, {"control.clock_backwards": "days"})
        else:
            return HttpResponseRedirect(url)
    return show(
        at, sandbox, "overview", "portal/form.html", title=at.word("developers.clock"),
        lead=at.word("developers.clock_lead"),
        fields=[Field("days", at.word("developers.days"), kind="digits", hint=at.word("developers.days_hint"), width="5")],
        values=request.POST, faults=faults, action=f"{url}clock/", submit_label=at.word("developers.clock_button"),
        hidden={"key": fresh_key()}, cancel_url=url,
    )  # fmt: skip


@for_owner
def magic_values(request: HttpRequest, at: AtPage, sandbox: Sandbox) -> HttpResponse:
    found = {one.code: one for one in MagicPerson.objects.filter(area_code=sandbox.area_code)}
    told = listing.of(sandbox, found)
    text = "text_zh" if at.lang == "zh" else "text"
    people = table_of(
        request, at.word("developers.persons"),
        (
            Column("code", at.word("developers.magic_code"), "code"), Column("what", at.word("developers.what"), sortable=False),
            Column("id_number", at.word("developers.id_number"), "code", sortable=False),
            Column("card_number", at.word("developers.card_number"), "code", sortable=False),
            Column("account", at.word("developers.account"), "code", sortable=False),
        ),
        [Row({"code": one["code"], "what": one[text], "id_number": one["id_number"], "card_number": one["card_number"],
              "account": one["account"] or "–"}) for one in told["persons"]],
    )  # fmt: skip
    amounts = table_of(
        request, at.word("developers.amounts"),
        (
            Column("fen", at.word("developers.amount_fen"), "code", sortable=False),
            Column("code", at.word("developers.error_code"), "code", sortable=False),
            Column("text", at.word("developers.what"), sortable=False),
        ),
        [Row({"fen": str(one["amount_fen"]), "code": one["code"], "text": one[text]}) for one in told["amounts"]],
        prefix="a-", filterable=False,
    )  # fmt: skip
    return show(
        at, sandbox, "magic", "portal/developers/magic.html", people=people, amounts=amounts, header=told["header"],
        references=_answers(request, at, "references", "reference", told["references"]),
        codes=_answers(request, at, "codes", "code", told["codes"]),
        faces=_answers(request, at, "faces", "outcome", told["faces"]),
    )  # fmt: skip


def _answers(request: HttpRequest, at: AtPage, name: str, key: str, lines: list[dict[str, str]]) -> Table:
    """What is typed or chosen, and what it is answered with."""
    text = "text_zh" if at.lang == "zh" else "text"
    return table_of(
        request, at.word(f"developers.{name}"),
        (
            Column("value", at.word(f"developers.{key}"), "code", sortable=False),
            Column("code", at.word("developers.error_code"), "code", sortable=False),
            Column("text", at.word("developers.what"), sortable=False),
        ),
        [
            Row({"value": one[key], "code": one["refusal"] or "–", "text": one[text] or at.word("developers.accepted")})
            for one in lines
        ],
        prefix=f"{name}-", filterable=False,
    )  # fmt: skip


@for_owner
def calls(request: HttpRequest, at: AtPage, sandbox: Sandbox) -> HttpResponse:
    trace = request.GET.get("trace", "").replace("\0", "")[:64]
    columns = (
        Column("at", at.word("developers.at"), "moment", sortable=False),
        Column("call", at.word("developers.call"), "code", sortable=False),
        Column("status", at.word("developers.status"), "number", sortable=False),
        Column("code", at.word("developers.error_code"), "code", sortable=False),
        Column("caller", at.word("developers.caller"), sortable=False),
        Column("trace", at.word("developers.trace"), "code", sortable=False),
    )
    rows = [
        Row({"at": one.at, "call": f"{one.method} {one.path}", "status": one.status, "code": one.code, "caller": one.caller,
             "trace": one.trace + (" ↺" if one.replayed else "")}, tone="bad" if one.status >= 400 else "")
        for one in requests.lines(sandbox.sandbox_id, trace=trace, limit=200)
    ]  # fmt: skip
    table = table_of(
        request, at.word("developers.part.calls"), columns, rows, empty_text=at.word("developers.no_calls")
    )
    return show(
        at, sandbox, "calls", "portal/developers/table.html", table=table, lead=at.word("developers.calls_lead")
    )
