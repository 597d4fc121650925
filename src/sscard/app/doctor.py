"""`sscard doctor`: what is wrong with this installation, in sentences, each with what to do.

Each check yields findings; none stops at the first, and none changes anything.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import psycopg

from sscard.app import state
from sscard.app.config import Config
from sscard.app.database import CONNECT_TIMEOUT_S, unsafe_settings
from sscard.app.faults import sentence
from sscard.app.ports import holder, taken
from sscard.app.sealed_keys import missing_step
from sscard.kernel import words

GB = 1_000_000_000
DISK_FULL_GB, DISK_LOW_GB = 1, 5
CLOCK_OFF_S = 2
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FONT_PLACES = ("/usr/share/fonts", "/usr/local/share/fonts")
FONT_FILES = ("*CJK*", "wqy*", "SourceHan*", "DroidSansFallback*")
APT = "apt-get update && apt-get install -y --no-install-recommends {packages}"
PACKAGES = {"chromium": "chromium", "fonts": "fonts-noto-cjk fonts-wqy-microhei"}

Level = Literal["good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence's worth: `code` below `notice.app.`, its facts, and how bad it is."""

    level: Level
    code: str
    facts: dict[str, Any]

    def sentence(self, language: str) -> str:
        return sentence(self.code, language, **self.facts)


def examine(config: Config) -> list[Finding]:
    """All findings, in the order of the checks."""
    house = state.read(config.home)
    found = [Finding("bad", f"config.unsafe.{code}", {}) for code in config.unsafe()]
    found += _house(config, house)
    found += _port(config, house)
    found += _disk(config)
    found += _secrets(config)
    found += _database(config, house)
    found += _files_clock()
    found += _packages(config.language)
    return found


def _house(config: Config, house: state.State | None) -> Iterator[Finding]:
    if house is None:
        yield Finding("good", "doctor.house_down", {})
        return
    if step := missing_step(config):
        yield Finding("bad", f"up.sealed_{step}", {})
    code = "doctor.house_up" if house.ready else "doctor.house_starting"
    yield Finding("good", code, {"pid": house.pid, "url": config.portal_url})
    for child in house.children:
        if not child.pid or not Path(f"/proc/{child.pid}").exists():
            facts = {"name": child.name, "restarts": child.restarts, "log": config.logs / f"{child.name}.log"}
            yield Finding("bad", "doctor.process_down", facts)


def _port(config: Config, house: state.State | None) -> Iterator[Finding]:
    if house is not None:
        return
    if holder(config.portal_port) is None:
        yield Finding("good", "doctor.port_free", {"port": config.portal_port})
    else:
        yield Finding("bad", *taken(config.portal_port))


def _disk(config: Config) -> Iterator[Finding]:
    folder = next(one for one in (config.home, *config.home.parents) if one.exists())
    free = shutil.disk_usage(folder).free / GB
    facts = {"folder": folder, "free": f"{free:.1f}", "needed": DISK_LOW_GB}
    if free < DISK_FULL_GB:
        yield Finding("bad", "doctor.disk_full", facts)
    elif free < DISK_LOW_GB:
        yield Finding("warn", "doctor.disk_low", facts)
    else:
        yield Finding("good", "doctor.disk_ok", facts)


def _secrets(config: Config) -> Iterator[Finding]:
    places = [config.home / "database.json", config.home / "sscard.toml", config.tls_key]
    secrets = config.home / "secrets"
    for path in [*places, *(sorted(secrets.iterdir()) if secrets.is_dir() else [])]:
        if path.is_file() and path.stat().st_mode & 0o077:
            yield Finding("bad", "doctor.secret_open", {"path": path})


def _database(config: Config, house: state.State | None) -> Iterator[Finding]:
    """Its settings and its clock; an embedded one is asked only while it runs."""
    if config.embedded and house is None:
        return
    try:
        url = config.urls().app
        for one in unsafe_settings(url, production=config.profile == "production"):
            yield Finding("bad" if one.fatal else "warn", f"doctor.unsafe.{one.code}", {"value": one.value})
        with psycopg.connect(url, connect_timeout=CONNECT_TIMEOUT_S) as connection:
            version = connection.info.server_version // 10_000
            row = connection.execute("select clock_timestamp()").fetchone()
            here = datetime.now(UTC)
    except psycopg.OperationalError as error:
        said = str(error).strip().splitlines()[-1]
        yield Finding("bad", "doctor.database_silent", {"said": said, "log": config.logs / "postgres.log"})
        return
    yield Finding("good", "doctor.database_ok", {"version": version})
    assert row is not None
    off = abs((row[0] - here).total_seconds())
    if off > CLOCK_OFF_S:
        yield Finding("bad", "doctor.clock_off", {"seconds": f"{off:.0f}"})


def _files_clock() -> Iterator[Finding]:
    """A clock earlier than our own files is wrong, whatever a time server may say later."""
    newest = datetime.fromtimestamp(max(one.stat().st_mtime for one in Path(__file__).parent.glob("*.py")), UTC)
    now = datetime.now(UTC)
    if (newest - now).total_seconds() > CLOCK_OFF_S:
        facts = {"now": now.isoformat(timespec="seconds"), "newest": newest.isoformat(timespec="seconds")}
        yield Finding("bad", "doctor.clock_past", facts)
    else:
        yield Finding("good", "doctor.clock_ok", {})


def missing_packages() -> list[str]:
    """What of PACKAGES is not on this machine."""
    has_browser = any(shutil.which(name) for name in BROWSERS)
    return [*([] if has_browser else ["chromium"]), *([] if _has_chinese_font() else ["fonts"])]


def _has_chinese_font() -> bool:
    if program := shutil.which("fc-list"):
        listed = subprocess.run([program, ":lang=zh", "file"], capture_output=True, text=True, check=False).stdout
        if listed.strip():
            return True
    places = [Path(one) for one in FONT_PLACES if Path(one).is_dir()]
    return any(any(place.rglob(pattern)) for place in places for pattern in FONT_FILES)


def _packages(language: str) -> Iterator[Finding]:
    missing = missing_packages()
    for name in missing:
        entry = words.entry("notice", f"app.doctor.what.{name}")
        facts = {"what": entry[language], "purpose": entry[f"purpose_{language}"]}
        yield Finding("warn", "doctor.package_missing", {**facts, "apt": APT.format(packages=PACKAGES[name])})
    if not missing:
        yield Finding("good", "doctor.package_ok", {})
