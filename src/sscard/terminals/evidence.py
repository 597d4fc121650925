"""What an act gets from a device session: `take`, once. What a page may show of it: `peek`."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection

from sscard.control.caller import Caller
from sscard.control.inside import Inside
from sscard.kernel import clock, words
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import blind_many, open_many
from sscard.terminals import rules
from sscard.terminals.chips import ChipSeen
from sscard.terminals.intake import chip_of, latest
from sscard.terminals.models import DeviceSession, Evidence, Terminal
from sscard.terminals.passwords import BANK
from sscard.terminals.seeing import seeing


@dataclass(frozen=True, slots=True)
class AtTerminal:
    """Where it happened. `area` and `district` are the outlet's, not the card's; `bank` is "" at a bureau."""

    code: str
    kind: str
    organisation: str
    organisation_kind: str
    bank: str
    area: str
    outlet: str
    district: str


@dataclass(frozen=True, slots=True)
class Identity:
    """The document in the reader. Whether a copy will do, and whether it has run out, is the caller's rule."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)
    id_index: bytes = field(repr=False)
    source: str
    valid_until: date | None

    @property
    def original(self) -> bool:
        return self.source == "original"

    def expired(self, on: date) -> bool:
        """A document without an end (长期) never expires; the day printed is its last good day."""
        return self.valid_until is not None and self.valid_until < on


@dataclass(frozen=True, slots=True)
class CardSeen:
    """The card in the slot. `answer_ok`: it answered this session's challenge; a wrong answer is never taken in."""

    card_id_code: str = field(repr=False)
    card_id_code_index: bytes = field(repr=False)
    card_number: str = field(repr=False)
    answer_ok: bool
    chip: ChipSeen | None = None
    """None: a simulated card without a chip, which answered with its software key."""
    tries: int | None = None
    """What the chip said, uncounted, of its password; None where it has none."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A block from the PIN pad, for `keys().pin_set` and `pin_verify` with `terminal=key_id` and this `account`; or,
    with an empty block, what the chip said: `on_chip` right, new or locked, `proof` card (it signed) or reader."""

    block: bytes = field(repr=False)
    key_id: str
    account: str = field(repr=False)
    on_chip: str = ""
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    session: uuid.UUID
    terminal: AtTerminal
    identity: Identity | None
    card: CardSeen | None
    pin: Pin | None
    new_pin: Pin | None
    signature: bytes | None
    """What the pad at the customer's side made over the document that it was asked to sign."""
    face: bool | None
    """True: alive and the face of the document; False: not; None: no camera looked."""


def take(inside: Inside, session_id: uuid.UUID, *, matter: str, wanted: frozenset[str]) -> Taken:
    """The session's evidence for one act, inside the act's transaction and outside `bank_role`. The session is
    locked and marked used: it serves no second act. If the act is refused, its transaction takes the mark back, too.

    `wanted`: id_reader, card_slot, pin_pad, pin_pad_new, camera. Refuses: terminals.session_unknown, session_expired,
    session_used, session_closed, wrong_matter, wrong_terminal, evidence_missing (names which), card_changed.
    """
    session, taken = _ready(inside, session_id, matter, wanted)
    session.state, session.ended_at = "used", clock.real_now()
    session.save(update_fields=["state", "ended_at"])
    return taken


def look(inside: Inside, session_id: uuid.UUID, *, matter: str, wanted: frozenset[str]) -> Taken:
    """What `take` would give at this moment, for a page or act that prepares the one that will
    take it: the session goes on."""
    return _ready(inside, session_id, matter, wanted)[1]


def _ready(inside: Inside, session_id: uuid.UUID, matter: str, wanted: frozenset[str]) -> tuple[DeviceSession, Taken]:
    session = DeviceSession.objects.select_for_update().filter(session_id=session_id).first()
    if session is None:
        raise Refusal("terminals.session_unknown")
    if session.opened_by not in (inside.caller.id, inside.maker):
        raise Refusal("terminals.wrong_terminal")
    if code := rules.ended(session.state, session.expires_at, clock.real_now()):
        raise Refusal(code)
    if session.matter != matter:
        raise Refusal("terminals.wrong_matter")
    terminal = Terminal.objects.select_related("organisation").get(code=session.terminal_id)
    if not terminal.active or (inside.caller.bank or "") != terminal.organisation.bank:
        raise Refusal("terminals.wrong_terminal")
    with seeing(session.area_code):
        there = {kind: one for kind, one in latest(session).items() if one.state == "done"}
        if lacking := rules.missing(wanted, there):
            raise missing_refusal(lacking)
        facts = _open(inside, there)
    inside.detail["device_session"] = str(session.session_id)
    return session, _taken(session, terminal, facts)


def allow_opening(inside: Inside, session_id: uuid.UUID, how: str) -> bool:
    """This session's reader may open the chip once. `how`: counter or empty, as `terminals.chips.Chips.opening` says. False
    when it had been allowed already: a session has one opening."""
    session = DeviceSession.objects.select_for_update().get(session_id=session_id)
    if "open_chip" in session.asked:
        return False
    session.asked = {**session.asked, "open_chip": how}
    session.save(update_fields=["asked"])
    return True


def sign_key(inside: Inside, session_id: uuid.UUID, *, matter: str) -> tuple[bytes, AtTerminal]:
    """The request (PKCS#10, DER) for the key that the pad made in this session, and where it stands. The session goes on:
    it is used up by the act that takes the signature. Refuses like `take`."""
    session, terminal = _signing(inside, session_id, matter)
    with seeing(session.area_code):
        seen = latest(session).get("sign_key")
        if seen is None or seen.state != "done":
            raise missing_refusal(("sign_key",))
        facts = _open(inside, {"sign_key": seen})
    return bytes.fromhex(facts["sign_key"]["request"]), _where(terminal)


def ask_to_sign(inside: Inside, session_id: uuid.UUID, *, matter: str, title: str, digest: bytes, what: bytes) -> None:
    """Tell the pad what to sign: `what` (the signed attributes, DER) holds `digest`, that of the document shown."""
    session, _ = _signing(inside, session_id, matter)
    session.asked = {"title": title[:120], "digest": digest.hex(), "attributes": what.hex()}
    session.save(update_fields=["asked"])


def _signing(inside: Inside, session_id: uuid.UUID, matter: str) -> tuple[DeviceSession, Terminal]:
    session = DeviceSession.objects.select_for_update().filter(session_id=session_id).first()
    if session is None or session.opened_by != inside.caller.id:
        raise Refusal("terminals.session_unknown")
    if code := rules.ended(session.state, session.expires_at, clock.real_now()):
        raise Refusal(code)
    if session.matter != matter:
        raise Refusal("terminals.wrong_matter")
    return session, Terminal.objects.select_related("organisation").get(code=session.terminal_id)


def peek(session_id: uuid.UUID, caller: Caller | None = None, lang: str = "zh") -> dict[str, Any]:
    """The session for a page: states of its devices with a sentence each, masks, no personal data beyond them.

    {"session", "code", "terminal", "matter", "state": open|expired|used|closed, "seconds_left", "complete", "asked",
     "devices": [{"kind", "state": waiting|done|refused, "sentence", "mask", "next_step"}]}
    With `caller`, only whoever opened the session sees it.
    """
    if not connection.in_atomic_block:
        with unit_of_work():
            return peek(session_id, caller, lang)
    session = DeviceSession.objects.filter(session_id=session_id).first()
    if session is None or (caller is not None and session.opened_by != caller.id):
        raise Refusal("control.not_found")
    now = clock.real_now()
    with seeing(session.area_code):
        seen = latest(session)
    expired = session.state == "open" and now >= session.expires_at
    left = max(0, int((session.expires_at - now).total_seconds())) if session.state == "open" else 0
    done = [kind for kind, one in seen.items() if one.state == "done"]
    return {
        "session": str(session.session_id),
        "code": session.code,
        "terminal": session.terminal_id,
        "matter": session.matter,
        "state": "expired" if expired else session.state,
        "seconds_left": left,
        "complete": not rules.missing(session.wanted, done),
        "asked": bool(session.asked),
        "open_chip": session.asked.get("open_chip", ""),
        "devices": [_device(kind, seen.get(kind), session.matter, lang) for kind in session.wanted],
    }


def _device(kind: str, seen: Evidence | None, matter: str, lang: str) -> dict[str, str]:
    """A matter may say in its own words what it waits for: the notice `<matter>.<kind>`."""
    if seen is not None and seen.state == "refused":
        refusal = Refusal.from_dict(seen.refusal)
        sentence, next_step = refusal.sentence(lang), refusal.next_step(lang)
        return {"kind": kind, "state": "refused", "sentence": sentence, "next_step": next_step, "mask": ""}
    state = "done" if seen is not None else "waiting"
    mask = seen.mask if seen is not None else ""
    own = state == "waiting" and words.has("notice", f"{matter}.{kind}")
    sentence = words.text("notice", f"{matter}.{kind}" if own else f"terminals.{kind}.{state}", lang, mask=mask)
    return {"kind": kind, "state": state, "sentence": sentence, "next_step": "", "mask": mask}


def missing_refusal(kinds: tuple[str, ...]) -> Refusal:
    """Names what has not been read yet; for acts that find out later what they need."""

    def named(lang: str, comma: str) -> str:
        return comma.join(words.text("notice", f"terminals.{kind}.name", lang) for kind in kinds)

    return Refusal(
        "terminals.evidence_missing", kinds=",".join(kinds), missing=named("zh", "、"), missing_en=named("en", ", ")
    )


def _open(inside: Inside, there: dict[str, Evidence]) -> dict[str, Any]:
    return dict(zip(there, open_many(list(there.values()), "facts", inside), strict=True))


def _taken(session: DeviceSession, terminal: Terminal, facts: dict[str, Any]) -> Taken:
    identity, card, face = facts.get("id_reader"), facts.get("card_slot"), facts.get("camera")
    seen_id = seen_card = alive = None
    if identity:
        seen_id = Identity(
            identity["name"],
            identity["id_number"],
            blind_many("id_number", [identity["id_number"]])[0],
            identity["source"],
            date.fromisoformat(identity["valid_until"]) if identity["valid_until"] else None,
        )
    if card:
        index = blind_many("card_id_code", [card["card_id_code"]])[0]
        tries = int(card["tries"]) if card.get("tries", "none") != "none" else None
        seen_card = CardSeen(card["card_id_code"], index, card["card_number"], True, chip_of(card), tries)
    if face:
        alive = bool(face["live"] and identity and identity["face"] and identity["face"] == face["face"])
    pins = [_pin(session, terminal, facts.get(kind), card) for kind in ("pin_pad", "pin_pad_new")]
    signature = bytes.fromhex(facts["signature"]["signature"]) if facts.get("signature") else None
    return Taken(session.session_id, _where(terminal), seen_id, seen_card, pins[0], pins[1], signature, alive)


def _pin(
    session: DeviceSession, terminal: Terminal, pin: dict[str, str] | None, card: dict[str, str] | None
) -> Pin | None:
    """A PIN that was entered for another card than the one now in the slot is not this card's."""
    if pin is None:
        return None
    bound = card and (card["pan"] if rules.pin_kind(session.matter) == BANK else card["card_id_code"])
    if pin["account"] != bound:
        raise Refusal("terminals.card_changed")
    if "result" in pin:
        if card is None or "atr" not in card:
            raise Refusal("terminals.card_changed")
        return Pin(b"", terminal.code, pin["account"], pin["result"], pin["proof"])
    return Pin(bytes.fromhex(pin["block"]), terminal.code, pin["account"])


def _where(terminal: Terminal) -> AtTerminal:
    organisation = terminal.organisation
    return AtTerminal(
        terminal.code,
        terminal.kind,
        organisation.code,
        organisation.kind,
        organisation.bank,
        terminal.area_code,
        terminal.outlet,
        terminal.district,
    )
