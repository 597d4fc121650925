"""Configuration: environment over file, every fault at once, and what production refuses."""

from __future__ import annotations

import os
import stat
from dataclasses import fields
from pathlib import Path

import pytest

from sscard.app.config import Config, ConfigFaults, load
from sscard.app.configuration_table import PAGE, page
from sscard.app.secrets_kept import kept_secret

GOOD_SECRET = "q7Zr1Vt9Lk3Xn5Bw8Hc2Jd6Fm4Gp0Sy-EuAoTiRbNvQxWzKj_9Yh5"


def load_with(home: Path, toml: str = "", **settings: str) -> Config:
    (home / "sscard.toml").write_text(toml, encoding="utf-8")
    environ = {f"SSCARD_{name.upper()}": value for name, value in settings.items()}
    return load({"SSCARD_HOME": str(home), "PATH": "/bin", **environ})


def faults_of(home: Path, toml: str = "", **settings: str) -> set[str]:
    with pytest.raises(ConfigFaults) as refusal:
        load_with(home, toml, **settings)
    for language in ("zh", "en"):
        assert "…" not in refusal.value.sentence(language)  # every fact that a sentence needs is there
        assert len(refusal.value.sentence(language).splitlines()) == 1 + len(refusal.value.faults)
    return {code for code, _ in refusal.value.faults}


def test_the_environment_stands_over_the_file(tmp_path: Path) -> None:
    config = load_with(tmp_path, 'portal_port = 9001\nlanguage = "en"\ndebug = true', portal_port="9002")
    assert (config.portal_port, config.language, config.debug) == (9002, "en", True)


def test_defaults_make_a_demo_that_needs_nothing(tmp_path: Path) -> None:
    config = load({"SSCARD_HOME": str(tmp_path)})
    assert (config.profile, config.embedded, config.home) == ("demo", True, tmp_path)
    assert len(os.fsencode(config.runtime / "pg" / ".s.PGSQL.65535")) < 107


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    found = faults_of(
        tmp_path,
        'portal_prot = 1\nlanguage = 3\nallowed_hosts = [1]\ndebug = "perhaps"\ntls_key = "/x"',
        profile="production!",
        portal_port="99999",
        postgres_port="-1",
        database_url="postgresql://x",
        nonsense_xyzzy="1",
    )
    assert found == {
        "unknown_near",
        "unknown",
        "not_text",
        "not_a_list",
        "not_a_boolean",
        "not_a_choice",
        "out_of_range",
        "not_a_number",
        "both_or_neither",
    }


def test_each_fault_names_its_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigFaults) as refusal:
        load_with(tmp_path, "portal_prot = 1", postgres_port="ninety")
    said = refusal.value.sentence("en")
    assert f"{tmp_path}/sscard.toml: there is no setting 'portal_prot'; did you mean 'portal_port'?" in said
    assert "SSCARD_POSTGRES_PORT: 'ninety' is not a whole number." in said


@pytest.mark.parametrize("broken", ["a = ", "\x00", "portal_port = 1\nportal_port = 2"])
def test_a_broken_file_is_refused(tmp_path: Path, broken: str) -> None:
    assert faults_of(tmp_path, broken) == {"not_toml"}


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    assert faults_of(tmp_path, config=str(tmp_path / "other.toml")) == {"no_file"}


def test_production_refuses_debug_made_up_secret_demo_keys_and_any_host(tmp_path: Path) -> None:
    found = faults_of(tmp_path, profile="production", debug="1", allowed_hosts="*,card.example.org")
    assert found == {"unsafe.debug", "unsafe.secret_made_up", "unsafe.demo_keys", "unsafe.any_host"}


@pytest.mark.parametrize("secret", ["short", "x" * 80, "insecure-" + GOOD_SECRET, "demo" * 20])
def test_production_refuses_a_weak_secret(tmp_path: Path, secret: str) -> None:
    assert "unsafe.secret_weak" in faults_of(tmp_path, profile="production", secret_key=secret)


def test_a_good_secret_leaves_only_the_key_store(tmp_path: Path) -> None:
    assert faults_of(tmp_path, profile="production", secret_key=GOOD_SECRET) == {"unsafe.demo_keys"}
    assert load_with(tmp_path, profile="sandbox", debug="1").unsafe() == []


def test_a_socket_path_that_the_system_would_cut_is_refused(tmp_path: Path) -> None:
    assert faults_of(tmp_path, key_service_socket="/tmp/" + "x" * 100) == {"socket_too_long"}


def test_made_up_secrets_are_kept_and_closed(tmp_path: Path) -> None:
    first = load({"SSCARD_HOME": str(tmp_path)}).secret_key
    assert (
        load({"SSCARD_HOME": str(tmp_path)}).secret_key
        == first
        != load({"SSCARD_HOME": str(tmp_path / "b")}).secret_key
    )
    assert len(first) >= 50
    for path in (tmp_path / "secrets").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert kept_secret(tmp_path, "other") != kept_secret(tmp_path, "another")


def test_the_documented_table_is_the_programs_own() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == page()
    assert all(f"`SSCARD_{one.name.upper()}`" in text for one in fields(Config))


def test_banks_sites_have_hosts_of_their_own(tmp_path: Path) -> None:
    found = load({"SSCARD_HOME": str(tmp_path), "SSCARD_BANK_HOSTS": "CCB=ebank.example.org, ICBC=icbc.example.org"})
    assert found.banks == {"ebank.example.org": "CCB", "icbc.example.org": "ICBC"}
    assert {"ebank.example.org", "icbc.example.org", "localhost"} <= set(found.allowed_hosts)
    assert found.bank_url("ICBC") == "https://icbc.example.org:8443"
    assert found.bank_url("BOCOM") == ""
    for wrong in ("ebank.example.org", "CCB=", "ccb=ebank.example.org", "CCB=localhost"):
        with pytest.raises(ConfigFaults):
            load({"SSCARD_HOME": str(tmp_path), "SSCARD_BANK_HOSTS": wrong})
