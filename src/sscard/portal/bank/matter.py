"""One act at the counter: what is asked first, the devices at the customer's side, the check, the act, the receipt."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.bank import activation, reads
from sscard.bank.states import Restriction
from sscard.kernel.money import yuan
from sscard.kernel.refusals import Fault, Refusal
from sscard.law import areas
from sscard.law.areas import Bank
from sscard.portal import amounts, errors, evidence, looks
from sscard.portal.bank import counter, receipts
from sscard.portal.bank.counter import LOOK, PURPOSE, Desk
from sscard.portal.bank.customer import seen_now
from sscard.portal.bank.matters import MATTERS, Matter, act_of, methods, of_act, request_of
from sscard.portal.card_reader import may_order
from sscard.portal.shapes import Answer, Field, Link
from sscard.portal.signed import AtPage, for_staff, fresh_key

CUSTOMER = "/bank/customer/"
AT_FIELDS = {"phone", "method", "mandate", "mandate_number"}


@for_staff("bank.view")
def begin(request: HttpRequest, at: AtPage, name: str) -> HttpResponse:
    """What has to be known before the devices are asked: the amount, or who stands here. Then a fresh device session."""
    matter = MATTERS.get(name)
    on_desk = counter.desk(at)
    if matter is None:
        raise Http404
    if not on_desk.card:
        return HttpResponseRedirect("/bank/")
    if request.method != "POST":
        return _ask_first(at, matter, {})
    faults: list[Fault] = []
    amount = _amount(request, faults) if matter.asks_amount else 0
    if matter.asks_amount and not faults:
        faults += _not_covered(at, on_desk, amount)
    if faults:
        return _ask_first(at, matter, request.POST, tuple(faults))
    wanted = _wanted(at, matter)
    session = evidence.begin(at.caller, counter.terminal(at), matter.act, wanted, request.POST.get("key", ""))
    asked = request.POST.get("method", "")
    method = asked if asked in methods(matter, rule(at)) else activation.SELF
    counter.put(at, replace(on_desk, session=str(session), matter=matter.act, amount_fen=amount, method=method))
    return HttpResponseRedirect("/bank/devices/")


def rule(at: AtPage) -> Bank:
    """The bank's rule where the customer's card was issued."""
    return areas.get(counter.desk(at).area or at.caller.area).bank(at.caller.bank)


def _wanted(at: AtPage, matter: Matter) -> tuple[str, ...]:
    """A lost card is not asked for where an account is closed or a report made formal; it is where it was found."""
    seen = seen_now(at)
    lost = seen.account is not None and Restriction.LOST in seen.account.view.restrictions
    return ("id_reader",) if lost and matter.name == "close" else matter.wanted


def _amount(request: HttpRequest, faults: list[Fault]) -> int:
    found, wrong = amounts.typed("amount", request.POST.get("amount", ""))
    faults += wrong
    return found


def _not_covered(at: AtPage, on: Desk, amount: int) -> list[Fault]:
    """Told before the customer is asked for card and PIN in vain."""
    with at.reading("bank.withdraw", PURPOSE, area=on.area or None) as inside:
        fits = reads.covers(inside, counter.account(on), amount)
    return [] if fits else [Fault("amount", "ledger.insufficient", {"amount": yuan(amount)})]


def _ask_first(at: AtPage, matter: Matter, values: object, faults: tuple[Fault, ...] = ()) -> HttpResponse:
    seen = seen_now(at)
    fields = []
    if matter.asks_amount:
        fields.append(Field("amount", at.word("counter.amount"), kind="money", width="10"))
    if matter.by_guardian:
        options = tuple(
            (code, at.word(f"counter.by.{code}"), at.word(f"counter.by.{code}_hint"))
            for code in methods(matter, rule(at))
        )
        fields.append(Field("method", at.word("counter.method"), kind="radio", options=options))
    return at.render(
        "portal/form.html",
        title=at.word(f"counter.do.{matter.name}"),
        lead=at.word(f"counter.before.{matter.name}", name=seen.name),
        fields=fields,
        values=values or {"method": "self"},
        faults=faults,
        action=f"/bank/begin/{matter.name}/",
        submit_label=at.word("counter.to_devices"),
        hidden={"key": fresh_key()},
        cancel_url=CUSTOMER,
        crumbs=_crumbs(at, matter),
        here="/bank/",
    )


@for_staff("bank.view")
def devices(request: HttpRequest, at: AtPage) -> HttpResponse:
    """The live panel. When all is there it leads on by itself, with or without the script."""
    on_desk = counter.desk(at)
    if not on_desk.session:
        return HttpResponseRedirect("/bank/")
    shown = evidence.panel(at.caller, on_desk.session, at.lang)
    onward = CUSTOMER if on_desk.matter == LOOK else "/bank/do/"
    if shown.complete:
        return HttpResponseRedirect(onward)
    matter = of_act(on_desk.matter)
    title = at.word(f"counter.do.{matter.name}") if matter else at.word("counter.read_card")
    answer = at.render(
        "portal/bank/devices.html",
        title=title,
        lead=at.word("counter.over" if shown.over else "counter.devices_lead"),
        devices=shown.devices,
        over=shown.over,
        amount_fen=on_desk.amount_fen,
        cancel_url=CUSTOMER if on_desk.card else "",
        crumbs=_crumbs(at, matter) if matter else [],
        here="/bank/",
        reader=evidence.reader_of(request, at.caller, on_desk.session, at.lang),
    )
    return may_order(answer)


@for_staff("bank.view")
def live(request: HttpRequest, at: AtPage) -> HttpResponse:
    on_desk = counter.desk(at)
    if not on_desk.session:
        raise Http404
    shown = evidence.panel(at.caller, on_desk.session, at.lang)
    onward = CUSTOMER if on_desk.matter == LOOK else "/bank/do/"
    return evidence.fragment(request, shown, onward, "/bank/devices/")


@for_staff("bank.view")
def do(request: HttpRequest, at: AtPage) -> HttpResponse:
    """The check before the act, and the act itself. Without complete evidence one is back at the devices."""
    on_desk = counter.desk(at)
    matter = of_act(on_desk.matter)
    if matter is None or not on_desk.session:
        return HttpResponseRedirect("/bank/")
    if request.method != "POST":
        if not evidence.panel(at.caller, on_desk.session, at.lang).complete:
            return HttpResponseRedirect("/bank/devices/")
        return _check(at, matter, on_desk, {})
    post = request.POST
    mandate = (post.get("mandate", ""), post.get("mandate_number", "").strip())
    if on_desk.method != activation.AGENT:
        mandate = ("", "")
    try:
        made = request_of(
            matter,
            on_desk,
            phone=post.get("phone", ""),
            relation_proof=post.get("relation_proof") == "yes",
            mandate=mandate,
        )
        outcome = at.perform(act_of(matter, on_desk, mandate[0]), made, purpose=PURPOSE, area=on_desk.area)
    except Refusal as refusal:
        if refusal.faults and {fault.place for fault in refusal.faults} <= AT_FIELDS:
            return _check(at, matter, on_desk, post, refusal.faults)
        return _refused(request, at, refusal)
    if outcome.waiting:
        return _waits_for_second(at)
    return receipts.receipt(at, matter.name, outcome, amount_fen=on_desk.amount_fen)


def _waits_for_second(at: AtPage) -> HttpResponse:
    """What the devices read is fresh for ten minutes: the second person signs now."""
    return at.render(
        "portal/done.html",
        title=at.word("counter.order.asked"),
        sentence=at.word("counter.second.text"),
        next_steps=[Link(at.word("counter.back_to_customer"), CUSTOMER)],
        here="/bank/",
    )


def _refused(request: HttpRequest, at: AtPage, refusal: Refusal) -> HttpResponse:
    """Why not, and back to the customer: the evidence was not used up, but each new try reads anew."""
    from sscard.law import clauses

    way = Link(at.word("counter.back_to_customer"), CUSTOMER)
    return errors.refusal_page(request, refusal, way=way, clause=clauses.basis(refusal.clause, at.lang))


def _check(at: AtPage, matter: Matter, on: Desk, values: object, faults: tuple[Fault, ...] = ()) -> HttpResponse:
    """What was read, in masks, and what the teller still has to write down."""
    shown = evidence.panel(at.caller, on.session, at.lang)
    lines = [Answer(at.word(f"devices.{one.kind}"), one.sentence) for one in shown.devices]
    if matter.asks_amount:
        lines.insert(
            0, Answer(at.word("counter.amount"), looks.show_money(on.amount_fen), f"/bank/begin/{matter.name}/")
        )
    fields = []
    if matter.asks_phone:
        hint = at.word("counter.phone_hint")
        fields.append(Field("phone", at.word("counter.mobile"), kind="phone", width="10", hint=hint))
    if matter.by_others and on.method == activation.AGENT:
        kinds = tuple((one, at.word(f"counter.mandate.{one}"), "") for one in activation.MANDATES)
        fields.append(Field("mandate", at.word("counter.mandate.kind"), kind="radio", options=kinds))
        fields.append(Field("mandate_number", at.word("counter.mandate.number"), maxlength=60, width="20"))
    if matter.by_guardian and on.method == "guardian":
        proof = ("yes", at.word("counter.relation_seen"), "")
        fields.append(Field("relation_proof", at.word("counter.relation"), kind="checkbox", options=(proof,)))
    return at.render(
        "portal/bank/check.html",
        title=at.word(f"counter.check.{matter.name}"),
        lines=lines,
        fields=fields,
        values=values,
        faults=faults,
        action="/bank/do/",
        submit_label=at.word(f"counter.submit.{matter.name}"),
        hidden={"key": fresh_key()},
        cancel_url=CUSTOMER,
        crumbs=_crumbs(at, matter),
        here="/bank/",
    )


def _crumbs(at: AtPage, matter: Matter | None) -> list[Link]:
    crumbs = [Link(at.word("counter.nav"), "/bank/"), Link(at.word("counter.customer_crumb"), CUSTOMER)]
    return [*crumbs, Link(at.word(f"counter.do.{matter.name}"))] if matter else crumbs
