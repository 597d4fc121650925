"""The questions of steps 2 and 4, one a screen. The answers so far go along in the form and nowhere else; the act is sent
after the last question, and a fault leads back to its question."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect, QueryDict

from sscard.bank.savings_opening import rules
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal import savings_questions as questions
from sscard.portal import savings_steps as steps
from sscard.portal.savings_steps import Standing
from sscard.portal.shapes import Answer, Field
from sscard.portal.terminal import savings_screens as screens
from sscard.portal.terminal.kiosk import AtKiosk

QUESTIONS = {
    2: ("bank", "functions"),
    4: ("phone", "address", "occupation", "use", "tax", "accept"),
}


def first(at: AtKiosk, of: Standing, number: int) -> HttpResponse:
    return _ask(at, of, number, QUESTIONS[number][0], at.request.POST)


def answered(at: AtKiosk, of: Standing, number: int) -> HttpResponse:
    """The next question, the one before, or the act. `number`: the step that is due, or one that is put right."""
    post, names = at.request.POST, QUESTIONS[number]
    here = names.index(post["question"]) if post.get("question") in names else 0
    if post.get("to") == "back":
        return _ask(at, of, number, names[max(here - 1, 0)], post)
    if faults := _faults_here(of, number, names[here], post):
        return _ask(at, of, number, names[here], post, faults)
    if here + 1 < len(names):
        return _ask(at, of, number, names[here + 1], post)
    try:
        at.perform(steps.ACTS[number], steps.request_of(of, post), area=of.mirror.area_code)
    except Refusal as refusal:
        faults = steps.faults_of(refusal)
        place = next((one for one in names if one in {fault.place for fault in faults}), "")
        if not place:
            raise
        return _ask(at, of, number, place, post, tuple(one for one in faults if one.place == place))
    return HttpResponseRedirect(screens.HERE)


def _faults_here(of: Standing, number: int, name: str, post: QueryDict) -> tuple[Fault, ...]:
    """What the rule has against this one answer; told at once, not seven screens later."""
    if number == 2:
        wrong = name == "bank" and post.get("bank") != of.mirror.bank
        return (Fault("bank", "bank.savings_other_bank", steps.own_bank(of)),) if wrong else ()
    typed = [post.get(one, "").strip()[:300] for one in QUESTIONS[4][:-1]]
    found = rules.form_faults(rules.Form(*typed, post.get("accept") == "yes"))
    return tuple(one for one in found if one.place == name)


def _ask(
    at: AtKiosk, of: Standing, number: int, name: str, post: QueryDict, faults: tuple[Fault, ...] = ()
) -> HttpResponse:
    """What he wrote at home is not shown again: the card alone does not say that it is he."""
    fields, before = questions.fields_of(at, of, number)
    field = next(one for one in fields if one.name == name)
    others = [one for one in QUESTIONS[number] if one != name]
    carried = [(one, value) for one in others for value in post.getlist(one)[:20]]
    value = post.getlist(name) if name == "functions" else post.get(name, "")
    return screens.render(
        at,
        of,
        number=number,
        title=at.word(f"kiosk.savings.ask.{name}"),
        question=name,
        carried=carried,
        choices=_choices(field),
        closed=field.closed,
        fields=[] if field.kind == "radio" else [field],
        values={name: value or before.get(name, "")},
        lines=_costs(of, at) if name == "accept" else [],
        keypad=name if name == "phone" else "",
        back=name != QUESTIONS[number][0],
        hint=field.hint if field.kind == "radio" else "",
        submit=at.word("kiosk.savings.go"),
        faults=faults,
    )


def _choices(field: Field) -> list[tuple[str, str, str]]:
    """A question with a few answers is answered by one press."""
    return list(field.options) if field.kind == "radio" else []


def _costs(of: Standing, at: AtKiosk) -> list[Answer]:
    """What his bank takes, for every service of its list."""
    own = next(one for one in of.comparison["banks"] if one["code"] == of.mirror.bank)
    return [Answer(one["name"], one["text"], note=one["note"]) for one in own.get("fees", ())]
