"""`sscard area`: look at area packs from the command line. Exit code 1 when something is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from sscard.kernel import clock, words
from sscard.kernel.refusals import Fault, Refusal
from sscard.law import areas
from sscard.law.area import Area
from sscard.law.check import read_folder
from sscard.law.compare import differences
from sscard.law.pack import pack_folder, sm3
from sscard.law.schema import INSURANCES, plain

app = typer.Typer(help="地区包：检查、查看、比较、签名 / area packs: check, show, diff, pack", no_args_is_help=True)

Lang = Annotated[str, typer.Option("--lang", help="zh | en | both")]


def _langs(lang: str) -> tuple[str, ...]:
    return words.LANGUAGES if lang not in words.LANGUAGES else (lang,)


def _say(code: str, lang: str, **facts: object) -> None:
    for one in _langs(lang):
        typer.echo(words.text("page", f"law.{code}", one, **facts))


def _tell(faults: list[Fault] | tuple[Fault, ...], lang: str) -> None:
    for fault in faults:
        typer.echo(f"\n{fault.place}")
        for one in _langs(lang):
            typer.echo(f"  {fault.sentence(one)} {fault.advice(one)}".rstrip())


def _refused(refusal: Refusal, lang: str) -> typer.Exit:
    for one in _langs(lang):
        typer.echo(f"{refusal.sentence(one)} {refusal.next_step(one)}", err=True)
    _tell(refusal.faults, lang)
    return typer.Exit(1)


@app.command()
def check(folder: Annotated[Path, typer.Argument(help="areas/990100")], lang: Lang = "both") -> None:
    """Tell everything that is wrong with an area's folder; its worked examples are run."""
    reading = read_folder(folder)
    if reading.area is None:
        _say("check_bad", lang, folder=folder, count=len(reading.faults))
        _tell(reading.faults, lang)
        raise typer.Exit(1)
    area = reading.area
    for one in _langs(lang):
        facts = {"area": area.code, "name": area.name(one), "version": area.version, "cases": len(area.cases())}
        typer.echo(words.text("page", "law.check_good", one, **facts))


@app.command()
def show(
    area: Annotated[str, typer.Argument(help="990100")],
    on: Annotated[str, typer.Option(help="2026-01-31; default: today")] = "",
) -> None:
    """Show what holds in an area on a day, each value with its source."""
    try:
        found = areas.get(area)
        day = date.fromisoformat(on) if on else clock.today(area)
        for line in _lines(found, day):
            typer.echo(line)
    except Refusal as refusal:
        raise _refused(refusal, "both") from None
    except ValueError:
        raise typer.BadParameter("2026-01-31", param_hint="--on") from None


def _lines(area: Area, day: date) -> list[str]:
    standing = area.approval_on(day)
    lines = [
        f"{area.code}  {area.name('zh')} {area.name('en')}  v{area.version}  {day}",
        f"approval  {standing.state}  {standing.since or ''}  {standing.number}".rstrip(),
    ]
    for bank in area.banks(day):
        outlets = len(area.outlets(bank=bank.code))
        lines.append(f"bank  {bank.code}  {bank.name.zh} {bank.name.en}  {bank.activation_outlets}  outlets {outlets}")
    for name, value in area.values(day).items():
        lines.append(f"{name} = {plain(value)}    # {area.source(name, day)}")
    if area.insurance_file is not None:
        for kind in INSURANCES:
            rates = area.contribution_rates(kind, day)
            shares = f"{rates.employer} % + {rates.person} %"
            lines.append(f"{kind} = {shares}, base {rates.floor_fen}–{rates.ceiling_fen} fen    # {rates.sources[0]}")
    return lines


@app.command()
def diff(before: Path, after: Path, lang: Lang = "both") -> None:
    """Show every key in which two folders differ."""
    read: list[Area] = []
    for folder in (before, after):
        reading = read_folder(folder)
        if reading.area is None:
            _say("check_bad", lang, folder=folder, count=len(reading.faults))
            _tell(reading.faults, lang)
            raise typer.Exit(1)
        read.append(reading.area)
    found = differences(*read)
    for one in found:
        typer.echo(f"{one.file}  {one.key}: {one.before} → {one.after}")
    if not found:
        _say("diff_none", lang)


@app.command()
def pack(
    folder: Path,
    out: Annotated[Path, typer.Option("--out", "-o", help="990100.pack")],
    key: Annotated[str, typer.Option(help="name of the signing key in the key service")] = "area_pack",
    lang: Lang = "both",
) -> None:
    """Pack a folder into one archive, signed by the key service."""
    from sscard.kernel.keyclient import keys

    try:
        archive = pack_folder(folder, key, lambda manifest: keys().sign(key, manifest))
    except Refusal as refusal:
        raise _refused(refusal, lang) from None
    out.write_bytes(archive)
    reading = read_folder(folder)
    version = reading.area.version if reading.area else 0
    _say("packed", lang, file=out, version=version, digest=sm3(archive))
