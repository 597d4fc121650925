"""T34: production refuses debug, secrets that somebody could guess and the demo's keys; nobody has a default password."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "sscard"
GOOD = "Qx7-" + "k2Vw9Lm4Rt8Zp3Bn6Hs1Dg5Jf0Yc" * 2
pytestmark = pytest.mark.asvs("v5.0.0-13.3.1")


def environ(home: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SSCARD_", "DJANGO_"))}
    ours = {"SSCARD_HOME": str(home), "SSCARD_PROFILE": "production", "SSCARD_LANGUAGE": "en"}
    return {**kept, **ours, **{f"SSCARD_{name.upper()}": value for name, value in more.items()}}


def faults(home: Path, **more: str) -> set[str]:
    from sscard.app import config

    with pytest.raises(config.ConfigFaults) as caught:
        config.load(environ(home, **more))
    return {code for code, _ in caught.value.faults}


@pytest.mark.parametrize(
    "more, expected",
    [
        ({"secret_key": GOOD, "debug": "yes"}, "unsafe.debug"),
        ({}, "unsafe.secret_made_up"),
        ({"secret_key": "demo-" + GOOD}, "unsafe.secret_weak"),
        ({"secret_key": "django-insecure-" + GOOD}, "unsafe.secret_weak"),
        ({"secret_key": "a" * 60}, "unsafe.secret_weak"),
        ({"secret_key": "abcabcabc"}, "unsafe.secret_weak"),
        ({"secret_key": GOOD, "key_store": "demo"}, "unsafe.demo_keys"),
        ({"secret_key": GOOD}, "unsafe.demo_keys"),
        ({"secret_key": GOOD, "allowed_hosts": "*"}, "unsafe.any_host"),
    ],
)
def test_each_unsafe_thing_is_refused_and_named(tmp_path: Path, more: dict[str, str], expected: str) -> None:
    assert expected in faults(tmp_path, **more)


def test_all_unsafe_things_are_told_at_once(tmp_path: Path) -> None:
    told = faults(tmp_path, debug="1", secret_key="changeme", allowed_hosts="*", key_store="demo")
    assert {"unsafe.debug", "unsafe.secret_weak", "unsafe.demo_keys", "unsafe.any_host"} <= told


@pytest.mark.parametrize(
    "program",
    [
        ["-m", "sscard.app.command", "up"],
        ["-m", "sscard.app.command", "demo"],
        ["-m", "sscard.app.worker"],
        ["-c", "import django, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'sscard.app.settings'; django.setup()"],
        ["-c", "import sscard.app.wsgi"],
    ],
    ids=["up", "demo", "worker", "settings", "wsgi"],
)
def test_no_program_of_the_house_starts_so(tmp_path: Path, program: list[str]) -> None:
    more = {"DJANGO_SETTINGS_MODULE": "sscard.app.settings"}
    done = subprocess.run(
        [sys.executable, *program], env={**environ(tmp_path), **more}, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "production" in said or "secret" in said
    assert not (tmp_path / "postgres").exists(), "nothing was started"


def test_debug_is_off_unless_asked_for(tmp_path: Path) -> None:
    from sscard.app import config

    for profile in ("demo", "sandbox", "test"):
        assert config.load({**environ(tmp_path), "SSCARD_PROFILE": profile}).debug is False


def test_the_gallery_and_the_demo_are_not_there_in_production() -> None:
    """The gallery of page samples is mounted for demo and test only."""
    text = (SOURCE / "portal" / "urls.py").read_text(encoding="utf-8")
    assert 'in ("demo", "test")' in text


def test_a_secret_that_we_made_is_another_in_each_home_and_nobody_else_reads_it(tmp_path: Path) -> None:
    from sscard.app import config

    secrets = set()
    for name in ("a", "b"):
        home = tmp_path / name
        secrets.add(config.load({**environ(home), "SSCARD_PROFILE": "demo"}).secret_key)
        for kept in (home / "secrets").iterdir():
            assert kept.stat().st_mode & 0o077 == 0, kept
    assert len(secrets) == 2
    assert min(len(one) for one in secrets) >= config.SECRET_MIN_CHARACTERS


ASSIGNED = re.compile(
    r"""(?ix) \b(password|passwd|secret|secret_key|totp|pin|api_key|token)["']?\s*[:=]\s*["']([\w!@#$%^&*.+=/-]{4,})["']"""
)
HARMLESS = {
    "netbank_totp",
    "password",
    "current-password",
    "new-password",
    "one-time-code",
    "digits",
    "csrfmiddlewaretoken",
}


def literals() -> list[tuple[str, str]]:
    """What looks like a secret written into the product: (place, text). The virtual world's people choose their own."""
    found = []
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix in (".py", ".html", ".js", ".json", ".yaml", ".cfg") and not {"migrations", "sim"} & set(
            path.parts
        ):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                for hit in ASSIGNED.finditer(line):
                    text = hit[2]
                    if text not in HARMLESS and not re.fullmatch(r"[a-z_]+(\.[a-z_]+)+|/[\w/-]*|front\.\w+", text):
                        found.append((f"{path.relative_to(SOURCE)}:{number}", text))
    return found


def test_no_password_or_key_is_written_into_the_product() -> None:
    """Words of forms (types, labels' codes) are none; a new hit is looked at by a human and goes, or into HARMLESS."""
    assert literals() == []


def test_nobody_can_sign_in_in_a_house_that_was_just_made(fresh_house: Any) -> None:
    """No default account: before the first one is made there are none at all."""
    from sscard.control.models import Program, Staff

    assert Staff.objects.count() == 0
    assert Program.objects.count() == 0


def test_the_demos_sign_ins_are_random_each_time(house: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sscard.control import passwords
    from sscard.sim import city

    made = []
    monkeypatch.setattr(passwords, "hashed", lambda clear: made.append(clear) or "!")
    book = city.found(tmp_path)
    assert len(set(made)) == len(made) == len(book.staff)
    assert all(len(one) >= passwords.STAFF_MINIMUM for one in made)
    assert len({one.totp for one in book.staff.values()}) == len(made)
    assert len({one.secret for one in book.programs.values()}) == len(book.programs)
    assert book.path.stat().st_mode & 0o077 == 0


def test_no_setting_has_a_secret_as_its_default() -> None:
    from dataclasses import fields

    from sscard.app.config import Config

    for one in fields(Config):
        if any(word in one.name for word in ("secret", "password", "url", "key")):
            assert str(one.default) in ("", ".", "demo"), one.name
    packaged = tomllib.loads((SOURCE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    assert "SSCARD" not in str(packaged)
