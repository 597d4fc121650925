"""Security audit, the social password: format, counting, change, unblocking."""

from __future__ import annotations

from sscard.chip.conformance.bench import Bench, ensure, expect, item
from sscard.chip.files.table import key_rules
from sscard.chip.reader.terminal import Answer, Terminal

UNBLOCK = bytes((0x84, 0x24, 0x00, 0x00))
RELOAD = bytes((0x84, 0x24, 0x00, 0x01))


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


@item("CHANGE_PIN", "修改密码", "CHANGE PIN", "S5 6.15; LD/T 6001.3 6.1")
def change(bench: Bench) -> None:
    terminal = bench.start()
    old, new = bench.pin, bench.wrong_pin
    full = left(terminal)
    expect("CHANGE PIN with a wrong old one", change_pin(terminal, new, old), 0x63C0 | full - 1)
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
    terminal = bench.start()
    stk = key_rules()["SSSE", "STKSSSE"]
    full = left(terminal)
    terminal.verify(bench.wrong_pin)
    expect("UNBLOCK without PUK", terminal.with_mac(UNBLOCK, b"", stk), 0x6982)
    expect("PUK", terminal.authenticate("SSSE", "PUK"))
    terminal.challenge()
    expect("UNBLOCK with a wrong MAC", terminal.exchange(UNBLOCK + b"\x04\x00\x00\x00\x00"), 0x6988)
    expect("PUK again", terminal.authenticate("SSSE", "PUK"))
    expect("UNBLOCK", terminal.with_mac(UNBLOCK, b"", stk))
    ensure(left(terminal) == full, "UNBLOCK does not give the tries back")
    expect("PUK once more", terminal.authenticate("SSSE", "PUK"))
    expect("RELOAD", terminal.with_mac(RELOAD, bench.pin, stk, enciphered=True))
    expect("VERIFY with the reloaded one", terminal.verify(bench.pin))
