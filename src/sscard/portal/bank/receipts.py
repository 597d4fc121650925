"""The slip that the customer takes. Amounts of the account stand on it once: a repeat of the same form has none."""

from __future__ import annotations

from django.http import HttpResponse

from sscard.control.door import Outcome
from sscard.kernel import clock, words
from sscard.portal import bank_sites, looks
from sscard.portal.bank import counter
from sscard.portal.bank.counter import PURPOSE
from sscard.portal.bank.customer import short
from sscard.portal.evidence import again
from sscard.portal.shapes import Answer
from sscard.portal.signed import AtPage

SIGNED = frozenset({"activate", "withdraw", "reset", "enable", "reverify", "loss", "found", "new_card", "close"})


def receipt(at: AtPage, name: str, outcome: Outcome, *, amount_fen: int = 0) -> HttpResponse:
    answer, once = outcome.answer, outcome.once
    lines = _who(at)
    if amount_fen:
        lines.append(Answer(at.word("counter.amount"), looks.show_money(amount_fen)))
    if "phone_mask" in answer:
        lines.append(Answer(at.word("counter.mobile"), str(answer["phone_mask"])))
    for key in ("interest_fen", "paid_fen", "balance_fen", "available_fen"):
        if key in once:
            lines.append(Answer(at.word(f"counter.{key}"), looks.show_money(once[key])))
    if name == "online":
        code = " ".join((once["code"][:5], once["code"][5:])) if "code" in once else at.word("counter.code_told")
        lines.append(
            Answer(
                at.word("counter.online_code"),
                code,
                note=words.text("notice", "bank.online_enrolled", at.lang, days=answer["valid_days"]),
            )
        )
    site = bank_sites.set_up(at.caller.bank, at.lang) if name == "online" else None
    if site:
        lines.append(site.line)
    if name == "balance" and not once:
        lines.append(Answer(at.word("counter.balance_fen"), at.word("counter.shown_once")))
    number = str(answer.get("transfer") or answer.get("account") or answer.get("card") or "")
    return at.render(
        "portal/bank/receipt.html",
        title=at.word(f"counter.slip.{name}"),
        organisation=at.caller.extra.get(f"organisation_{at.lang}", at.caller.organisation),
        sentence=at.word(f"counter.done.{name}"),
        lines=lines,
        site=site,
        number=number[-12:].upper(),
        at=answer.get("at") or clock.now(at.caller.area).isoformat(),
        signature=name in SIGNED,
        back_url="/bank/customer/" if counter.desk(at).card else "/bank/",
        back_label=at.word("counter.back_to_customer" if counter.desk(at).card else "counter.back"),
        here="/bank/",
    )


def _who(at: AtPage) -> list[Answer]:
    on_desk = counter.desk(at)
    if not on_desk.card:
        return []
    seen = again(at.caller, on_desk.area, on_desk.card, PURPOSE)
    if seen.account is None:
        return []
    return [
        Answer(at.word("counter.name"), seen.name),
        Answer(at.word("counter.account_number"), short(seen.account.view.pan_mask)),
    ]
