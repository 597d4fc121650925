"""May the savings function be opened like this? Pure rules, all faults with their place, never only the first.

Basis: document 004 steps 1 to 7; banking.md §1 rows 4, 5 and 14; the bank's offer in the area pack (`savings.toml`);
Electronic Signature Law Art. 3 (form by agreement).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sscard.codes import phone as phones
from sscard.codes.errors import NumberFault
from sscard.kernel.dates import age_on
from sscard.kernel.refusals import Fault

SELF, GUARDIAN = "self", "guardian"
COUNTER, KIOSK = "counter", "kiosk"
ELECTRONIC, PAPER = "electronic", "paper"
IDENTITY_GOOD_FOR = timedelta(minutes=30)
"""Between the comparison of the ID and the signature; then it is compared anew."""
ADDRESS_LONGEST = 200
OCCUPATIONS = ("employee", "self_employed", "farmer", "retired", "student", "other")
MOST_FUNCTIONS = 20
"""Of one request that are looked at; there are six."""
USES = ("saving", "wages", "benefits", "daily")
TAX = ("china", "abroad", "both")
"""Self-declared residence for taxes (非居民金融账户涉税信息尽职调查): every bank asks it when an account begins to save."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The bank's offer today, from the area pack."""

    bank: str
    functions: tuple[str, ...]
    known: tuple[str, ...]
    channels: tuple[str, ...]
    electronic: bool
    youngest: int


@dataclass(frozen=True, slots=True)
class Form:
    """The application form. `accept`: he has read what the function is and what it costs."""

    phone: str
    address: str
    occupation: str
    use: str
    tax: str
    accept: bool


@dataclass(frozen=True, slots=True)
class Account:
    bank: str
    area: str
    birth_date: date
    card_usable: bool
    closed: bool
    anywhere: bool
    """The bank serves its social security cards outside the issuing area, too."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the devices of one terminal saw."""

    terminal_kind: str
    terminal_bank: str
    terminal_area: str
    id_source: str
    id_valid_until: date | None
    is_holder: bool
    is_guardian: bool
    name_same: bool
    card_is_this: bool
    card_answered: bool
    face: bool | None
    face_wanted: bool
    relation_proof: bool


def choice_faults(offer: Offer, account_bank: str, chosen: str, functions: Sequence[str]) -> list[Fault]:
    """Step 2. The card carries one bank's account: the function is opened there; a function that this bank does not offer
    is refused by name."""
    if chosen != account_bank:
        return [Fault("bank", "bank.savings_other_bank")]
    faults = [
        Fault(
            "functions",
            "bank.savings_not_offered" if one in offer.known else "bank.savings_unknown",
            {"code": one[:20] if one.isprintable() else "?"},
        )
        for one in list(dict.fromkeys(functions))[:MOST_FUNCTIONS]
        if one not in offer.functions
    ]
    if "demand" not in functions:
        faults.append(Fault("functions", "bank.savings_demand_needed"))
    return faults


def channel_faults(
    offer: Offer, channel: str, outlet_bank: str | None, *, outlet_terminal: bool, named: bool = True
) -> list[Fault]:
    """Step 3. `outlet_bank`: whose the chosen outlet is, None for one that does not exist; `named`: one was chosen."""
    faults = []
    if channel not in (COUNTER, KIOSK):
        faults.append(Fault("channel", "bank.savings_channel_unknown"))
    elif channel not in offer.channels:
        faults.append(Fault("channel", "bank.savings_no_kiosk"))
    if not named:
        faults.append(Fault("outlet", "bank.savings_outlet_none"))
    elif outlet_bank != offer.bank:
        faults.append(Fault("outlet", "bank.savings_outlet"))
    elif channel == KIOSK and not outlet_terminal:
        faults.append(Fault("outlet", "bank.savings_outlet_no_kiosk"))
    return faults


def form_faults(form: Form) -> list[Fault]:
    """Step 4. Every field, each with what is wrong."""
    faults: list[Fault] = []
    try:
        phones.validate(form.phone)
    except NumberFault as fault:
        faults += fault.at("phone")
    if not 4 <= len(form.address.strip()) <= ADDRESS_LONGEST or not form.address.isprintable():
        faults.append(Fault("address", "bank.savings_address", {"most": ADDRESS_LONGEST}))
    for place, value, known in (
        ("occupation", form.occupation, OCCUPATIONS),
        ("use", form.use, USES),
        ("tax", form.tax, TAX),
    ):
        if value not in known:
            faults.append(Fault(place, "bank.savings_choose_one"))
    if not form.accept:
        faults.append(Fault("accept", "bank.savings_accept"))
    return faults


def identity_faults(account: Account, seen: Seen, offer: Offer, method: str, on: date) -> list[Fault]:
    """Step 5. Another bank's counter learns nothing more about the account."""
    if seen.terminal_bank != account.bank:
        return [Fault("terminal", "bank.other_bank", {"bank": account.bank})]
    return [*_place(account, seen, offer), *_papers(seen, on), *_person(account, seen, offer, method, on)]


def agreement_faults(offer: Offer, form: str, *, consent: bool, identified_at: datetime, now: datetime) -> list[Fault]:
    """Step 6. Electronic only if both want it; whoever does not signs on paper, with the same result."""
    faults = []
    if form not in (ELECTRONIC, PAPER):
        faults.append(Fault("form", "bank.savings_form_of_agreement"))
    elif form == ELECTRONIC and not offer.electronic:
        faults.append(Fault("form", "bank.savings_paper_only"))
    elif form == ELECTRONIC and not consent:
        faults.append(Fault("consent", "bank.savings_consent"))
    if now - identified_at > IDENTITY_GOOD_FOR:
        faults.append(Fault("identity", "bank.savings_identity_old", {"minutes": IDENTITY_GOOD_FOR.seconds // 60}))
    return faults


def _place(account: Account, seen: Seen, offer: Offer) -> Iterator[Fault]:
    if account.closed:
        yield Fault("account", "bank.closed")
    if not account.card_usable:
        yield Fault("card", "bank.card_unusable")
    if seen.terminal_kind not in (COUNTER, KIOSK):
        yield Fault("terminal", "bank.terminal_kind")
    elif seen.terminal_kind not in offer.channels:
        yield Fault("terminal", "bank.savings_no_kiosk")
    if not account.anywhere and seen.terminal_area != account.area:
        yield Fault("terminal", "bank.only_issuing_area", {"area": account.area})


def _papers(seen: Seen, on: date) -> Iterator[Fault]:
    if seen.id_source != "original":
        yield Fault("identity", "bank.original_needed")
    if seen.id_valid_until is not None and seen.id_valid_until < on:
        yield Fault("identity", "bank.id_expired", {"until": seen.id_valid_until.isoformat()})
    if not seen.card_is_this:
        yield Fault("card", "bank.card_differs")
    elif not seen.card_answered:
        yield Fault("card", "bank.card_no_answer")
    if seen.face is False:
        yield Fault("face", "bank.face_differs")
    elif seen.face is None and seen.face_wanted and seen.terminal_kind == KIOSK:
        yield Fault("face", "bank.face_needed")


def _person(account: Account, seen: Seen, offer: Offer, method: str, on: date) -> Iterator[Fault]:
    child = age_on(account.birth_date, on) < offer.youngest
    if method == SELF:
        if child:
            yield Fault("method", "bank.guardian_needed", {"age": offer.youngest})
        elif not seen.is_holder:
            yield Fault("identity", "bank.not_the_holder")
        elif not seen.name_same:
            yield Fault("identity", "bank.name_differs")
    elif method == GUARDIAN:
        if not child:
            yield Fault("method", "bank.holder_in_person", {"age": offer.youngest})
        elif not seen.is_guardian:
            yield Fault("identity", "bank.not_the_guardian")
        if seen.terminal_kind == KIOSK:
            yield Fault("terminal", "bank.guardian_at_counter")
        elif child and not seen.relation_proof:
            yield Fault("relation_proof", "bank.relation_proof_needed")
    else:
        yield Fault("method", "bank.method_unknown")
