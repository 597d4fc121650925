"""Security audit, what uses a card up: tries run out, an application and the card are blocked. Last, and only when
asked for."""

from __future__ import annotations

from sscard.chip.conformance.bench import Bench, ensure, expect, item, refuses_wrong_macs
from sscard.chip.conformance.passwords import UNBLOCK
from sscard.chip.files.table import key_rules

BLOCK_APPLICATION = bytes((0x84, 0x1E, 0x00, 0x01))
BLOCK_CARD = bytes((0x84, 0x16, 0x00, 0x00))
MOST_TRIES = 16


@item("PIN_LOCK", "密码锁定", "the password locks, and PUK opens it", "S5 6.3, 6.16", destructive=True)
def password(bench: Bench) -> None:
    terminal = bench.start()
    for _ in range(MOST_TRIES):
        sw = terminal.verify(bench.wrong_pin).sw
        if sw == 0x63C0:
            break
    ensure(sw == 0x63C0, "wrong passwords never come to an end")
    expect("VERIFY with the right one", terminal.verify(bench.pin), 0x6983)
    expect("PUK", terminal.authenticate("SSSE", "PUK"))
    expect("UNBLOCK", terminal.with_mac(UNBLOCK, b"", key_rules()["SSSE", "STKSSSE"]))
    expect("VERIFY after UNBLOCK", terminal.verify(bench.pin))


@item("KEY_LOCK", "密钥锁定", "a key locks after wrong authentications", "S5 6.6", destructive=True)
def key(bench: Bench) -> None:
    terminal = bench.start()
    bench.enter(terminal, "DF01")
    number = key_rules()["DF01", "UK5"].id
    for _ in range(MOST_TRIES):
        terminal.challenge()
        sw = terminal.exchange(bytes((0x00, 0x82, 0x00, number, 0x10)) + bytes(16)).sw
        if sw == 0x63C0:
            break
    ensure(sw == 0x63C0, "wrong authentications never come to an end")
    expect("UK5 with the right key", terminal.authenticate("DF01", "UK5"), 0x6983)


@item("APP_BLOCK", "应用锁定", "APPLICATION BLOCK", "S5 6.1; S7 13", destructive=True)
def application(bench: Bench) -> None:
    terminal = bench.start()
    bench.enter(terminal, "DF03")
    stk = key_rules()["DF03", "STK"]
    expect("BLOCK without LK", terminal.with_mac(BLOCK_APPLICATION, b"", stk), 0x6982)
    expect("LK", terminal.authenticate("DF03", "LK"))
    refuses_wrong_macs("BLOCK", terminal, lambda: terminal.sealed(BLOCK_APPLICATION, b"", stk))
    expect("BLOCK", terminal.with_mac(BLOCK_APPLICATION, b"", stk))
    expect("VERIFY in the blocked application", terminal.verify(bench.pin), 0x9303)
    terminal = bench.start()
    expect("SELECT of the blocked application", terminal.select_application("DF03"), 0x9303)
    expect("SELECT of another one", terminal.select_application("DF04"))


@item("CARD_BLOCK", "卡片锁定", "CARD BLOCK", "S5 6.2; S7 13", destructive=True)
def card(bench: Bench) -> None:
    terminal = bench.start()
    stk = key_rules()["SSSE", "STKSSSE"]
    expect("BLOCK without BK", terminal.with_mac(BLOCK_CARD, b"", stk), 0x6982)
    expect("BK", terminal.authenticate("SSSE", "BK"))
    refuses_wrong_macs("BLOCK", terminal, lambda: terminal.sealed(BLOCK_CARD, b"", stk))
    expect("BLOCK", terminal.with_mac(BLOCK_CARD, b"", stk))
    bench.card.reset()
    expect("READ SSSE/EF05 of a blocked card", terminal.read_record(0x05, 1), 0x6A81)
    expect("SELECT of a blocked card", terminal.select_application("SSSE"), 0x6A81)
