"""Security audit, keys: dispersal, versions, challenges, counters, message authentication; and the universality
test."""

from __future__ import annotations

from sscard.chip.card.messaging import MAC_BYTES, stk
from sscard.chip.conformance import safety
from sscard.chip.conformance.bench import Bench, ensure, expect, item, refuses_wrong_macs
from sscard.chip.crypto.ciphers import DES
from sscard.chip.files.table import FileRule, KeyRule, key_rules
from sscard.chip.reader.terminal import BY_NUMBER, Terminal

CHALLENGE = bytes((0x00, 0x84, 0x00, 0x00, 0x08))
UNDER_MAC = (("SSSE", 0x05), ("SSSE", 0x07), ("DF01", 0x05))
"""Files that are written under a MAC: records and bytes under the environment's key, records under an application's."""
PROVED = (("SSSE", "UKSSSE"), ("SSSE", "RKSSSE"), ("SSSE", "PUK"), ("DF01", "UK5"), ("DF04", "RK1"))
"""Keys whose whole proof is looked at: of writing, reading and unblocking, of the environment and of applications."""
PROOF_BYTES = 8


@item("FACTORS", "分散因子的构成", "composition of the dispersal factors", "S9 7; T2 10.3")
def factors(bench: Bench) -> None:
    ensure(bench.start().card_proves_itself(), "INTERNAL AUTHENTICATE does not fit province, city and card factor")


@item("INTERNAL_AUTH", "内部认证应答", "answer of INTERNAL AUTHENTICATE", "S5 6.5")
def internal(bench: Bench) -> None:
    terminal = bench.start()
    one = terminal.exchange(b"\x00\x88\x00\x00\x10" + bytes(range(16)))
    ensure(len(expect("INTERNAL AUTHENTICATE", one)) == 8, "the answer must have 8 bytes")
    other = terminal.exchange(b"\x00\x88\x00\x00\x10" + bytes(range(1, 17)))
    ensure(expect("INTERNAL AUTHENTICATE", other) != one.data, "the answer does not depend on the question")


def _version(number: int) -> None:
    @item(f"KEY_VER{number}", f"第{number}组密钥", f"key version {number}", "LD/T 6001.3 9")
    def check(bench: Bench) -> None:
        terminal = bench.start()
        ensure(terminal.card_proves_itself(number), f"IRK version {number} is not the PSAM's")
        for name in ("UKSSSE", "RKSSSE"):
            expect(f"{name} version {number}", terminal.authenticate("SSSE", name, number))
        wrong = number % 3 + 1
        answer = _with_other_version(terminal, number, wrong)
        ensure(answer & 0xFFF0 == 0x63C0, f"UKSSSE version {wrong} was taken for version {number} ({answer:04X})")
        expect("UKSSSE again", terminal.authenticate("SSSE", "UKSSSE", number))


for _number in (1, 2, 3):
    _version(_number)


def _with_other_version(terminal: Terminal, used: int, said: int) -> int:
    """An authentication made with version `used` that says `said`."""
    rule, original = key_rules()["SSSE", "UKSSSE"], bytes(8)
    terminal.keys.open(rule, terminal.challenge(), used)
    data = terminal.keys.authentication(original) + original + bytes((said,))
    return terminal.exchange(bytes((0x00, 0x82, 0x00, rule.id, len(data))) + data).sw


@item("CHALLENGE", "随机数一次有效", "a challenge counts once, the last one only", "S5 6.4; S7 6.6")
def challenge(bench: Bench) -> None:
    terminal = bench.start()
    rule, original = key_rules()["SSSE", "UKSSSE"], bytes(range(8))
    old = terminal.challenge()
    fresh = terminal.challenge()
    ensure(old != fresh, "two challenges are equal")
    ensure(_authenticate(terminal, old, original) & 0xFFF0 == 0x63C0, "an old challenge was accepted")
    if bench.choices.long_challenge == "refuse" and terminal.algorithm == DES:
        expect("GET CHALLENGE of 16 bytes", terminal.exchange(CHALLENGE[:4] + b"\x10"), 0x6700)
    else:
        terminal.challenge(16)
    fresh = terminal.challenge()
    sw = _authenticate(terminal, fresh, original)
    ensure(sw == 0x9000, f"the last challenge was refused ({sw:04X})")
    sw = _authenticate(terminal, fresh, original)
    ensure(sw == 0x6984, f"the same challenge served twice ({sw:04X} instead of 6984)")
    ensure(rule.counted, "UKSSSE is counted")


@item("CHALLENGE_RESET", "复位后随机数失效", "a reset takes the challenge away", "S7 6.6")
def challenge_after_reset(bench: Bench) -> None:
    terminal = bench.start()
    r = terminal.challenge()
    bench.card.reset()
    terminal = bench.terminal()
    terminal.version, terminal.algorithm = bench.version, bench.psam.algorithm
    terminal.select_application("SSSE")
    sw = _authenticate(terminal, r, bytes(8))
    ensure(sw == 0x6984, f"a challenge of before the reset was used ({sw:04X} instead of 6984)")


def _authenticate(terminal: Terminal, r: bytes, original: bytes) -> int:
    rule = key_rules()["SSSE", "UKSSSE"]
    terminal.open_key(rule, r)
    data = terminal.keys.authentication(original) + original
    return terminal.exchange(bytes((0x00, 0x82, 0x00, rule.id, 0x10)) + data).sw


@item("KEY_COUNT", "密钥错误计数", "wrong authentications are counted", "S5 6.6")
def counting(bench: Bench) -> None:
    terminal = bench.start()
    expect("UKSSSE", terminal.authenticate("SSSE", "UKSSSE"))
    first = _wrong(terminal)
    ensure(_wrong(terminal) == first - 1, "the counter does not go down by one for each wrong one")
    expect("UKSSSE after wrong ones", terminal.authenticate("SSSE", "UKSSSE"))
    ensure(_wrong(terminal) == first, "a right authentication does not give the tries back")
    bench.card.reset()
    terminal.select_application("SSSE")
    ensure(_wrong(terminal) == first - 1, "the counter did not outlast a reset")
    expect("UKSSSE at the end", terminal.authenticate("SSSE", "UKSSSE"))


@item("KEY_PROOF", "外部认证逐字节比较", "every byte of an authentication is compared", "S5 6.6; S4", since=3)
def proof(bench: Bench) -> None:
    """One bit changed in any byte of a right authentication, and it is none; a right one gives the tries back each time."""
    for application, name in PROVED:
        terminal = safety.at(bench, application)
        for at in range(PROOF_BYTES):
            sw = _nearly(terminal, key_rules()[application, name], at)
            ensure(sw & 0xFFF0 == 0x63C0, f"{name} of {application} with byte {at + 1} wrong was taken ({sw:04X})")
            expect(f"{name} of {application}, right again", terminal.authenticate(application, name))


def _nearly(terminal: Terminal, rule: KeyRule, at: int) -> int:
    """An authentication that is right but for one bit of the byte `at`."""
    original = bytes(range(8))
    terminal.open_key(rule, terminal.challenge())
    data = bytearray(terminal.keys.authentication(original) + original)
    data[at] ^= 0x01
    return terminal.exchange(bytes((0x00, 0x82, 0x00, rule.id, len(data))) + bytes(data)).sw


def _wrong(terminal: Terminal) -> int:
    """A wrong authentication; tries left."""
    terminal.exchange(CHALLENGE)
    rule = key_rules()["SSSE", "UKSSSE"]
    answer = terminal.exchange(bytes((0x00, 0x82, 0x00, rule.id, 0x10)) + b"\xa5" * 16)
    ensure(answer.sw & 0xFFF0 == 0x63C0, f"a wrong authentication answers {answer.sw:04X} instead of 63Cx")
    return answer.sw & 0x0F


@item("MAC", "安全报文", "message authentication of 04 commands", "S4; S5 6.13")
def messaging(bench: Bench) -> None:
    for application, number in UNDER_MAC:
        file = next(one for one in bench.files(application) if one.id == number)
        _under_mac(bench, application, file)


def _under_mac(bench: Bench, application: str, file: FileRule) -> None:
    """Other bytes are written under their MAC, and only so, and taken back."""
    terminal = safety.at(bench, application)
    bench.prove(terminal, application, file.read.ways[0] | file.write.ways[0])
    number, rule = len(file.rows), key_rules()[application, stk(application)]
    if file.structure == "transparent":
        head = bytes((0x04, 0xD6, 0x80 | file.id, 0x00))
    else:
        head = bytes((0x04, 0xDC, number, file.id << 3 | BY_NUMBER))
    update = f"UPDATE {file.place} under a MAC"

    def stands() -> bytes:
        return expect(f"READ {file.place}", safety.read(terminal, file, number))

    old = stands()
    new = safety.other_bytes(file, old)
    try:
        refuses_wrong_macs(update, terminal, lambda: terminal.sealed(head, new, rule))
        raw = terminal.sealed(head, old, rule)
        changed = raw[:5] + new + raw[-MAC_BYTES:]
        expect(f"{update} that is for other data", terminal.exchange(changed), 0x6988)
        ensure(stands() == old, f"{update} that is wrong changed the file")
        expect(update, terminal.with_mac(head, new, rule))
        expect(f"{update}, no challenge", terminal.exchange(raw), 0x6984)
        ensure(stands() == new, f"{update}: answered 9000, and other bytes stand there")
    finally:
        back = terminal.with_mac(head, old, rule)
    expect(f"{update}, back", back)
    ensure(stands() == old, f"{update}: the bytes are not as they were")


@item("UNIVERSAL", "跨地区通用", "a card of another area is accepted", "管理办法 Article 12; S9 7", needs_foreign=True)
def universal(bench: Bench) -> None:
    """A terminal of another area: the root's keys read the card and know it is genuine; its own city's write key does
    not fit."""
    terminal = bench.start(bench.foreign)
    ensure(terminal.card_proves_itself(), "the card does not prove itself to a terminal of another area")
    expect("RKSSSE of another area's terminal", terminal.authenticate("SSSE", "RKSSSE"))
    expect("READ SSSE/EF06", terminal.read_record(0x06, 1))
    bench.enter(terminal, "DF04")
    expect("RK1 of DF04", terminal.authenticate("DF04", "RK1"))
    terminal.select_application("SSSE")
    sw = terminal.authenticate("SSSE", "UKSSSE").sw
    ensure(sw & 0xFFF0 == 0x63C0, f"another area's write key was accepted ({sw:04X})")
    expect("UKSSSE of its own area", bench.start().authenticate("SSSE", "UKSSSE"))
