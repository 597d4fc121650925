"""The forms of the steps that the applicant may do himself: what is asked, and what is answered beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from sscard.bank.savings_opening import rules
from sscard.kernel import words
from sscard.law import areas
from sscard.portal.savings_steps import Standing
from sscard.portal.shapes import Field


class Speaking(Protocol):
    """Whoever stands before the steps: a page or a terminal, with its language."""

    @property
    def lang(self) -> str: ...

    def word(self, code: str, /, **facts: Any) -> str: ...


def fields_of(
    at: Speaking, of: Standing, number: int, stated: Mapping[str, Any] | None = None
) -> tuple[list[Field], dict[str, Any]]:
    """The questions of a step, and what is answered beforehand: when it is put right, what was said (`stated`: step 4)."""
    seen, lang = of.seen, at.lang
    if number == 1:
        read = ("yes", at.word("savings.step.papers_seen"), "")
        return [Field("papers_seen", at.word("savings.step.papers"), kind="checkbox", options=(read,))], {}
    if number == 2:
        functions = list(seen.functions) if seen and seen.functions else ["demand"]
        return _choice(at, of), {"bank": of.mirror.bank, "functions": functions}
    if number == 3:
        before = {"channel": seen.channel, "outlet": seen.outlet} if seen and seen.outlet else {"channel": "counter"}
        return _where(at, of), before
    if number == 4:
        written = {**stated, "accept": "yes" if stated.get("accept") else ""} if stated else {}
        return _form(at, lang), written
    return [], {}


def _choice(at: Speaking, of: Standing) -> list[Field]:
    banks = tuple(
        (one["code"], one["name"], at.word(f"savings.step.{'own' if one['code'] == of.mirror.bank else 'other'}_bank"))
        for one in of.comparison["banks"]
    )
    closed = tuple(one["code"] for one in of.comparison["banks"] if one["code"] != of.mirror.bank)
    own = next(one for one in of.comparison["banks"] if one["code"] == of.mirror.bank)
    names = {one["code"]: one["name"] for one in of.comparison["functions"]}
    fees = {one["code"]: one["text"] for one in own["fees"]}
    functions = tuple(
        (
            one["code"],
            names[one["code"]],
            " · ".join(part for part in (one["terms"], fees.get(one["code"], "")) if part)
            if one["offered"]
            else at.word("savings.step.not_here", why=one["terms"]),
        )
        for one in own["functions"]
    )
    return [
        Field("bank", at.word("savings.step.bank"), kind="radio", options=banks, closed=closed),
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
        ("occupation", rules.OCCUPATIONS),
        ("use", rules.USES),
        ("tax", rules.TAX),
    )
    accept = (("yes", at.word("savings.step.accept"), at.word("savings.step.accept_hint")),)
    return [
        Field(
            "phone",
            words.text("notice", "bank.savings.agreement.phone", lang),
            kind="phone",
            width="20",
            hint=at.word("savings.step.phone_hint"),
        ),
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
