"""An opening of the savings function, taken to any of its stages, for tests."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass
from typing import Any

from bank_kit import Holder, Terminal, mirror_of, opened, perform, person

from sscard.bank import acts

FORM = {
    "phone": "91300000001", "address": "云溪市溪东区清泉路9号", "occupation": "employee", "use": "saving", "tax": "china",
    "accept": True,
}  # fmt: skip
RELEASE = "7391"


def as_holder(holder: Holder, *more: int) -> Any:
    from sscard.control.caller import Caller

    return Caller.of_holder(
        holder_id=uuid.uuid4(), name="李小花", area=holder.area, person_index=b"0" * 32,
        persons=frozenset({holder.person_id, *more}),
    )  # fmt: skip


@dataclass
class Opening:
    """`who` does the steps that the applicant may do himself."""

    holder: Holder
    who: Any
    application: uuid.UUID
    terminal: Terminal
    last: dict[str, Any]

    def do(self, act: str, request: Any, *, who: Any = None) -> dict[str, Any]:
        caller = who or self.who
        outcome = perform(caller, f"bank.savings_{act}", request, area=self.holder.area)
        self.last = {**outcome.answer, **outcome.once}
        return self.last

    def choose(self, *functions: str, bank: str = "") -> dict[str, Any]:
        request = acts.SavingsChoose(self.application, bank or self.holder.bank, functions or ("demand", "time"))
        return self.do("choose", request)

    def where(self, channel: str = "counter", outlet: str = "") -> dict[str, Any]:
        outlet = outlet or f"{self.holder.area}-{self.holder.bank}-01"
        return self.do("where", acts.SavingsWhere(self.application, channel, outlet))

    def form(self, **other: Any) -> dict[str, Any]:
        return self.do("form", acts.SavingsForm(self.application, **{**FORM, **other}))

    def identify(
        self, *, by: Any = None, source: str = "original", method: str = "self", **more: Any
    ) -> dict[str, Any]:
        at = more.pop("at", self.terminal)
        session = at.present(
            "bank.savings_identify", self.holder, "", by=by, source=source, look=more.pop("look", None)
        )
        request = acts.SavingsIdentify(self.application, session, method, **more)
        return self.do("identify", request, who=at.caller)

    def agree(self, *, consent: bool = True, release: str = RELEASE) -> tuple[Any, uuid.UUID]:
        """The agreement ready on the pad; the pad and its session."""
        session = self.terminal.session("bank.savings_sign", "sign_key", "signature")
        pad = self.terminal.desk.signing_pad()
        pad.offer_key(release)
        self.do("agree", acts.SavingsAgree(self.application, "electronic", consent, session), who=self.terminal.caller)
        return pad, session

    def sign(self) -> dict[str, Any]:
        pad, session = self.agree()
        pad.sign(RELEASE, base64.b64decode(self.last["file"]))
        return self.do("sign", acts.SavingsSign(self.application, session), who=self.terminal.caller)

    def paper(self) -> dict[str, Any]:
        self.do("agree", acts.SavingsAgree(self.application, "paper"), who=self.terminal.caller)
        return self.do("paper", acts.SavingsPaper(self.application, "2026-0017"), who=self.terminal.caller)

    def hand_over(self) -> dict[str, Any]:
        return self.do("hand_over", acts.SavingsHandOver(self.application), who=self.terminal.caller)

    def file(self, document: str) -> bytes:
        from sscard.control.door import reading
        from sscard.documents import kept

        with reading(self.terminal.caller, right="bank.view", purpose="test", area=self.holder.area) as inside:
            inside.about(self.holder.person_id)
            return kept.fetch(inside, self.holder.person_id, uuid.UUID(document))[1]

    def has(self) -> bool:
        from sscard.bank.savings_opening.function import has_savings
        from sscard.kernel.db import unit_of_work

        mirror = mirror_of(self.holder)
        with unit_of_work(area=self.holder.area):
            return has_savings(mirror)


def begun(holder: Holder | None = None, terminal: Terminal | None = None, **more: Any) -> Opening:
    holder = holder or opened(person(**more))
    who = as_holder(holder)
    done = perform(who, "bank.savings_begin", acts.SavingsBegin(holder.account, papers_seen=True)).answer
    place = terminal or Terminal(holder.bank, holder.area)
    return Opening(holder, who, uuid.UUID(done["application"]), place, done)


def filled(holder: Holder | None = None, **more: Any) -> Opening:
    """Up to step 4."""
    opening = begun(holder, **more)
    opening.choose("demand")
    opening.where()
    opening.form()
    return opening


def identified(holder: Holder | None = None, **more: Any) -> Opening:
    opening = filled(holder, **more)
    opening.identify()
    return opening
