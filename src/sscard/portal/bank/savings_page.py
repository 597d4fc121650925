"""What the counter sees of an opening: the due step's questions, what the customer wrote, his papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sscard.kernel import words
from sscard.kernel.masked import mask_address, mask_phone
from sscard.kernel.refusals import Fault, refuse_if_any
from sscard.portal import savings_questions as questions
from sscard.portal import savings_steps as steps
from sscard.portal.shapes import Field, Link
from sscard.portal.signed import AtPage, fresh_key

HERE = "/bank/savings/"
MASKS = {"phone": mask_phone, "address": mask_address}
"""What the teller sees of the form; the eye shows the rest, and that is recorded."""
BY_DEVICES = ("id_card", "card")
"""Papers that the devices read, so that nobody has to say that he has seen them."""


def page(
    at: AtPage,
    of: steps.Standing,
    stated: Mapping[str, Any],
    values: dict[str, object] | None = None,
    faults: tuple[Fault, ...] = (),
    shown: Mapping[str, str] | None = None,
) -> Any:
    """`stated`: the form of step 4, {} before it. `shown`: what the eye has just revealed, for browsers without script."""
    step = steps.asked(of, (at.request.POST or at.request.GET).get("step", ""))
    if step > max(steps.NAMES):
        fields, answered = _fields(at, of), {"method": "self"}
    else:
        fields, answered = questions.fields_of(at, of, step, stated if step < of.due else None)
    return at.render(
        "portal/bank/savings.html",
        title=at.word("savings.my.title"),
        lead=at.word("savings.desk.tell", said=_said(of, at.lang)),
        tasks=steps.tasks(of, at.lang, HERE),
        due=of.due,
        asked=step,
        due_name=at.word(f"savings.step.do_{step}") if step else "",
        fields=fields,
        values=values or answered,
        faults=faults,
        bring=of.comparison["papers"],
        chosen=steps.chosen(of, at.lang),
        stated=_stated(at, stated, shown or {}) if of.due > max(steps.NAMES) else [],
        papers=steps.papers(of, at.lang),
        area=of.mirror.area_code,
        can_withdraw=steps.can_withdraw(of),
        key=fresh_key(),
        crumbs=[
            Link(at.word("counter.nav"), "/bank/"),
            Link(at.word("counter.customer_crumb"), "/bank/customer/"),
            Link(at.word("savings.my.crumb")),
        ],
        here="/bank/",
        status=422 if faults else 200,
    )


def _said(of: steps.Standing, lang: str) -> str:
    """The one sentence that everybody reads out, and what comes next."""
    return f"{of.told.sentence(lang)} {of.told.next_step(lang)}".strip()


def _stated(at: AtPage, stated: Mapping[str, Any], shown: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {
            "field": name,
            "label": words.text("notice", f"bank.savings.agreement.{name}", at.lang),
            "mask": mask(str(stated[name])),
            "shown": shown.get(name, ""),
        }
        for name, mask in MASKS.items()
        if stated.get(name)
    ]


def _to_see(of: steps.Standing) -> list[Mapping[str, Any]]:
    """The papers that the area wants and no device reads."""
    return [one for one in of.comparison["papers"] if one["needed"] and one["code"] not in BY_DEVICES]


def papers_seen(at: AtPage, of: steps.Standing) -> tuple[str, ...]:
    """The papers that the teller has ticked; refused at the box while one is missing."""
    ticked = set(at.request.POST.getlist("papers_seen"))
    wanted = _to_see(of)
    missing = [one["name"] for one in wanted if one["code"] not in ticked]
    if missing:
        names = ("、" if at.lang == "zh" else ", ").join(missing)
        refuse_if_any([Fault("papers_seen", "bank.savings_papers_missing", {"names": names})])
    return tuple(one["code"] for one in wanted)


def _fields(at: AtPage, of: steps.Standing) -> list[Field]:
    if of.due == 5:
        return _identity(at, of)
    if of.due == 6:
        return _agreement(at, of)
    if of.due == 7:
        back = (("yes", at.word("savings.desk.card_back"), ""),)
        return [Field("card_back", at.word("savings.desk.card"), kind="checkbox", options=back)]
    return []


def _identity(at: AtPage, of: steps.Standing) -> list[Field]:
    who = tuple(
        (code, at.word(f"counter.by.{code}"), at.word(f"counter.by.{code}_hint")) for code in ("self", "guardian")
    )
    proof = (("yes", at.word("counter.relation_seen"), ""),)
    seen = tuple((one["code"], one["name"], one["why"]) for one in _to_see(of))
    head, hint = at.word("savings.desk.papers_seen"), at.word("savings.desk.papers_seen_hint")
    return [
        *([Field("papers_seen", head, kind="checkbox", options=seen, hint=hint)] if seen else []),
        Field("method", at.word("counter.method"), kind="radio", options=who),
        Field("relation_proof", at.word("counter.relation"), kind="checkbox", options=proof, required=False),
    ]


def _agreement(at: AtPage, of: steps.Standing) -> list[Field]:
    if of.seen is not None and of.seen.agreement_form == "paper":
        return [Field("filed", at.word("savings.desk.filed"), hint=at.word("savings.desk.filed_hint"), width="20")]
    forms = tuple(
        (one, at.word(f"savings.desk.{one}"), at.word(f"savings.desk.{one}_hint")) for one in ("electronic", "paper")
    )
    consent = (("yes", at.word("savings.desk.consent"), at.word("savings.desk.consent_hint")),)
    return [
        Field("form", at.word("savings.signing"), kind="radio", options=forms),
        Field("consent", at.word("savings.desk.consent_head"), kind="checkbox", options=consent, required=False),
    ]
