"""Security audit, the social password: format, counting, change, unblocking."""

from __future__ import annotations

from sscard.chip.conformance.bench import Bench, ensure, expect, item, refuses_wrong_macs
from sscard.chip.files.table import key_rules
from sscard.chip.reader.terminal import Answer, Terminal

UNBLOCK = bytes((0x84, 0x24, 0x00, 0x00))
RELOAD = bytes((0x84, 0x24, 0x00, 0x01))
STK = key_rules()["SSSE", "STKSSSE"]
NOT_PUK = (("SSSE", "PIN"), ("SSSE", "UKSSSE"), ("SSSE", "RKSSSE"), ("SSSE", "BK"), ("DF01", "UK4"), ("DF03", "LK"))


def left(terminal: Terminal) -> int:
    return terminal.tries_left() or 0


@item("PIN_FORMAT", "密码格式", "format of the password", "S5 6.3; field check list")
def form(bench: Bench) -> None:
    terminal = bench.start()
    before = left(terminal)
    expect("VERIFY with 1 byte", terminal.verify(b"\x12"), 0x6700)
    expect("VERIFY with 9 bytes", terminal.verify(bytes(9)), 0x6700)
    ensure(left(terminal) == before, "a malformed password was counted")


@item("PIN_VERIFY", "密码校验与计数", "the password is checked and counted", "S5 6.3")
def verify(bench: Bench) -> None:
    terminal = bench.start()
    expect("VERIFY", terminal.verify(bench.pin))
    full = left(terminal)
    expect("VERIFY, wrong", terminal.verify(bench.wrong_pin), 0x63C0 | full - 1)
    ensure(left(terminal) == full - 1, "a wrong password was not counted")
    bench.card.reset()
    ensure(left(bench.start()) == full - 1, "the counter did not outlast a reset")
    expect("VERIFY, wrong again", terminal.verify(bench.wrong_pin), 0x63C0 | full - 2)
    expect("VERIFY after wrong ones", terminal.verify(bench.pin))
    ensure(left(terminal) == full, "a right password does not give the tries back")
    for what, almost in bench.near_pins.items():
        expect(f"VERIFY, {what}", terminal.verify(almost), 0x63C0 | full - 1)
        expect("VERIFY after it", terminal.verify(bench.pin))


@item("CHANGE_PIN", "修改密码", "CHANGE PIN", "S5 6.15; LD/T 6001.3 6.1")
def change(bench: Bench) -> None:
    terminal = bench.start()
    old, new = bench.pin, bench.wrong_pin
    full = left(terminal)
    for what, wrong in {"all digits others": new, **bench.near_pins}.items():
        expect(f"CHANGE PIN, the old one wrong ({what})", change_pin(terminal, wrong, old), 0x63C0 | full - 1)
        ensure(left(terminal) == full - 1, "CHANGE PIN with a wrong old one was not counted")
        expect("VERIFY after it", terminal.verify(old))
    expect("CHANGE PIN, the old one wrong", change_pin(terminal, new, old), 0x63C0 | full - 1)
    bench.card.reset()
    ensure(left(bench.start()) == full - 1, "the count of CHANGE PIN did not outlast a reset")
    expect("CHANGE PIN", change_pin(terminal, old, new))
    try:
        expect("VERIFY with the old one", terminal.verify(old), 0x63C0 | full - 1)
        expect("VERIFY with the new one", terminal.verify(new))
        expect("CHANGE PIN to three digits", change_pin(terminal, new, b"\x12"), 0x6A80, 0x6700)
    finally:
        change_pin(terminal, new, old)
    expect("VERIFY with the first one again", terminal.verify(old))


def change_pin(terminal: Terminal, old: bytes, new: bytes) -> Answer:
    data = old + b"\xff" + new
    return terminal.exchange(b"\x80\x5e\x01\x00" + bytes((len(data),)) + data)


@item("PIN_UNBLOCK", "解锁与重装密码", "unblocking and reloading the password", "S5 6.16; S7 13.3")
def unblock(bench: Bench) -> None:
    _only_by_puk(bench)
    terminal = bench.start()
    full = left(terminal)
    terminal.verify(bench.wrong_pin)
    expect("UNBLOCK without PUK", terminal.with_mac(UNBLOCK, b"", STK), 0x6982)
    refuses_wrong_macs("UNBLOCK", terminal, lambda: _by_puk(terminal, UNBLOCK))
    ensure(left(terminal) == full - 1, "an UNBLOCK that was refused gave tries back")
    expect("UNBLOCK", terminal.exchange(_by_puk(terminal, UNBLOCK)))
    ensure(left(terminal) == full, "UNBLOCK does not give the tries back")
    _reload(bench, terminal, full)


def _only_by_puk(bench: Bench) -> None:
    """Neither the password nor any other key opens what PUK opens."""
    for application, name in NOT_PUK:
        terminal = bench.start()
        if application != "SSSE":
            bench.enter(terminal, application)
        bench.prove(terminal, application, frozenset({name}))
        for what, head, data in (("UNBLOCK", UNBLOCK, b""), ("RELOAD", RELOAD, bench.pin)):
            answer = terminal.with_mac(head, data, STK, enciphered=bool(data))
            expect(f"{what} after {name} of {application}", answer, 0x6982, 0x6985)


def _reload(bench: Bench, terminal: Terminal, full: int) -> None:
    """To another password and back."""
    old, new = bench.pin, bench.wrong_pin
    try:
        refuses_wrong_macs("RELOAD", terminal, lambda: _by_puk(terminal, RELOAD, new))
        expect("VERIFY after RELOADs that were refused", terminal.verify(old))
        expect("RELOAD", terminal.exchange(_by_puk(terminal, RELOAD, new)))
        expect("VERIFY with the reloaded one", terminal.verify(new))
        expect("VERIFY with the one before RELOAD", terminal.verify(old), 0x63C0 | full - 1)
    finally:
        back = terminal.exchange(_by_puk(terminal, RELOAD, old))
    expect("RELOAD of the first one", back)
    expect("VERIFY with the first one again", terminal.verify(old))


def _by_puk(terminal: Terminal, head: bytes, new: bytes = b"") -> bytes:
    """PUK proved; the command with its MAC."""
    expect("PUK", terminal.authenticate("SSSE", "PUK"))
    return terminal.sealed(head, new, STK, enciphered=bool(new))
