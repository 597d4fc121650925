"""What a page may order of the reader service, business steps each. What is asked and in which session says the house, not
the page; the page learns states and sentences, never a number, a digit or a command.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from sscard.chip.card.pins import packed
from sscard.chip.desk.pads import Pad
from sscard.chip.faults import ChipFault, StatusRefused
from sscard.chip.reader import proving
from sscard.chip.reader.terminal import Terminal
from sscard.chip.reader.transport import Transport
from sscard.kernel.refusals import Refusal
from sscard.keys import pinblock, pins
from sscard.terminals import chips, passwords
from sscard.terminals.client import Device

Session = dict[str, Any]
ASK: Final = {
    "old": "请输入现在的社保密码（新卡是初始密码） / Social security password as it is now (a new card: the initial one)",
    "new": "请设置新的社保密码（六位） / New social security password, six digits",
    "again": "请再输入一次新密码 / The new password once more",
    "bank": "请输入银行密码 / Bank password",
    "bank_new": "请设置新的银行密码（六位） / New bank password, six digits",
}


class Orders:
    """The card reader and the pad of one terminal. One order at a time: the service sees to that."""

    def __init__(self, slot: Device, pad: Device | None, reader: Callable[[], Transport], digits: Pad) -> None:
        self.slot, self.pad, self.reader, self.digits = slot, pad, reader, digits
        self._proved = ("", "")

    def run(self, order: str, session: Session) -> Mapping[str, Any]:
        """`session`: as the house told the card slot. Raises reader.order for anything else than the three steps."""
        step = {"prove": self.prove, "password": self.password, "open": self.open}.get(order)
        if step is None:
            raise Refusal("reader.order", order=order[:20])
        card = self.reader()
        try:
            return step(session, Terminal(card))
        finally:
            card.close()

    def prove(self, session: Session, terminal: Terminal) -> Mapping[str, Any]:
        """Who is in the reader, and the chip's answer to this session's question."""
        number = proving.bank_number(terminal)
        issuer = terminal.begin()
        tries = terminal.tries_left()
        asked = chips.question(*_where(session))
        payload = {
            "card_id_code": issuer["card_id_code"], "card_number": issuer["card_number"], "pan": number,
            "atr": terminal.card.atr.hex(), "algorithm": f"{terminal.algorithm:02x}",
            "tries": "none" if tries is None else str(tries), "answer": proving.answer(terminal, asked).hex(),
        }  # fmt: skip
        self.slot.send(session, "card_slot", payload)
        self._proved = (session["session"], issuer["card_id_code"])
        return {"state": "done", "order": "prove", "locked": tries == 0}

    def password(self, session: Session, terminal: Terminal) -> Mapping[str, Any]:
        """The password that the matter asks for: the chip's goes to the chip, the bank's as a block to the house."""
        asked = passwords.asked_by(session["matter"])
        if asked is None or self.pad is None:
            raise Refusal("terminals.no_password_asked")
        self._same_card(session, terminal)
        if asked.which == passwords.BANK:
            return self._for_the_bank(asked.how)
        terminal.begin()
        try:
            self._on_chip(session, terminal, asked.how)
        except _Wrong as wrong:
            result = "wrong" if wrong.left else "locked"
            self.pad.send(session, "pin_pad", {"result": result, "left": str(wrong.left)})
            return {"state": "done", "order": "password", "locked": True}  # a wrong one is refused by the house
        return {"state": "done", "order": "password", "locked": False}

    def open(self, session: Session, terminal: Terminal) -> Mapping[str, Any]:
        """Open a locked password with the issuer's key, as far as this session's act has allowed; then prove anew."""
        self._same_card(session, terminal)
        terminal.begin()
        first = self.slot.opening(session, "puk", terminal.challenge())
        terminal.send("EXTERNAL AUTHENTICATE", bytes.fromhex(first["command"]))
        second = self.slot.opening(session, first["how"], terminal.challenge())
        terminal.send("PIN UNBLOCK", bytes.fromhex(second["command"]))
        return {**self.prove(session, terminal), "order": "open"}

    def _same_card(self, session: Session, terminal: Terminal) -> None:
        """Raises reader.other_card unless this is the card that was proved in this session."""
        if self._proved != (session["session"], terminal.begin()["card_id_code"]):
            raise Refusal("reader.other_card")

    def _on_chip(self, session: Session, terminal: Terminal, how: str) -> None:
        """VERIFY or CHANGE PIN, and tell the house. Raises _Wrong."""
        has_one = terminal.tries_left() is not None
        if how in (passwords.CURRENT, passwords.CHANGE) and not has_one:
            raise Refusal("reader.no_password")
        if how == passwords.RENEW and has_one:
            raise Refusal("reader.open_first")
        old = self._typed("old") if has_one else bytearray()
        new = bytearray()
        try:
            new = bytearray() if how == passwords.CURRENT else self._new("new", old)
            if new:
                self._judged(new)
            if has_one:
                _right(terminal, old)
                if how in (passwords.CURRENT, passwords.CHANGE):
                    self._tell(session, terminal, "pin_pad", "right")
                    terminal.begin()  # back from the certificate's application
            if new:
                raw = (packed(old.decode()) if has_one else b"") + b"\xff" + packed(new.decode())
                terminal.send("CHANGE PIN", bytes((0x80, 0x5E, 0x01, 0x00, len(raw))) + raw)
                _right(terminal, new)
                self._tell(session, terminal, "pin_pad_new" if how == passwords.CHANGE else "pin_pad", "new")
        finally:
            pinblock.wipe(old)
            pinblock.wipe(new)

    def _judged(self, new: bytearray) -> None:
        """The house says whether it is taken from the holder's own numbers, which only the house knows."""
        assert self.pad is not None
        session = self.pad.session()
        block = pinblock.make(bytes.fromhex(self.pad.keys.pin_key), session.get("account", ""), new)
        self.pad.judge(session, block)

    def _tell(self, session: Session, terminal: Terminal, kind: str, result: str) -> None:
        """The result, signed by the card where it can. Its certificate says which card it is."""
        assert self.pad is not None
        payload = {"result": result}
        if terminal.version == "3.0":
            payload["certificate"] = proving.certificate(terminal).hex()
            message = chips.password_message(*_where(session), self._proved[1], result)
            payload["signature"] = proving.signature(terminal, message).hex()
        self.pad.send(session, kind, payload)

    def _for_the_bank(self, how: str) -> Mapping[str, Any]:
        """An ISO 9564 block bound to the bank number; the chip never sees these digits."""
        assert self.pad is not None
        session = self.pad.session()
        typed = self._new("bank_new", bytearray()) if how == passwords.NEW else self._typed("bank")
        try:
            block = pinblock.make(bytes.fromhex(self.pad.keys.pin_key), session.get("account", ""), typed)
        finally:
            pinblock.wipe(typed)
        self.pad.send(session, "pin_pad", {"block": block.hex()})
        return {"state": "done", "order": "password", "locked": False}

    def _typed(self, what: str) -> bytearray:
        typed = self.digits(ASK[what])
        if not typed.isdigit() or not 4 <= len(typed) <= 12:
            pinblock.wipe(typed)
            raise ChipFault("chip.pin_form")
        return typed

    def _new(self, what: str, old: bytearray) -> bytearray:
        """A new one, typed twice alike, not the old one and not easy to guess. Raises keys.pin_*, cards.password_same."""
        new = self._typed(what)
        again = self._typed("again")
        try:
            code = "reader.differ" if new != again else "cards.password_same" if new == old else pins.weakness(new, {})
        finally:
            pinblock.wipe(again)
        if code:
            pinblock.wipe(new)
            raise Refusal(code, digits=str(pins.DIGITS))
        return new


class _Wrong(Exception):
    def __init__(self, left: int) -> None:
        super().__init__("wrong")
        self.left = left


def _right(terminal: Terminal, digits: bytearray) -> None:
    """VERIFY. Raises _Wrong with the tries that are left."""
    sw = terminal.verify(packed(digits.decode())).sw
    if sw == 0x6983 or sw & 0xFFF0 == 0x63C0:
        raise _Wrong(0 if sw == 0x6983 else sw & 0x0F)
    if sw != 0x9000:
        raise StatusRefused("VERIFY", sw)


def _where(session: Session) -> tuple[str, str, bytes, bytes]:
    return session["session"], session["matter"], bytes.fromhex(session["nonce"]), bytes.fromhex(session["challenge"])
