"""The seven steps on a page: as a task list, and the form of the one that is due. The applicant's own page and the bank's
counter show the same forms and send the same acts."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from sscard.bank import acts
from sscard.bank.models import AccountStatus
from sscard.bank.savings_opening import function as savings
from sscard.bank.savings_opening import identify, states
from sscard.bank.savings_opening.function import Progress
from sscard.bank.savings_opening.states import STEPS
from sscard.documents import kept
from sscard.kernel import words
from sscard.kernel.refusals import Fault, Refusal
from sscard.law import areas
from sscard.portal import looks
from sscard.portal.shapes import Answer, Task
from sscard.portal.signed import AtPage

NAMES = {1: "begin", 2: "choose", 3: "where", 4: "form"}
WITHDRAW = "bank.savings_withdraw"
ACTS = {number: f"bank.savings_{name}" for number, name in NAMES.items()}
PLACES = {
    "bank.savings_papers_first": "papers_seen",
    "bank.savings_other_bank": "bank",
    "law.bank_unknown": "bank",
    "kernel.form_faults": "phone",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What a page shows of one account's savings function."""

    mirror: AccountStatus
    told: savings.Told
    seen: Progress | None
    comparison: Mapping[str, Any]

    @property
    def due(self) -> int:
        """The step that comes next; 0 when none does."""
        if self.seen is not None:
            return self.seen.due
        return 0 if self.told.has or self.told.code == "closed" else 1


def standing(inside: Any, mirror: AccountStatus, lang: str) -> Standing:
    """In a reading that has named the person."""
    return Standing(
        mirror,
        savings.tell(mirror, inside.today),
        savings.progress_of(inside, mirror),
        savings.comparison(mirror.area_code, inside.today, lang),
    )


def correctable(of: Standing) -> tuple[int, ...]:
    """The steps behind him that he may still put right."""
    return states.correctable(of.seen.stage) if of.seen is not None and of.due else ()


def asked(of: Standing, number: str) -> int:
    """The step whose form is meant: one that may be put right, or the one that is due."""
    return next((one for one in correctable(of) if str(one) == number), of.due)


def can_withdraw(of: Standing) -> bool:
    """Until both have signed."""
    return of.seen is not None and any(row.stage is of.seen.stage and row.act == WITHDRAW for row in states.TABLE)


def tasks(of: Standing, lang: str, here: str = "") -> list[Task]:
    """The document's seven steps, each with its state, when and where it was done. `here`: the page that puts one right."""
    behind = {one.number: one for one in of.seen.steps} if of.seen else {}
    shown = []
    for number in range(1, STEPS + 1):
        one = behind.get(number)
        state = one.state if one else "now" if number == of.due else "later"
        hint = ""
        if one is not None and one.state == "done":
            hint = " · ".join(
                part for part in (looks.show_moment(one.at, lang), place_name(of, one.where, lang)) if part
            )
        label = words.text("notice", f"bank.savings.step.{number}", lang)
        change = f"{here}?step={number}" if here and number < of.due and number in correctable(of) else ""
        shown.append(Task(f"{number}. {label}", state, hint=hint, change_url=change))
    return shown


def place_name(of: Standing, code: str, lang: str) -> str:
    """An outlet's name; what is done at home has none."""
    found = next((one for one in areas.get(of.mirror.area_code).outlets() if one.code == code), None)
    return found.name.of(lang) if found else code


def place(of: Standing, lang: str) -> list[Answer]:
    """The outlet that was chosen, with address, hours and telephone, for the way there."""
    if of.seen is None:
        return []
    outlets = areas.get(of.mirror.area_code).outlets(kind="bank", bank=of.mirror.bank)
    found = next((one for one in outlets if one.code == of.seen.outlet), None)
    if found is None:
        return []
    told = " · ".join(part for part in (found.address.of(lang), found.hours.of(lang), found.phone) if part)
    return [Answer(looks.word("savings.where", lang), found.name.of(lang), note=told)]


def papers(of: Standing, lang: str) -> list[dict[str, str]]:
    """The documents of the case, to be fetched."""
    if of.seen is None:
        return []
    return [
        {
            "url": f"/papers/{row.document_id}/",
            "title": words.text("notice", f"{row.kind}.name", lang),
            "code": kept.shown(row.code),
        }
        for row in of.seen.documents
    ]


def send(at: AtPage, of: Standing, post: QueryDict, *, purpose: str, area: str | None = None) -> None:
    """The act of the step whose form was sent, with what was typed; raises its Refusal."""
    at.perform(ACTS[asked(of, post.get("step", ""))], request_of(of, post), purpose=purpose, area=area)


def request_of(of: Standing, post: QueryDict) -> object:
    number = asked(of, post.get("step", ""))
    if number == 1:
        return acts.SavingsBegin(of.mirror.account_id, post.get("papers_seen") == "yes")
    application = application_of(of)
    if number == 2:
        return acts.SavingsChoose(application, post.get("bank", ""), tuple(post.getlist("functions"))[:20])
    if number == 3:
        return acts.SavingsWhere(application, post.get("channel", ""), post.get("outlet", ""))
    if number == 4:
        typed = {name: post.get(name, "")[:300] for name in ("phone", "address", "occupation", "use", "tax")}
        return acts.SavingsForm(application, **typed, accept=post.get("accept") == "yes")
    raise Refusal("control.not_found")


def application_of(of: Standing) -> uuid.UUID:
    if of.seen is None:
        raise Refusal("control.not_found")
    return of.seen.application


def own_bank(of: Standing) -> dict[str, str]:
    """The names of the card's bank in both languages, as refusals need them."""
    short = areas.get(of.mirror.area_code).bank(of.mirror.bank).short
    return {"bank": short.zh, "bank_en": short.en}


def device_step(told: Mapping[str, Any], matter: str) -> str:
    """What can be done now at the devices of steps 5 and 6: "", "identify", "prepare" (the pad's key is there) or "sign"
    (he has signed). `told`: `terminals.evidence.peek`."""
    if told["state"] != "open":
        return ""
    done = {one["kind"] for one in told["devices"] if one["state"] == "done"}
    if matter == identify.MATTER:
        return "identify" if told["complete"] else ""
    if "signature" in done:
        return "sign"
    return "prepare" if "sign_key" in done and not told["asked"] else ""


def faults_of(refusal: Refusal) -> tuple[Fault, ...]:
    """At the fields; what belongs to no field is a page of its own."""
    if refusal.faults:
        return refusal.faults
    if refusal.code in PLACES:
        return (Fault(PLACES[refusal.code], refusal.code, refusal.facts),)
    raise refusal


def typed(post: QueryDict) -> dict[str, Any]:
    """What was typed, kept in the form; choices as lists."""
    return {name: post.getlist(name) if name == "functions" else post.get(name, "") for name in post}


def chosen(of: Standing, lang: str) -> list[Answer]:
    """What has been decided so far."""
    if of.seen is None or not of.seen.functions:
        return []
    comma = "、" if lang == "zh" else ", "
    functions = comma.join(words.text("notice", f"bank.savings.function.{one}", lang) for one in of.seen.functions)
    lines = [
        Answer(words.text("notice", "bank.savings.agreement.number", lang), of.seen.number),
        Answer(words.text("notice", "bank.savings.agreement.functions", lang), functions),
    ]
    if of.seen.outlet:
        where = f"{place_name(of, of.seen.outlet, lang)} · {looks.word(f'savings.channel.{of.seen.channel}', lang)}"
        lines.append(Answer(looks.word("savings.where", lang), where))
    return lines
