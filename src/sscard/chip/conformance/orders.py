"""Standards audit, commands: refusals with the right status word, both lengths, the purse, the firewall."""

from __future__ import annotations

from sscard.chip.card.selecting import PAY
from sscard.chip.conformance.bench import Bench, ensure, expect, item
from sscard.chip.reader.terminal import BY_TAG, Terminal


def _all(terminal: Terminal, commands: dict[str, tuple[str, int]]) -> None:
    for what, (raw, sw) in commands.items():
        expect(what, terminal.exchange(bytes.fromhex(raw)), sw)


@item("REFUSALS", "错误状态字", "status words of refusals", "S5 table 5 and 7–48")
def refusals(bench: Bench) -> None:
    terminal = bench.start()
    bench.enter(terminal, "SSSE")
    _all(terminal, {
        "READ RECORD without a current file": ("00B2010400", 0x6986),
        "READ RECORD of a tag that is not there": ("00B2EE2800", 0x6A83),
        "READ RECORD behind the last one": ("00B2082C00", 0x6A83),
        "READ RECORD of a file that is not there": ("00B201A400", 0x6A82),
        "READ BINARY of a record file": ("00B0850010", 0x6981),
        "SELECT of a file that is not there": ("00A4020002EF1D", 0x6A82),
        "SELECT of a name that is not there": ("00A4040006D156000005FF", 0x6A82),
        "an instruction that does not exist": ("00FE000000", 0x6D00),
        "a class that does not exist": ("E0B2012C00", 0x6E00),
        "EXTERNAL AUTHENTICATE without a challenge": ("0082000410" + "00" * 16, 0x6984),
        "EXTERNAL AUTHENTICATE with a key that is not there": ("0082007F10" + "00" * 16, 0x6A88),
        "GET CHALLENGE of 5 bytes": ("0084000005", 0x6700),
        "VERIFY with wrong P1": ("0020010000", 0x6A86),
    })  # fmt: skip


@item("LENGTHS", "Le 与记录长度", "Le and the length of a record", "S5 6.10.4")
def lengths(bench: Bench) -> None:
    terminal = bench.start()
    short = terminal.exchange(bytes.fromhex("00B2012C01"), follow=False)
    expect("READ RECORD with an Le too short", short, 0x6C12)
    expect("READ RECORD with the length told", terminal.exchange(bytes.fromhex("00B2012C12"), follow=False))


@item("TLV_UPDATE", "写记录的TLV检查", "UPDATE RECORD looks at tag and length", "S5 6.13")
def tlv_update(bench: Bench) -> None:
    terminal = bench.start()
    row = expect("READ SSSE/EF05", terminal.read_record(0x05, 2))
    expect("UKSSSE", terminal.authenticate("SSSE", "UKSSSE"))
    expect("UPDATE with another tag than P1", terminal.update_record(0x05, 0x03, row, BY_TAG), 0x6A85)
    expect("UPDATE with a wrong length byte", terminal.update_record(0x05, 2, row[:1] + b"\x02" + row[2:]), 0x6A85)
    expect(
        "UPDATE with a new item in SSSE", terminal.update_record(0x05, 0xE0, b"\xe0\x01\x00", BY_TAG), 0x6A83, 0x6A85
    )
    ensure(terminal.read_record(0x05, 2).data == row, "a refused UPDATE changed the record")


@item("PURSE", "脱网账户", "the medical purse", "S7 11–12")
def purse(bench: Bench) -> None:
    terminal = bench.start()
    bench.enter(terminal, "DF04")
    ensure(len(expect("GET BALANCE", terminal.exchange(bytes.fromhex("B026000104")))) == 4, "a balance has 4 bytes")
    begin = bytes.fromhex("B028010113" + "01" + "00" * 12 + "990100000001")
    _all(terminal, {"CREDIT without INITIALISE": ("B02A00000B" + "00" * 11, 0x6901),
                    "DEBIT without INITIALISE": ("B02C01000F" + "00" * 15, 0x6901)})  # fmt: skip
    expect("INITIALISE PURCHASE without the password", terminal.exchange(begin), 0x6982)
    bench.prove(terminal, "DF04", frozenset({"PIN"}))
    more = begin[:6] + b"\x7f\xff\xff\xff" + begin[10:]
    expect("INITIALISE PURCHASE above the balance", terminal.exchange(more), 0x9401)
    expect(
        "INITIALISE PURCHASE with a key that is not there", terminal.exchange(begin[:5] + b"\x09" + begin[6:]), 0x9403
    )
    expect("INITIALISE PURCHASE", terminal.exchange(begin))
    expect("DEBIT with a wrong MAC", terminal.exchange(bytes.fromhex("B02C01000F" + "00" * 15)), 0x9302)
    expect("DEBIT again", terminal.exchange(bytes.fromhex("B02C01000F" + "00" * 15)), 0x6901)


@item(
    "FIREWALL", "与金融应用隔离", "nothing passes between the social and the payment side", "S4 5.1",
    unless=("payment", "none"),
)  # fmt: skip
def firewall(bench: Bench) -> None:
    terminal = bench.start()
    expect("VERIFY", terminal.verify(bench.pin))
    full = terminal.tries_left()
    if bench.choices.payment == "none":
        expect("SELECT of the payment application", terminal.select(PAY), 0x6A82)
        return
    expect("SELECT of the payment application", terminal.select(PAY))
    for what, raw in {"READ EF05": "00B2012C00", "VERIFY": "0020000003111111", "UPDATE": "00DC022C03020131"}.items():
        answer = terminal.exchange(bytes.fromhex(raw))
        ensure(answer.sw != 0x9000 and answer.sw & 0xFFF0 != 0x63C0, f"{what} works in the payment application")
    bench.card.reset()
    ensure(terminal.tries_left() == full, "the social password's counter moved in the payment application")
