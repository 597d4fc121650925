"""Reads the files of an area pack into an `Area`, or says everything that is wrong with them.

Files come as bytes, from a folder or out of a signed archive; the same reading serves both.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sscard.kernel.refusals import Fault
from sscard.law.across import across_faults
from sscard.law.area import Area
from sscard.law.credential import CredentialFile
from sscard.law.faults import Places, faults_of
from sscard.law.savings import OffersFile, SavingsFile
from sscard.law.schema import ALWAYS_NEEDED, FILES, BanksFile, CardFile, CasesFile, OutletsFile, PapersFile, TextsFile
from sscard.law.sheet import Sheet

MAX_FILE_BYTES = 512 * 1024
_TOML_LINE = re.compile(r"\(at line (\d+), column (\d+)\)")
_LIVE_TEXT = re.compile(r"[{}<>`\\\x00-\x08\x0b-\x1f\x7f]|\$\(|%\(")  # what a template or a page could come alive with


@dataclass(slots=True)
class Reading:
    """What came of reading: the area if nothing is wrong, else the faults."""

    area: Area | None = None
    faults: list[Fault] = field(default_factory=list)


def files_of(folder: Path) -> dict[str, bytes]:
    """The files of a pack's folder by name. Hidden files and README.md are the editor's own and are left out."""
    return {path.name: path.read_bytes() for path in _visible(folder) if _is_plain(path)}


def read_folder_files(folder: Path) -> Reading:
    """Read a folder named by the area's code. Links, folders inside and oversized files are faults and never opened."""
    reading = read_files(files_of(folder), folder.resolve().name)
    odd = [Fault(p.name, "law.pack_not_plain", {"file": p.name}) for p in _visible(folder) if not _is_plain(p)]
    return Reading(None, [*odd, *reading.faults]) if odd else reading


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith(".") and path.name != "README.md")


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.stat().st_size <= MAX_FILE_BYTES


def read_files(files: Mapping[str, bytes], folder_name: str | None = None) -> Reading:
    """Read all files. `folder_name`, if given, must be the area's code."""
    reading = Reading()
    sheets: dict[str, Sheet] = {}
    places: dict[str, Places] = {}
    for name in files:
        if name not in FILES:
            reading.faults.append(Fault(name, "law.pack_unknown_file", {"file": name, "known": ", ".join(FILES)}))
    for name, sheet in FILES.items():
        if name in files:
            places[name] = Places(name)
            found = _read_one(name, files[name], sheet, places, reading.faults)
            if found is not None:
                sheets[name] = found
        elif name in ALWAYS_NEEDED:
            reading.faults.append(Fault(name, "law.pack_file_missing", {"file": name}))
    complete = all(name in sheets for name in ALWAYS_NEEDED) and all(name in sheets for name in files if name in FILES)
    area = _area(sheets) if complete else None
    reading.faults.extend(across_faults(sheets, places, folder_name))
    if not reading.faults:
        reading.area = area
    return reading


def _read_one(
    name: str, content: bytes, sheet: type[Sheet], places: dict[str, Places], faults: list[Fault]
) -> Sheet | None:
    try:
        text = content.decode("utf-8")
        data = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        faults.append(Fault(f"{name}:{line}", "law.pack_not_utf8", {}))
        return None
    except tomllib.TOMLDecodeError as error:
        at = _TOML_LINE.search(str(error))
        place = f"{name}:{at.group(1)}" if at else name
        faults.append(Fault(place, "law.pack_not_toml", {"reason": _TOML_LINE.sub("", str(error)).strip()}))
        return None
    places[name] = Places(name, text)
    before = len(faults)
    faults.extend(_live_texts(data, places[name]))
    try:
        found = sheet.model_validate(data)
    except ValidationError as error:
        faults.extend(faults_of(error, sheet, data, places[name]))
        return None
    return found if len(faults) == before else None


def _live_texts(data: Any, places: Places, path: tuple[str | int, ...] = ()) -> list[Fault]:
    """Texts of a pack are shown as they are. Signs that a template, a page or a shell would obey are not admitted."""
    if isinstance(data, str):
        if sign := _LIVE_TEXT.search(data):
            return [places.fault("pack_live_text", *path, sign=repr(sign.group())[1:-1])]
        return []
    rows: Any = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    found: list[Fault] = []
    for key, value in rows:
        if isinstance(key, str):
            found.extend(_live_texts(key, places, path))
        found.extend(_live_texts(value, places, (*path, key)))
    return found


def _area(sheets: dict[str, Any]) -> Area:
    return Area(
        sheet=sheets["area.toml"],
        parameters=sheets["parameters.toml"],
        permits=sheets["permits.toml"],
        banks_file=sheets.get("banks.toml") or BanksFile(),
        outlets_file=sheets.get("outlets.toml") or OutletsFile(),
        insurance_file=sheets.get("insurance.toml"),
        card_file=sheets.get("card.toml") or CardFile(),
        papers_file=sheets.get("papers.toml") or PapersFile(),
        offers_file=sheets.get("savings.toml") or OffersFile(),
        texts_file=sheets.get("texts.toml") or TextsFile(),
        cases_file=sheets.get("cases.toml") or CasesFile(),
        savings_file=sheets.get("banks_savings.toml") or SavingsFile(),
        credential_file=sheets.get("credential.toml") or CredentialFile(),
    )
