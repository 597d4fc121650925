"""Security audit, reading and writing: nothing is readable or writable by less than its rule, and by its rule it is."""

from __future__ import annotations

from sscard.chip.conformance.bench import Bench, expect, item
from sscard.chip.files.table import FileRule, applications_of, key_rules
from sscard.chip.reader.terminal import Answer, Terminal

REFUSED = (0x6982,)
REFUSED_NEVER = (0x6982, 0x6985)


def safety(bench: Bench, application: str) -> None:
    for file in bench.files(application):
        _reading(bench, application, file)
        if file.items or file.structure == "transparent":
            _writing(bench, application, file)


def _reading(bench: Bench, application: str, file: FileRule) -> None:
    """Nothing proved, each condition alone, then each way that the rule names."""
    if not file.items and file.structure != "transparent":
        return
    terminal = _at(bench, application)
    free = frozenset() in file.read.ways
    expect(f"{file.place}: READ, nothing proved", read(terminal, file), *(() if free else REFUSED))
    if free:
        return
    for alone in sorted(file.read.names | {"PIN"}):
        terminal = _at(bench, application)
        bench.prove(terminal, application, frozenset({alone}))
        enough = file.read.holds({alone})
        expect(f"{file.place}: READ after {alone} alone", read(terminal, file), *(() if enough else REFUSED))
    for way in file.read.ways:
        terminal = _at(bench, application)
        bench.prove(terminal, application, way)
        expect(f"{file.place}: READ after {' and '.join(sorted(way))}", read(terminal, file))


def _writing(bench: Bench, application: str, file: FileRule) -> None:
    """Writes what stands there already, so that a good card is unchanged."""
    terminal = _at(bench, application)
    bench.prove(terminal, application, file.read.ways[0])
    data = expect(f"READ {file.place}", read(terminal, file))
    refused = REFUSED_NEVER if file.write.text == "never" else REFUSED
    bench.card.reset()
    expect(f"{file.place}: UPDATE, nothing proved", write(_at(bench, application), file, data), *refused)
    terminal = _at(bench, application)
    bench.prove(terminal, application, frozenset({"PIN"}))
    expect(f"{file.place}: UPDATE after the password", write(terminal, file, data), *refused)
    if other := _another(application, file):
        terminal = _at(bench, application)
        bench.prove(terminal, application, frozenset({other}))
        expect(f"{file.place}: UPDATE after {other}", write(terminal, file, data), *refused)
    if file.structure == "cyclic" and not bench.destructive:
        return
    for way in file.write.ways:
        terminal = _at(bench, application)
        bench.prove(terminal, application, way)
        expect(f"{file.place}: UPDATE after {' and '.join(sorted(way))}", write(terminal, file, data))


def _another(application: str, file: FileRule) -> str:
    """A key of the application that must not open this file for writing."""
    names = [name for df, name in key_rules() if df == application and name.startswith(("UK", "RK"))]
    return next((name for name in names if name not in file.write.names), "")


def _at(bench: Bench, application: str) -> Terminal:
    terminal = bench.start()
    if application != "SSSE":
        bench.enter(terminal, application)
    return terminal


def read(terminal: Terminal, file: FileRule) -> Answer:
    """One record or the first bytes."""
    if file.structure == "transparent":
        return terminal.exchange(bytes((0x00, 0xB0, 0x80 | file.id, 0x00, 0x10)))
    return terminal.read_record(file.id, 1)


def write(terminal: Terminal, file: FileRule, data: bytes) -> Answer:
    if file.structure == "transparent":
        return terminal.exchange(bytes((0x00, 0xD6, 0x80 | file.id, 0x00, len(data))) + data)
    return terminal.update_record(
        file.id, 0 if file.structure == "cyclic" else 1, data, 3 if file.structure == "cyclic" else 4
    )


def _register(name: str, zh: str, versions: tuple[str, ...]) -> None:
    @item(
        f"{name}_SAFETY",
        f"{zh}读写安全",
        f"reading and writing of {name}",
        "V2 tables 3–8; LD/T 6001.3 8",
        versions=versions,
    )
    def check(bench: Bench) -> None:
        safety(bench, name)


for _one in applications_of("2.0"):
    if _one.name not in ("DF05", "DF06"):
        _register(_one.name, _one.zh, _one.versions)


@item("STATE", "切换应用后的安全状态", "security state over a change of application", "S7 5.8, 6.6")
def state(bench: Bench) -> None:
    terminal = _at(bench, "DF04")
    bench.prove(terminal, "DF04", frozenset({"PIN"}))
    row = expect("READ DF04/EF05", terminal.read_record(0x05, 1))
    terminal = _at(bench, "DF04")
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
    terminal = _at(bench, "DF04")
    expect("READ DF04/EF05 after a reset", terminal.read_record(0x05, 1), *REFUSED)
