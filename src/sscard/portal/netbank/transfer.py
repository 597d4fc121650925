"""Transfer: to whom (compared at once where the payee is this bank's) → how much → check and second factor → result. What was
typed goes along in the forms; nothing stands in the address, and the form's one key makes two presses one transfer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from sscard.bank import customers_reads
from sscard.bank.acts import CheckPayee, Transfer
from sscard.bank.customers_reads import OnlineAccount
from sscard.bank.savings import payee, terms
from sscard.bank.savings.outlook import Outlook, outlook
from sscard.kernel import clock
from sscard.kernel.refusals import Fault, Refusal
from sscard.law import areas
from sscard.portal import amounts, looks
from sscard.portal.netbank import confirm, limits, which
from sscard.portal.netbank.signed import AtBank, for_customer
from sscard.portal.shapes import Answer, Field, Link
from sscard.portal.signed import fresh_key

PAYEE = ("account", "to_number", "to_name", "to_bank")
AMOUNT = ("amount", "timing", "memo")
PLACES = {"amount_fen": "amount"}
AT_PAYEE = ("bank.payee_differs", "bank.payee_takes_nothing", "bank.payee_bank_unknown", "ledger.same_account")
AT_AMOUNT = ("ledger.insufficient", "ledger.limit", "ledger.amount")


@for_customer
def transfer(request: HttpRequest, at: AtBank) -> HttpResponse:
    """The step that the form names; each step checks what came before, so none can be jumped."""
    with at.reading() as inside:
        account, every = which.chosen(inside, request)
    if code := account.closed_because or account.transfer_closed_because:
        raise Refusal(code)
    form = Form(at, account, every)
    if request.method != "POST":
        return form.payee()
    if faults := form.payee_faults():
        return form.payee(faults)
    step = request.POST.get("step", "")
    if step in ("", "payee"):
        faults = form.unfit()
        return form.payee(faults) if faults else form.amount()
    fen, faults = form.amount_faults()
    if faults:
        return form.amount(faults)
    if step == "do" and form.straight(fen):
        return form.do(fen)
    look = form.look(fen)
    if look.faults:
        return form.mend(look.faults)
    if step == "amount":
        return form.check(fen, ask=look.needs_proof)
    return form.prove(fen) if look.needs_proof else form.do(fen)


@dataclass(slots=True)
class Form:
    """One transfer on its way through the pages."""

    at: AtBank
    account: OnlineAccount
    every: list[OnlineAccount]

    @property
    def post(self) -> Any:
        return self.at.request.POST

    def _typed(self, *names: str) -> dict[str, str]:
        return {name: self.post.get(name, "").strip() for name in names}

    def _banks(self) -> list[tuple[str, str, str]]:
        """This bank first, then the others that take part, each once."""
        own = areas.get(self.at.caller.area).bank(self.at.bank)
        found = {own.code: ("", self.at.word("transfer.same_bank", bank=own.short.of(self.at.lang)), "")}
        for area in areas.all_areas():
            for bank in area.banks(clock.today(area.code)):
                found.setdefault(bank.code, (bank.code, bank.name.of(self.at.lang), ""))
        return list(found.values())

    # -- to whom
    def payee(self, faults: tuple[Fault, ...] = ()) -> HttpResponse:
        word = self.at.word
        fields = [
            Field("to_name", word("transfer.to_name"), hint=word("transfer.to_name_hint"), width="20"),
            Field("to_number", word("transfer.to_number"), kind="digits", width="20"),
            Field("to_bank", word("transfer.to_bank"), kind="select", options=tuple(self._banks()),
                  hint=word("transfer.to_bank_hint")),
        ]  # fmt: skip
        hidden = {"step": "payee", "key": self.post.get("key") or fresh_key(), **self._typed(*AMOUNT)}
        if len(self.every) > 1:
            fields.insert(
                0,
                Field("account", word("transfer.from"), kind="select", options=which.options(self.every, self.at.lang)),
            )
        else:
            hidden["account"] = str(self.account.account_id)
        values = {"account": str(self.account.account_id), **self._typed("to_number", "to_name", "to_bank")}
        return self._page("transfer.payee", fields, values, hidden, faults, "transfer.next", lead="transfer.payee_lead")

    def payee_faults(self) -> tuple[Fault, ...]:
        typed = self._typed("to_number", "to_name", "to_bank")
        _, faults = payee.wanted(typed["to_number"], typed["to_name"])
        if typed["to_bank"] not in {code for code, _, _ in self._banks()}:
            faults.append(Fault("to_bank", "bank.payee_bank_unknown", {"bank": typed["to_bank"][:12]}))
        return tuple(faults)

    def unfit(self) -> tuple[Fault, ...]:
        """What the bank says of the payee before any amount is typed. The try is counted and written down."""
        typed = self._typed("to_number", "to_name", "to_bank")
        try:
            self.at.perform("bank.check_payee", CheckPayee(self.account.account_id, **typed), key=fresh_key())
        except Refusal as refusal:
            if refusal.code not in AT_PAYEE:
                raise
            return (Fault("to_number", refusal.code, refusal.facts),)
        return ()

    def wanted(self, fen: int) -> Transfer:
        typed = self._typed(*PAYEE, *AMOUNT)
        return Transfer(
            self.account.account_id, fen, typed["to_number"], typed["to_name"], typed["to_bank"], typed["timing"],
            typed["memo"],
        )  # fmt: skip

    def look(self, fen: int) -> Outlook:
        """What the act would say of balance, limits and second factor, before anybody types a code for it."""
        with self.at.reading() as inside:
            return outlook(inside, self.wanted(fen))

    def straight(self, fen: int) -> bool:
        """To the door without looking first: no second factor was asked for, or it was given for this order already. A second
        press of the same button gets the first answer there, by its key, however balance and limits stand by then."""
        asked = "code" in self.post or "answer" in self.post
        return not asked or confirm.given_for(self.at, self.wanted(fen).matter)

    # -- how much
    def amount(self, faults: tuple[Fault, ...] = (), key: str = "") -> HttpResponse:
        word = self.at.word
        timings = tuple(
            (one, word(f"transfer.timing.{one}"), word(f"transfer.timing.{one}_hint")) for one in terms.TIMINGS
        )
        with self.at.reading() as inside:
            held = customers_reads.money(inside, self.account)
        hint = word("transfer.available", available=looks.show_money(held.available_fen)) if held else ""
        fields = [
            Field("amount", word("transfer.amount"), kind="money", width="10", hint=hint),
            Field("timing", word("transfer.when"), kind="radio", options=timings),
            Field("memo", word("transfer.memo"), required=False, maxlength=60, width="20"),
        ]
        hidden = {"step": "amount", "key": key or self.post.get("key", ""), **self._typed(*PAYEE)}
        typed = self._typed(*AMOUNT)
        values = {**typed, "timing": typed["timing"] or terms.REALTIME}
        whom = self._typed("to_name", "to_bank")
        lead = word("transfer.to_there" if whom["to_bank"] else "transfer.to_here", name=whom["to_name"])
        return self._page("transfer.how_much", fields, values, hidden, faults, "transfer.next", lead_text=lead)

    def amount_faults(self) -> tuple[int, tuple[Fault, ...]]:
        typed = self._typed(*AMOUNT)
        fen, faults = amounts.typed("amount", typed["amount"])
        faults = [limits.of_customer(self.at, self.account, one) for one in faults]
        if typed["timing"] not in terms.TIMINGS:
            faults.append(Fault("timing", "bank.timing_unknown"))
        return fen, tuple(faults)

    # -- check
    def check(self, fen: int, faults: tuple[Fault, ...] = (), key: str = "", *, ask: bool) -> HttpResponse:
        """`ask`: for the second factor."""
        if ask:
            confirm.forget(self.at)
        word, typed = self.at.word, self._typed(*PAYEE, *AMOUNT)
        bank = next(text for code, text, _ in self._banks() if code == typed["to_bank"])
        lines = [
            Answer(word("transfer.to_name"), typed["to_name"]),
            Answer(word("transfer.to_number"), looks.grouped(typed["to_number"]), note=bank),
            Answer(word("transfer.amount"), looks.show_money(fen)),
            Answer(word("transfer.when"), word(f"transfer.timing.{typed['timing']}")),
            Answer(word("transfer.from"), which.named(self.account, self.at.lang)),
        ]
        if typed["memo"]:
            lines.append(Answer(word("transfer.memo"), typed["memo"]))
        return self.at.render(
            "netbank/check.html",
            title=word("transfer.check"),
            lines=lines,
            fields=[confirm.code_field(self.at)] if ask else [],
            passkey_options=confirm.passkey_options(self.at) if ask else "",
            values={},
            faults=faults,
            hidden={**typed, "step": "do", "key": key or self.post.get("key", "")},
            change={**typed, "key": fresh_key()},
            action="/transfer/",
            warning=word(f"transfer.warning.{typed['timing']}"),
            submit_label=word("transfer.submit", amount=looks.show_money(fen)),
            here="/transfer/",
        )

    # -- do
    def prove(self, fen: int) -> HttpResponse:
        """With the second factor for this order."""
        try:
            caller = confirm.step_up(self.at, self.wanted(fen).matter)
        except Refusal as refusal:
            if refusal.code not in confirm.WRONG:
                raise
            return self.check(fen, (Fault("code", refusal.code, refusal.facts),), key=fresh_key(), ask=True)
        self.at = AtBank(self.at.request, caller, self.at.lang)
        return self.do(fen)

    def do(self, fen: int) -> HttpResponse:
        try:
            outcome = self.at.perform("bank.transfer", self.wanted(fen))
        except Refusal as refusal:
            if refusal.code == "bank.step_up_needed":
                return self.check(fen, (Fault("code", refusal.code, refusal.facts),), key=fresh_key(), ask=True)
            named = self.look(fen).faults if refusal.code in ("ledger.limit", "ledger.insufficient") else ()
            return self.mend(named) if named else self._refused(refusal)
        return self._done(outcome.answer, outcome.once)

    def _refused(self, refusal: Refusal) -> HttpResponse:
        faults = refusal.faults
        if refusal.code in AT_PAYEE:
            faults = (Fault("to_number", refusal.code, refusal.facts),)
        elif refusal.code in AT_AMOUNT:
            faults = (Fault("amount", refusal.code, refusal.facts),)
        elif not refusal.faults:
            raise refusal
        return self.mend(faults)

    def mend(self, told: tuple[Fault, ...]) -> HttpResponse:
        """Back to the step where it can be mended, under a new key: the old one keeps its refusal."""
        faults = [Fault(PLACES.get(one.place, one.place), one.code, one.facts) for one in told]
        self.at.request.POST = self.post.copy()  # type: ignore[assignment]
        self.post["key"] = fresh_key()
        if any(one.place in PAYEE for one in faults):
            return self.payee(tuple(faults))
        return self.amount(tuple(faults))

    def _done(self, answer: dict[str, Any], once: dict[str, Any]) -> HttpResponse:
        word, state = self.at.word, str(answer["state"])
        if state == "waiting" and answer["leaves_at"] == answer["at"]:
            state = "sending"
        lines = [
            Answer(word("transfer.amount"), looks.show_money(answer["amount_fen"])),
            Answer(word("transfer.to_name"), f"{answer['payee_name_mask']} {answer['payee_number_mask'][-8:]}"),
            Answer(word("transfer.at"), looks.show_moment(answer["at"], self.at.lang)),
        ]
        if state == "waiting":
            lines.append(Answer(word("transfer.leaves"), looks.show_moment(answer["leaves_at"], self.at.lang)))
        for name in ("balance_fen", "available_fen"):
            if name in once:
                lines.append(Answer(word(f"transfer.{name}"), looks.show_money(once[name])))
        steps = [Link(word("nav.statement"), "/statement/"), Link(word("transfer.again"), "/transfer/")]
        if state != "done":
            steps.insert(0, Link(word("orders.title"), "/orders/"))
        number = str(answer.get("transfer") or answer.get("order") or "")
        return self.at.render(
            "portal/done.html",
            title=word(f"transfer.done.{state}"),
            sentence=word(f"transfer.done.{state}_text"),
            number=number[-12:].upper(),
            lines=lines,
            next_steps=steps,
            here="/transfer/",
        )

    def _page(
        self, title: str, fields: list[Field], values: dict[str, str], hidden: dict[str, str],
        faults: tuple[Fault, ...], submit: str, *, lead: str = "", lead_text: str = "",
    ) -> HttpResponse:  # fmt: skip
        return self.at.render(
            "portal/form.html",
            title=self.at.word(title),
            lead=lead_text or self.at.word(lead),
            fields=fields,
            values=values,
            hidden=hidden,
            faults=faults,
            action="/transfer/",
            submit_label=self.at.word(submit),
            cancel_url="/",
            here="/transfer/",
        )
