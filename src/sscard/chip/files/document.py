"""docs/card-files.md out of the table: `sscard card table > docs/card-files.md`. A test keeps it current."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sscard.chip.files.table import FileRule, Item, applications, files, key_rules

_HEAD: Final = """# Files of the social security card

Made from `src/sscard/chip/files/files.toml` and `keys.toml` by `sscard card table`; do not edit. Lengths are
hexadecimal. `rec` is the record number; `an` text padded with 00, `cn` digits two a byte padded with F, `b` bytes,
`tlv` parts inside. Version 3.0 has the files of 2.0; where it differs, the rule is named. "A | B": any one; "A & B":
both. Clauses: V2 = 人社信息函〔2012〕37号, S6 = 卡规范 part 6 (draft), "choice" = ours (see [readers](readers.md)).
"""


def document() -> str:
    return "\n".join([_HEAD, *_applications(), *_files(), *_only_first(), *_keys()]).rstrip() + "\n"


def _applications() -> Iterator[str]:
    yield "## Applications\n\n| application | name to select (hex) | identifier | versions |\n|---|---|---|---|"
    for one in applications():
        yield f"| {one.name} {one.zh}, {one.en} | `{one.df_name.hex().upper()}` | {one.id:04X} | {' '.join(one.versions)} |"


def _files() -> Iterator[str]:
    first = {(one.application, one.id): one for one in files("1.0")}
    third = {(one.application, one.id): one for one in files("3.0")}
    for file in files("2.0"):
        yield f"\n## {file.application}/EF{file.id:02X} {file.zh} — {file.en}\n"
        yield from _facts(file, first.get((file.application, file.id)), third[file.application, file.id])
        yield from _items(file, first.get((file.application, file.id)))


def _facts(file: FileRule, first: FileRule | None, third: FileRule) -> Iterator[str]:
    shape = {"transparent": f"transparent, {file.size:X} bytes", "fixed": "fixed records"}.get(
        file.structure, file.structure
    )
    if file.structure == "cyclic":
        shape = f"cyclic, {file.records} records of {file.record_length:X}"
    read = f"read **{file.read.text}**"
    if third.read != file.read:
        read += f" (3.0: **{third.read.text}**)"
    if first is None:
        read += " (not in 1.0)"
    elif first.read != file.read:
        read += f" (1.0: **{first.read.text}**)"
    yield f"{shape} · {read} · write **{file.write.text}** · class {file.category} · {file.clause}"


def _items(file: FileRule, first: FileRule | None) -> Iterator[str]:
    if not file.items:
        return
    yield "\n| rec | tag | type | length | 数据项 | name |\n|---|---|---|---|---|---|"
    number = 1
    numbers_then = {item.tag for item in first.items} if first else set()
    for item in file.items:
        last = number + item.repeat - 1
        where = "–" if file.structure == "cyclic" else str(number) if last == number else f"{number}–{last}"
        note = " (not in 1.0)" if first and item.tag not in numbers_then else ""
        yield f"| {where} | {_tag(item)} | {item.kind} | {item.length:02X} | {item.zh}{note} | `{item.name}` |"
        for part in item.parts:
            yield f"|  | · {_tag(part)} | {part.kind} | {part.length:02X} | {part.zh} | `{part.name}` |"
        number = last + 1


def _tag(item: Item) -> str:
    return f"{item.tag:02X}" if item.tag else "–"


def _only_first() -> Iterator[str]:
    known = {(one.application, one.id) for one in files("2.0")}
    yield "\n## Only in version 1.0\n\n| file | content | read | write | clause |\n|---|---|---|---|---|"
    for one in files("1.0"):
        if (one.application, one.id) not in known:
            yield f"| {one.place} | {one.zh} | {one.read.text} | {one.write.text} | {one.clause} |"


def _keys() -> Iterator[str]:
    yield "\n## Keys\n\n`id` is P2 of EXTERNAL AUTHENTICATE; the PSAM disperses from the root three times, from the city once.\n"
    yield "| application | key | id | in the PSAM | versions | PSAM's level | wrong ones counted |\n|---|---|---|---|---|---|---|"
    for rule in key_rules().values():
        counted = "yes" if rule.counted else "no"
        ids = f"{rule.id:02X} | {rule.psam:02X}"
        yield f"| {rule.application} | {rule.name} | {ids} | {rule.versions} | {rule.level} | {counted} |"
