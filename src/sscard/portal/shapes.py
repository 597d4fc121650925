"""What the views hand to the components: small frozen facts, already worded in the reader's language.

`tone` is always one of good, wait, bad, plain. Amounts are fen. Numbers and names come masked already; a component
never sees the full value unless a recorded read has revealed it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of the navigation or of the breadcrumbs."""

    label: str
    url: str = ""
    current: bool = False
    count: int = 0
    """So many things wait there."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that has happened, or that the reader must know before going on."""

    title: str
    text: str = ""
    tone: str = "good"
    url: str = ""
    url_label: str = ""
    quote: str = ""
    """What to quote when asking for help, in small type."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who is signed in: shown in the head of every page with the way out."""

    name: str
    role: str = ""
    organisation: str = ""
    sign_out_url: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of check-your-answers or of a summary: what was asked, what stands there, where to change it."""

    label: str
    value: str
    change_url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """A line of the task list. `state`: done, now, later, stopped. `change_url`: where what was said can be put right."""

    label: str
    state: str
    url: str = ""
    hint: str = ""
    change_url: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """Something one may do here now, or may not: then with the reason and the step that leads there."""

    label: str
    url: str = ""
    allowed: bool = True
    reason: str = ""
    next_label: str = ""
    next_url: str = ""
    hint: str = ""
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Station:
    """A stop on the card's way. `state`: done, now, later, wrong."""

    label: str
    state: str
    on: date | datetime | None = None
    place: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Switch:
    """One of the two switches. `side` is social or bank; `on` None means that the card has no such side."""

    side: str
    on: bool | None
    state: str
    sentence: str
    tone: str = "plain"
    act_label: str = ""
    act_url: str = ""


@dataclass(frozen=True, slots=True)
class CardFace:
    """The facts printed on a card. `bank_mark` as in the area pack: front_upper_left, front_upper_right, back, none."""

    area_name: str
    name: str
    social_number: str
    card_number: str
    issued: date | None = None
    valid_until: date | None = None
    bank_code: str = ""
    bank_name: str = ""
    bank_number: str = ""
    bank_mark: str = "none"
    bank_phone: str = ""
    generation: int = 3


@dataclass(frozen=True, slots=True)
class Contribution:
    """One month of one insurance. `month` is YYYYMM; `state`: paid, late (paid afterwards), owed."""

    month: int
    insurance: str
    employer_fen: int
    person_fen: int
    state: str = "paid"


@dataclass(frozen=True, slots=True)
class Balance:
    """One account's balance. `amount_fen` None: not to be shown here, and `sentence` says why."""

    kind: str
    title: str
    amount_fen: int | None
    state: str
    sentence: str
    usable: tuple[str, ...] = ()
    not_usable: tuple[str, ...] = ()
    tone: str = "plain"
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure of the day with its trend of the last days, oldest first."""

    label: str
    value: str
    url: str = ""
    note: str = ""
    tone: str = "plain"
    trend: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Device:
    """A device at hand. `kind`: id_reader, card_slot, pin_pad, camera; `state`: waiting, done, refused, idle."""

    kind: str
    state: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar that is cut into parts, such as a settlement."""

    label: str
    fen: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Long work: how many are done, failed and left."""

    done: int
    failed: int
    total: int
    failures_url: str = ""
    started: datetime | None = None
    ended: datetime | None = None

    @property
    def left(self) -> int:
        return max(0, self.total - self.done - self.failed)

    @property
    def over(self) -> bool:
        return self.ended is not None or self.left == 0


@dataclass(frozen=True, slots=True)
class Field:
    """A question of a form. `kind`: text, digits, phone, money, date, password, search, textarea, select, radio,
    checkbox, file. `options` are (value, label, hint); `closed` are those that can't be chosen, their hint says why."""

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    options: tuple[tuple[str, str, str], ...] = ()
    required: bool = True
    width: str = ""
    autocomplete: str = "off"
    maxlength: int = 0
    value: str = ""
    closed: tuple[str, ...] = ()
