"""The seven steps on a page: as a task list, and the form of the one that is due. The applicant's own page and the bank's
counter show the same forms and send the same acts."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.http import QueryDict

from sscard.bank import acts
from sscard.bank.models import AccountStatus
from sscard.bank.savings_opening import function as savings
from sscard.bank.savings_opening import identify
from sscard.bank.savings_opening import rules as savings_rules
from sscard.bank.savings_opening.function import Progress
from sscard.bank.savings_opening.states import STEPS
from sscard.documents import kept
from sscard.kernel import words
from sscard.kernel.refusals import Fault, Refusal
from sscard.law import areas
from sscard.portal import looks
from sscard.portal.shapes import Answer, Field, Task
from sscard.portal.signed import AtPage


class Speaking(Protocol):
    """Whoever stands before the steps: a page or a terminal, with its language."""

    @property
    def lang(self) -> str: ...

    def word(self, code: str, /, **facts: Any) -> str: ...


NAMES = {1: "begin", 2: "choose", 3: "where", 4: "form"}
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


def tasks(of: Standing, lang: str) -> list[Task]:
    """The document's seven steps, each with its state, when and where it was done."""
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
        shown.append(Task(f"{number}. {label}", state, hint=hint))
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


def fields_of(at: Speaking, of: Standing) -> tuple[list[Field], dict[str, Any]]:
    """The questions of the due step, and what is answered beforehand."""
    number, lang = of.due, at.lang
    if number == 1:
        seen = ("yes", at.word("savings.step.papers_seen"), "")
        return [Field("papers_seen", at.word("savings.papers"), kind="checkbox", options=(seen,))], {}
    if number == 2:
        return _choice(at, of), {"bank": of.mirror.bank, "functions": ["demand"]}
    if number == 3:
        return _where(at, of), {"channel": "counter"}
    if number == 4:
        return _form(at, lang), {"notices": "message"}
    return [], {}


def _choice(at: Speaking, of: Standing) -> list[Field]:
    banks = tuple(
        (one["code"], one["name"], at.word("savings.step.own_bank") if one["code"] == of.mirror.bank else "")
        for one in of.comparison["banks"]
    )
    own = next(one for one in of.comparison["banks"] if one["code"] == of.mirror.bank)
    names = {one["code"]: one["name"] for one in of.comparison["functions"]}
    functions = tuple(
        (
            one["code"],
            names[one["code"]],
            one["terms"] if one["offered"] else at.word("savings.step.not_here", why=one["terms"]),
        )
        for one in own["functions"]
    )
    return [
        Field("bank", at.word("savings.step.bank"), kind="radio", options=banks),
        Field("functions", at.word("savings.functions"), kind="checkbox", options=functions),
    ]


def _where(at: Speaking, of: Standing) -> list[Field]:
    ways = tuple(
        (one, at.word(f"savings.channel.{one}"), at.word(f"savings.step.{one}_hint")) for one in ("counter", "kiosk")
    )
    outlets = tuple(
        (
            one.code,
            one.name.of(at.lang),
            f"{one.address.of(at.lang)} · {one.hours.of(at.lang)}"
            + (at.word("savings.step.has_kiosk") if one.terminal else ""),
        )
        for one in areas.get(of.mirror.area_code).outlets(kind="bank", bank=of.mirror.bank)
    )
    return [
        Field("channel", at.word("savings.where"), kind="radio", options=ways),
        Field("outlet", at.word("savings.step.outlet"), kind="radio", options=outlets),
    ]


def _form(at: Speaking, lang: str) -> list[Field]:
    def options(name: str, codes: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
        return tuple((code, words.text("notice", f"bank.savings.{name}.{code}", lang), "") for code in codes)

    known = (
        ("occupation", savings_rules.OCCUPATIONS),
        ("use", savings_rules.USES),
        ("tax", savings_rules.TAX),
        ("notices", savings_rules.NOTICES),
    )
    accept = (("yes", at.word("savings.step.accept"), at.word("savings.step.accept_hint")),)
    return [
        Field("phone", words.text("notice", "bank.savings.agreement.phone", lang), kind="phone", width="20"),
        Field("address", words.text("notice", "bank.savings.agreement.address", lang), autocomplete="street-address"),
        *(
            Field(
                name,
                words.text("notice", f"bank.savings.agreement.{name}", lang),
                kind="radio",
                options=options(name, codes),
                hint=at.word("savings.step.tax_hint") if name == "tax" else "",
            )
            for name, codes in known
        ),
        Field("accept", at.word("savings.step.costs"), kind="checkbox", options=accept),
    ]


def send(at: AtPage, of: Standing, post: QueryDict, *, purpose: str, area: str | None = None) -> None:
    """The due step's act with what was typed; raises its Refusal."""
    at.perform(ACTS[of.due], request_of(of, post), purpose=purpose, area=area)


def request_of(of: Standing, post: QueryDict) -> object:
    if of.due == 1:
        return acts.SavingsBegin(of.mirror.account_id, post.get("papers_seen") == "yes")
    application = application_of(of)
    if of.due == 2:
        return acts.SavingsChoose(application, post.get("bank", ""), tuple(post.getlist("functions"))[:20])
    if of.due == 3:
        return acts.SavingsWhere(application, post.get("channel", ""), post.get("outlet", ""))
    if of.due == 4:
        typed = {name: post.get(name, "")[:300] for name in ("phone", "address", "occupation", "use", "tax", "notices")}
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
