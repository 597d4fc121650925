"""Step 6: the agreement. As a file, signed by the applicant with a key that he alone holds and sealed by the bank; or on
paper, which is worth the same. Step 7: the card goes back with the function on it, and a printed guide.

The applicant's key: the pad at his side makes it for this one document, after he has typed a release of his own choice; only
the public half and a proof of possession come here. The authority certifies it in the name on the ID card that was
compared. The pad is told the digest of the document he was shown, asks him to confirm, signs, and wipes the key. What comes
back is put into the file only if it was made by that key over that document. The bank never holds the private key, and
nobody can sign later in his name: there is no key any more (Electronic Signature Law Art. 13).
"""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass
from typing import Any

from cryptography import x509

from sscard.bank.models import MatterConsent
from sscard.bank.savings_opening import papers, rules
from sscard.bank.savings_opening.case import Case, advance, answer, load, refuse
from sscard.bank.savings_opening.identify import require_here
from sscard.bank.savings_opening.states import Stage, after
from sscard.bank.standing import bank_rule, in_area
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.documents import authority, checking, kept, signing
from sscard.kernel import clock, ids, words
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import open_one
from sscard.terminals.evidence import ask_to_sign, sign_key, take

AGREE, SIGN, PAPER, HAND_OVER = (
    "bank.savings_agree", "bank.savings_sign", "bank.savings_paper", "bank.savings_hand_over"
)  # fmt: skip
FIELDS = ("applicant", "bank")
KIND, PAPER_KIND, GUIDE_KIND = "bank.savings_agreement", "bank.savings_agreement_paper", "bank.savings_guide"


@dataclass(frozen=True, slots=True)
class SavingsAgree:
    """The form of the agreement: "electronic" with `consent` and the device session in which the pad made its key, or
    "paper". `lang`: the language that the applicant reads it in."""

    application: uuid.UUID
    form: str
    consent: bool = False
    session: uuid.UUID | None = None
    lang: str = "zh"


@dataclass(frozen=True, slots=True)
class SavingsSign:
    """The signature that the pad made lies in `session`."""

    application: uuid.UUID
    session: uuid.UUID


@dataclass(frozen=True, slots=True)
class SavingsPaper:
    """The teller holds both copies, signed by hand and stamped; `filed` is the number under which his lies in the file."""

    application: uuid.UUID
    filed: str


@dataclass(frozen=True, slots=True)
class SavingsHandOver:
    """Step 7: card back, guide in hand."""

    application: uuid.UUID
    lang: str = "zh"


@act(AGREE, right="bank.savings_serve", clause="ESL-3", about_person=True)
def savings_agree(inside: Inside, request: SavingsAgree) -> dict[str, Any]:
    """The applicant's choice is written down, the agreement is made ready for it."""
    case = _case(inside, request.application, AGREE, request.form, consent=request.consent)
    lang = request.lang if request.lang in words.LANGUAGES else "zh"
    _note_consent(inside, case, request.form, lang)
    case.row.agreement_form = request.form
    code = kept.new_code()
    paper = papers.agreement(inside, case, code, lang, signer=_signer(inside, case))
    title = words.text("notice", "bank.savings.agreement.title", lang)
    if request.form == rules.PAPER:
        document = _keep(inside, case, PAPER_KIND, paper.file, code, ())
        advance(inside, case.row, case.mirror, AGREE, where=inside.caller.organisation)
        return {**answer(case.row), "form": request.form, "title": title, "document": str(document)}
    if request.session is None:
        raise Refusal("bank.savings_pad")
    asked, place = sign_key(inside, request.session, matter=SIGN)
    public = x509.load_der_x509_csr(asked).public_key()
    certificate = authority.certify(
        public,  # type: ignore[arg-type]  # the terminals took no other kind
        papers.name_of(_signer(inside, case)),
        mark=case.row.number,
        now=clock.real_now(),
    )
    ready = signing.prepare(paper.file, certificate, field="applicant", box=paper.boxes["applicant"], reason=title)
    case.row.prepared = _pack(ready, code, place.code, paper.boxes["bank"])
    advance(inside, case.row, case.mirror, AGREE, where=place.outlet or place.organisation)
    ask_to_sign(inside, request.session, matter=SIGN, title=title, digest=ready.digest, what=ready.attributes)
    inside.once["file"] = base64.b64encode(ready.file).decode()
    return {**answer(case.row), "form": request.form, "title": title, "digest": ready.digest.hex()}


@act(SIGN, right="bank.savings_serve", clause="ESL-3", about_person=True)
def savings_sign(inside: Inside, request: SavingsSign) -> dict[str, Any]:
    """His signature goes into the file with a time stamp, the bank seals it, the whole is examined and kept."""
    case = _case(inside, request.application, SIGN, rules.ELECTRONIC, consent=True)
    packed = open_one(case.row, "prepared", inside) if case.row.prepared else None
    if not packed:
        raise Refusal("bank.savings_not_prepared")
    taken = take(inside, request.session, matter=SIGN, wanted=frozenset({"sign_key", "signature"}))
    if taken.terminal.code != packed["terminal"] or taken.signature is None:
        raise Refusal("terminals.wrong_terminal")
    ready, box = _unpack(packed)
    bank = bank_rule(case.mirror, inside)
    once = signing.complete(ready, taken.signature)
    seal = authority.seal_of(bank.code, bank.name.zh)
    file = signing.seal(once, seal, field="bank", box=box, reason=words.text("notice", "bank.savings.agreement.title"))
    checking.require_whole(file, roots=[authority.root()], fields=FIELDS)
    case.row.agreement = _keep(inside, case, KIND, file, packed["code"], FIELDS)
    case.row.prepared = None
    advance(inside, case.row, case.mirror, SIGN, where=taken.terminal.outlet or taken.terminal.organisation)
    return {**answer(case.row), "document": str(case.row.agreement), "code": kept.shown(packed["code"])}


@act(PAPER, right="bank.savings_paper", clause="ESL-3", about_person=True)
def savings_paper(inside: Inside, request: SavingsPaper) -> dict[str, Any]:
    """Signed by hand: the same stage, the same rights, the same next step."""
    case = _case(inside, request.application, PAPER, rules.PAPER, consent=True)
    if case.row.agreement_form != rules.PAPER:
        raise Refusal("bank.savings_not_prepared")
    filed = request.filed.strip()
    if not 2 <= len(filed) <= 40 or not filed.isprintable():
        raise Refusal("bank.savings_filed")
    with in_area(inside, case.mirror.area_code):
        found = [
            one for one in kept.of_subject(case.mirror.person_id, case.row.application_id) if one.kind == PAPER_KIND
        ]
    if not found:
        raise Refusal("bank.savings_not_prepared")
    case.row.agreement = found[0].document_id
    inside.detail["filed"] = filed
    advance(inside, case.row, case.mirror, PAPER, where=inside.caller.organisation)
    return {**answer(case.row), "document": str(case.row.agreement), "filed": filed}


@act(HAND_OVER, right="bank.savings_serve", about_person=True)
def savings_hand_over(inside: Inside, request: SavingsHandOver) -> dict[str, Any]:
    """From now on the account has the savings function. Whether it is awake is another matter, and the guide says so."""
    case = load(inside, request.application)
    after(case.stage, HAND_OVER)
    require_here(inside, case)
    if case.row.agreement is None:
        raise Refusal("bank.savings_not_prepared")
    lang, code = (request.lang if request.lang in words.LANGUAGES else "zh"), kept.new_code()
    case.row.guide = _keep(inside, case, GUIDE_KIND, papers.guide(inside, case, code, lang), code, ())
    advance(inside, case.row, case.mirror, HAND_OVER, where=inside.caller.organisation)
    assert Stage(case.row.stage) is Stage.OPEN
    inside.emit("bank.savings_opened", {"account": str(case.mirror.account_id), "bank": case.mirror.bank})
    return {
        **answer(case.row),
        "guide": str(case.row.guide),
        "agreement": str(case.row.agreement),
        "account": str(case.mirror.account_id),
        "status": case.mirror.status,
        "at": inside.now.isoformat(),
    }


def draft(inside: Inside, application: uuid.UUID) -> bytes:
    """The agreement as it waits for the applicant's signature, for him to read."""
    case = load(inside, application, lock=False)
    packed = open_one(case.row, "prepared", inside) if case.row.prepared else None
    if not packed:
        raise Refusal("bank.savings_not_prepared")
    return _unpack(packed)[0].file


def _case(inside: Inside, application: uuid.UUID, act_name: str, form: str, *, consent: bool) -> Case:
    case = load(inside, application)
    after(case.stage, act_name)
    require_here(inside, case)
    assert case.row.identified_at is not None
    faults = rules.agreement_faults(
        case.offer, form, consent=consent, identified_at=case.row.identified_at, now=inside.now
    )
    refuse(faults, inside, case.mirror)
    return case


def _note_consent(inside: Inside, case: Case, form: str, lang: str) -> None:
    with inside.bank_role(case.mirror.bank):
        MatterConsent.objects.create(
            person_id=case.mirror.person_id,
            consent_id=ids.new_id(),
            book=case.row.book,
            matter=KIND,
            subject=case.row.application_id,
            form=form,
            wording=papers.digest(words.text("notice", f"bank.savings.consent.{form}", lang)),
            at=inside.now,
            where=inside.caller.organisation,
            caller=inside.caller.id,
        )


def _signer(inside: Inside, case: Case) -> dict[str, str]:
    found: dict[str, str] = open_one(case.row, "signer", inside)
    return found


def _keep(inside: Inside, case: Case, kind: str, file: bytes, code: str, fields: tuple[str, ...]) -> uuid.UUID:
    with in_area(inside, case.mirror.area_code):
        return kept.keep(
            inside,
            person_id=case.mirror.person_id,
            area=case.mirror.area_code,
            kind=kind,
            subject=case.row.application_id,
            file=file,
            code=code,
            bank=case.mirror.bank,
            signatures=fields,
        )


def _pack(ready: signing.Prepared, code: str, terminal: str, box: papers.Box) -> dict[str, Any]:
    return {
        "file": base64.b64encode(ready.file).decode(),
        "digest": ready.digest.hex(),
        "attributes": ready.attributes.hex(),
        "start": ready.start,
        "end": ready.end,
        "certificate": ready.certificate.hex(),
        "code": code,
        "terminal": terminal,
        "box": [box.page, box.left, box.bottom, box.right, box.top],
    }


def _unpack(packed: dict[str, Any]) -> tuple[signing.Prepared, papers.Box]:
    ready = signing.Prepared(
        base64.b64decode(packed["file"]),
        bytes.fromhex(packed["digest"]),
        bytes.fromhex(packed["attributes"]),
        packed["start"],
        packed["end"],
        bytes.fromhex(packed["certificate"]),
    )
    return ready, papers.Box(*packed["box"])
