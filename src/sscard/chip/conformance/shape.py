"""Standards audit, the card's shape: answer to reset, names, identification, every file's records as the table says."""

from __future__ import annotations

from sscard.chip.codec import contents, tlv
from sscard.chip.conformance import values
from sscard.chip.conformance.bench import ADVISED, OPTIONAL, Bench, Failed, ensure, expect, item
from sscard.chip.crypto.factors import historical
from sscard.chip.files.table import DF_NAME, FileRule, Item, applications_of
from sscard.chip.reader.terminal import ALL, BY_TAG, Terminal
from sscard.codes import card_identification_code, card_number


@item("ATR", "复位应答", "answer to reset", "S2 8.2–8.4; LD/T 6001.3 6.2")
def atr(bench: Bench) -> None:
    found = bench.card.reset()
    ensure(found[:1] == b"\x3b", "TS is not 3B (direct convention)")
    ensure(len(found) > 4 and found[1] >> 4 == 6 and found[2:4] == b"\x00\x00", "TB1 and TC1 must be there and 00")
    ensure(found[1] & 0x0F == 13, "13 historical bytes are wanted")
    ensure(len(found) == 17, "17 bytes in all: no check byte (TCK) with T=0")


@item("FCI", "文件控制信息", "file control information", "S5 6.11; T2 10.1")
def fci(bench: Bench) -> None:
    bench.card.reset()
    found = expect("SELECT SSSE", Terminal(bench.card).select(DF_NAME))
    ensure(tlv.ber_find(found, (0x6F, 0x84)) == DF_NAME, "tag 84 is not the name of SSSE")
    ensure(tlv.ber_find(found, (0x6F, 0xA5, 0x88)) is not None, "tag 88, the directory's short identifier, is missing")
    algorithm = tlv.ber_find(found, (0x6F, 0xA5, 0x9F0C, 0x86))
    if bench.version == "3.0":
        ensure(algorithm is not None, "algorithm identifier 9F0C 86 is missing")


@item("APPLICATIONS", "应用是否齐全", "presence of the applications", "V2 table 2")
def present(bench: Bench) -> None:
    terminal = bench.start()
    for one in applications_of(bench.version):
        if one.name not in OPTIONAL:
            expect(f"SELECT {one.name}", terminal.select_application(one.name))


@item("ID_CODE", "卡的识别码与地区一致", "identification code and area agree", "V2 8.1.1.1; field check list")
def identification(bench: Bench) -> None:
    issuer = bench.start().begin()
    code = issuer["card_id_code"]
    ensure(card_identification_code.is_valid(code), "not area ‖ D156000005 ‖ serial ‖ code")
    history = historical(bench.card.atr)
    ensure(history[7:9].hex() == code[:4], "the area in the ATR (T8–T9) is another one")
    ensure(history[-4:].hex().upper() == code[16:24], "the serial is not that of the ATR (TA–TD)")
    ensure(issuer["initialiser"][10:16] == code[:6], "the initialising body's area is another one")


@item("SPEC_VERSION", "规范版本", "specification version", "V2 8.1.1.3")
def spec_version(bench: Bench) -> None:
    said = bench.start().begin()["spec_version"]
    ensure(said[:3] in ("1.0", "2.0", "3.0") and len(said) == 4, "neither 1.00, 2.00 nor 3.00")


@item("CARD_NUMBER", "卡号校验码", "check character of the card number", "V2 appendix A")
def number(bench: Bench) -> None:
    found = bench.start().begin()["card_number"]
    ensure(card_number.is_valid(found), "letter, seven digits, check character")


def records(bench: Bench, application: str) -> None:
    """Every file of an application: it is there, has its records, each with tag, length and padding."""
    terminal = bench.start()
    bench.enter(terminal, application)
    for file in bench.files(application):
        way = file.read.ways[0]
        bench.prove(terminal, application, way)
        if file.structure == "transparent":
            _bytes(terminal, file)
        elif file.items:
            _rows(terminal, file)
        else:
            expect(f"SELECT {file.place}", terminal.exchange(bytes((0x00, 0xA4, 0x02, 0x00, 0x02, 0xEF, file.id))))


def _bytes(terminal: Terminal, file: FileRule) -> None:
    data = terminal.read_binary(file.id, file.size)
    ensure(len(data) == file.size, f"{file.place}: {len(data)} bytes instead of {file.size}")
    behind = terminal.exchange(bytes((0x00, 0xB0, file.size >> 8, file.size & 0xFF, 0x01)))
    expect(f"{file.place}: READ BINARY behind the end", behind, 0x6B00)


def _rows(terminal: Terminal, file: FileRule) -> None:
    rows = terminal.read_rows(file)
    if file.structure == "cyclic":
        ensure(len(rows) >= file.records, f"{file.place}: {len(rows)} records, at least {file.records} are wanted")
        for row in rows:
            contents.cyclic_values(file, row)
        return
    ensure(len(rows) >= len(file.rows), f"{file.place}: {len(rows)} records instead of {len(file.rows)}")
    if file.application == "SSSE":
        ensure(len(rows) == len(file.rows), f"{file.place}: items may not be added here")
    for at, (row, wanted) in enumerate(zip(rows, file.rows, strict=False), 1):
        where = f"{file.place} record {at}"
        ensure(row[0] == wanted.tag, f"{where}: tag {row[0]:02X} instead of {wanted.tag:02X}")
        ensure(
            len(row) == 2 + wanted.length and row[1] == wanted.length,
            f"{where}: length {row[1]:02X} instead of {wanted.length:02X}",
        )
        _padding(wanted, row[2:], where)
        if wanted.repeat == 1:
            same = terminal.read_record(file.id, wanted.tag, BY_TAG)
            ensure(expect(f"{where} by tag", same) == row, f"{where}: by tag another record is answered")
    if file.application == "SSSE":
        values.check(file.place, contents.values(file, rows))
    whole = b"".join(rows)
    if len(whole) <= 256:
        ensure(
            expect(f"{file.place} whole", terminal.read_record(file.id, 1, ALL)) == whole,
            f"{file.place}: mode 101 differs",
        )


def _padding(wanted: Item, raw: bytes, where: str) -> None:
    """an ends with 00s, cn with Fs; never written items may be all FF, or all 00."""
    if len(set(raw)) == 1 and raw[0] in (0x00, 0xFF):
        return
    digits = raw.hex().rstrip("f")
    if wanted.kind == "cn" and wanted.name != "card_id_code" and digits and not digits.isdigit():
        raise Failed(f"{where}: wrong padding for cn")
    try:
        value = contents.item_value(wanted, raw, where)
        right = contents.item_bytes(wanted, value, where)
    except Exception as fault:
        raise Failed(f"{where}: not readable as {wanted.kind}") from fault
    ensure(right == raw, f"{where}: wrong padding for {wanted.kind}")


def _register(name: str, zh: str, versions: tuple[str, ...]) -> None:
    @item(
        f"{name}_RECORD",
        f"{zh}数据项",
        f"records of {name}",
        "V2 table 9; LD/T 6001.3 7",
        versions=versions,
        since=2 if name in ADVISED else 1,
    )
    def check(bench: Bench) -> str:
        if absent := bench.lacks(name):
            return absent
        records(bench, name)
        return ""


for _one in applications_of("2.0"):
    _register(_one.name, _one.zh, _one.versions)
