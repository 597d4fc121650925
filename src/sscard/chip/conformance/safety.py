"""Security audit, reading and writing: nothing is readable or writable by less than its rule, and by its rule it is."""

from __future__ import annotations

from sscard.chip.codec import tlv
from sscard.chip.conformance.bench import ADVISED, Bench, ensure, expect, item
from sscard.chip.files.table import FileRule, Item, applications_of, key_rules
from sscard.chip.reader.terminal import Answer, Terminal

REFUSED = (0x6982,)
REFUSED_NEVER = (0x6982, 0x6985)
NEW_RECORD = b"\xe0\x01\x00"
"""For a file without records: a tag of an area's own (V2 6)."""
FILLINGS = {"an": b"12", "cn": b"\x11\x22", "b": b"\x5a\xa5"}
"""Two bytes for each type of item, of which one is not what stands there."""


def safety(bench: Bench, application: str) -> None:
    for file in bench.files(application):
        _reading(bench, application, file)
        _refused_writing(bench, application, file)
        if (file.items or file.structure == "transparent") and (file.structure != "cyclic" or bench.destructive):
            for way in file.write.ways:
                _writing(bench, application, file, way)


def _reading(bench: Bench, application: str, file: FileRule) -> None:
    """Nothing proved, each condition alone, then each way that the rule names. A file that the table gives no items may
    be empty: who may read it is then told that there is no record."""
    found = (0x9000,) if file.items or file.structure == "transparent" else (0x9000, 0x6A83)
    terminal = at(bench, application)
    free = frozenset() in file.read.ways
    expect(f"{file.place}: READ, nothing proved", read(terminal, file), *(found if free else REFUSED))
    if free:
        return
    for alone in sorted(file.read.names | {"PIN"}):
        terminal = at(bench, application)
        bench.prove(terminal, application, frozenset({alone}))
        enough = file.read.holds({alone})
        expect(f"{file.place}: READ after {alone} alone", read(terminal, file), *(found if enough else REFUSED))
    for way in file.read.ways:
        terminal = at(bench, application)
        bench.prove(terminal, application, way)
        expect(f"{file.place}: READ after {' and '.join(sorted(way))}", read(terminal, file), *found)


def _refused_writing(bench: Bench, application: str, file: FileRule) -> None:
    """With less than the rule wants. What stands there already is sent, so that a card that takes it is not spoiled."""
    terminal = at(bench, application)
    bench.prove(terminal, application, file.read.ways[0])
    data = read(terminal, file).data or NEW_RECORD
    refused = REFUSED_NEVER if file.write.text == "never" else REFUSED
    expect(f"{file.place}: UPDATE, nothing proved", write(at(bench, application), file, data), *refused)
    terminal = at(bench, application)
    bench.prove(terminal, application, frozenset({"PIN"}))
    expect(f"{file.place}: UPDATE after the password", write(terminal, file, data), *refused)
    if other := _another(application, file):
        terminal = at(bench, application)
        bench.prove(terminal, application, frozenset({other}))
        expect(f"{file.place}: UPDATE after {other}", write(terminal, file, data), *refused)


def _writing(bench: Bench, application: str, file: FileRule, way: frozenset[str]) -> None:
    """Other bytes than stand there are written, found there after a reset, and taken back. The last record is changed:
    the first ones of SSSE say which card it is."""
    proved = f"{file.place}: UPDATE after {' and '.join(sorted(way))}"
    number = 1 if file.structure == "cyclic" else len(file.rows)
    old = _read_proved(bench, application, file, number)
    new = other_bytes(file, old)
    try:
        terminal = at(bench, application)
        bench.prove(terminal, application, way)
        expect(proved, write(terminal, file, new, number))
        found = _read_proved(bench, application, file, number)
        ensure(found == new, f"{proved}: answered 9000, and other bytes stand there")
    finally:
        terminal = at(bench, application)
        bench.prove(terminal, application, way)
        back = write(terminal, file, old, number)
    expect(f"{proved}, back", back)
    ensure(_read_proved(bench, application, file, number) == old, f"{proved}: the bytes are not as they were")


def _read_proved(bench: Bench, application: str, file: FileRule, number: int) -> bytes:
    """What stands there, after a reset, by the rule's first way."""
    terminal = at(bench, application)
    bench.prove(terminal, application, file.read.ways[0])
    return expect(f"READ {file.place}", read(terminal, file, number))


def other_bytes(file: FileRule, old: bytes) -> bytes:
    """As long and as well formed as what stands there, and other than it."""
    if file.structure == "transparent":
        return bytes(one ^ 0xFF for one in old)
    if file.structure == "cyclic":
        return b"".join(other_value(one, b"") for one in file.items)
    return tlv.record(file.rows[-1].tag, other_value(file.rows[-1], old[2:]))


def other_value(wanted: Item, old: bytes) -> bytes:
    if wanted.kind == "tlv":
        inside = dict(tlv.split(old)) if len(set(old)) > 1 else {}
        return b"".join(tlv.record(one.tag, other_value(one, inside.get(one.tag, b""))) for one in wanted.parts)
    one, other = FILLINGS[wanted.kind]
    return bytes((other if old[:1] == bytes((one,)) else one,)) * wanted.length


def _another(application: str, file: FileRule) -> str:
    """A key of the application that must not open this file for writing."""
    names = [name for df, name in key_rules() if df == application and name.startswith(("UK", "RK"))]
    return next((name for name in names if name not in file.write.names), "")


def at(bench: Bench, application: str) -> Terminal:
    terminal = bench.start()
    if application != "SSSE":
        bench.enter(terminal, application)
    return terminal


def read(terminal: Terminal, file: FileRule, number: int = 1) -> Answer:
    """One record or the first bytes."""
    if file.structure == "transparent":
        return terminal.exchange(bytes((0x00, 0xB0, 0x80 | file.id, 0x00, 0x10)))
    return terminal.read_record(file.id, number)


def write(terminal: Terminal, file: FileRule, data: bytes, number: int = 1) -> Answer:
    if file.structure == "transparent":
        return terminal.exchange(bytes((0x00, 0xD6, 0x80 | file.id, 0x00, len(data))) + data)
    return terminal.update_record(
        file.id, 0 if file.structure == "cyclic" else number, data, 3 if file.structure == "cyclic" else 4
    )


def _register(name: str, zh: str, versions: tuple[str, ...]) -> None:
    @item(
        f"{name}_SAFETY",
        f"{zh}读写安全",
        f"reading and writing of {name}",
        "V2 tables 3–8; LD/T 6001.3 8",
        versions=versions,
        since=2 if name in ADVISED else 1,
    )
    def check(bench: Bench) -> str:
        if absent := bench.lacks(name):
            return absent
        safety(bench, name)
        return ""


for _one in applications_of("2.0"):
    _register(_one.name, _one.zh, _one.versions)


@item("STATE", "切换应用后的安全状态", "security state over a change of application", "S7 5.8, 6.6")
def state(bench: Bench) -> None:
    terminal = at(bench, "DF04")
    bench.prove(terminal, "DF04", frozenset({"PIN"}))
    row = expect("READ DF04/EF05", terminal.read_record(0x05, 1))
    terminal = at(bench, "DF04")
    bench.prove(terminal, "DF04", frozenset({"UK1", "RK1"}))
    bench.enter(terminal, "DF03")
    bench.enter(terminal, "DF04")
    expect("UPDATE DF04/EF05 after DF03 was selected", terminal.update_record(0x05, 1, row), *REFUSED)
    if bench.version != "1.0":
        expect("READ DF04/EF05 after DF03 was selected", terminal.read_record(0x05, 1), *REFUSED)
    bench.prove(terminal, "DF04", frozenset({"PIN"}))
    bench.enter(terminal, "DF03")
    bench.enter(terminal, "DF04")
    expect("READ DF04/EF05: the password stays proved", terminal.read_record(0x05, 1))
    _proof_falls(bench, terminal)
    terminal = at(bench, "DF04")
    expect("READ DF04/EF05 after a reset", terminal.read_record(0x05, 1), *REFUSED)


def _proof_falls(bench: Bench, terminal: Terminal) -> None:
    """In DF04, the password proved: a wrong one takes the proof away."""
    expect("READ DF04/EF08 after the password", terminal.read_record(0x08, 1))
    terminal.verify(bench.wrong_pin)
    after = terminal.read_record(0x08, 1)
    expect("VERIFY after a wrong one", terminal.verify(bench.pin))
    expect("READ DF04/EF08 after a wrong password", after, *REFUSED)
    expect("READ DF04/EF08 after the right one again", terminal.read_record(0x08, 1))
