"""Configuration: environment (`SSCARD_*`) over one TOML file (`SSCARD_CONFIG`, else `sscard.toml` in the home folder).

Each field of `Config` is one setting; its metadata is the table in docs/configuration.md. Unknown names and wrong
values are refused all at once, each with its place (`ConfigFaults`). Nothing else in the house reads the environment.
"""
# ruff: noqa: RUF009 - `_setting` gives dataclasses.field, which is what a default may call

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sscard.app.database import Urls, embedded_urls, external_urls
from sscard.app.faults import OperatorFault, sentence
from sscard.app.secrets_kept import kept_secret

CHECKOUT = Path(__file__).resolve().parents[3]
PROFILES = ("demo", "sandbox", "production", "test")
KEY_STORES = ("demo", "sealed", "pkcs11")
SECRET_MIN_CHARACTERS = 50
SOCKET_PATH_MAX_BYTES = 107  # sun_path of a Unix socket, with its closing zero
BANK_HOST = re.compile(r"[A-Z]{2,8}=[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
DEMO_WORDS = ("demo", "insecure", "changeme", "change-me", "secret", "password")


Fault = tuple[str, dict[str, Any]]
"""A code below `notice.app.config.` and its facts."""


class ConfigFaults(OperatorFault):
    """All that is wrong with the configuration, one sentence each with its place."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("config.faults", count=len(faults))
        self.faults = faults

    def sentence(self, language: str) -> str:
        lines = [sentence(f"config.{code}", language, **facts) for code, facts in self.faults]
        return "\n".join([super().sentence(language), *(f"  - {line}" for line in lines)])


class _ValueFaultError(ValueError):
    """Why a value can't be taken; `code` below `notice.app.config.`."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


def _setting(default: Any, help_: str, *, choices: tuple[str, ...] = (), low: int = 0, high: int = 0) -> Any:
    return field(default=default, metadata={"help": help_, "choices": choices, "low": low, "high": high})


def default_home() -> Path:
    """`.sscard` in the checkout, or in the user's home folder where the package was installed otherwise."""
    return (CHECKOUT if (CHECKOUT / "pyproject.toml").is_file() else Path.home()) / ".sscard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """One frozen record of how this installation runs."""

    home: Path = _setting(Path(), "state folder: database, keys, secrets, logs; default `.sscard` in the checkout")
    profile: str = _setting(
        "demo",
        "what this installation is for; `production` refuses debug, made-up secrets and the demo key store",
        choices=PROFILES,
    )
    language: str = _setting("zh", "language of the command line and of `doctor`", choices=("zh", "en"))
    debug: bool = _setting(False, "Django's debug pages; refused in production")
    secret_key: str = _setting(
        "", f"Django's signing secret, at least {SECRET_MIN_CHARACTERS} characters; made and kept when empty"
    )
    key_store: str = _setting(
        "demo",
        "who holds the key service's root key: `demo` opens by itself, which production refuses; see docs/keys.md",
        choices=KEY_STORES,
    )
    key_service_socket: Path = _setting(Path(), "Unix socket of the key service; default in the runtime folder")
    runtime: Path = _setting(Path(), "short folder for sockets; default below `/run` or `XDG_RUNTIME_DIR`")
    database_url: str = _setting("", "your PostgreSQL, signing in as `sscard_app`; empty: the embedded one")
    owner_url: str = _setting("", "the same server for the owner of the tables; needed with `database_url`")
    database_name: str = _setting("sscard", "name of the database in the embedded PostgreSQL")
    postgres_bin: str = _setting("", "folder with PostgreSQL's programs (15 or newer); empty: the packaged ones")
    postgres_port: int = _setting(0, "port of the embedded PostgreSQL on 127.0.0.1; 0: a free one, kept", high=65535)
    postgres_shared_buffers_mb: int = _setting(64, "PostgreSQL's shared memory in MB", low=8, high=1_048_576)
    postgres_max_wal_size_mb: int = _setting(1024, "size of the write-ahead log in MB", low=256, high=65_536)
    postgres_max_connections: int = _setting(60, "connections that PostgreSQL accepts", low=20, high=2000)
    portal_host: str = _setting("localhost", "host name that people type")
    portal_bind: str = _setting("127.0.0.1", "address the portal listens on")
    portal_port: int = _setting(8443, "port of pages and JSON API, TLS", low=1, high=65535)
    portal_threads: int = _setting(
        8, "requests that the portal works on at a time; each holds a connection to the database", low=2, high=64
    )
    gateway: bool = _setting(True, "start the gateway, the banks' programs' fast side")
    gateway_bind: str = _setting("127.0.0.1", "address the gateway listens on")
    gateway_port: int = _setting(0, "port of the gateway, TLS; 0: the portal's and one more", low=0, high=65535)
    allowed_hosts: tuple[str, ...] = _setting(
        ("localhost", "127.0.0.1", "[::1]"),
        "host names the portal answers to besides `portal_host`, with commas between them",
    )
    bank_hosts: tuple[str, ...] = _setting(
        ("CCB=ccb.localhost", "ICBC=icbc.localhost", "BOCOM=bocom.localhost", "ABC=abc.localhost"),
        "on-line banks served beside the portal, a site of its own each: `CODE=host.name`; none in production by default",
    )
    national_host: str = _setting(
        "national.localhost",
        "host of the virtual national platform, which signs electronic cards; none in production by default",
    )
    national_url: str = _setting("", "https address of the real national platform; empty: the virtual one, or none")
    national_name: str = _setting("", "name of this house as a channel of the national platform")
    national_secret: str = _setting("", "key of this channel at the national platform")
    reader_port: int = _setting(
        17650, "loopback port of the reader services at desks; 0: pages look for none", low=0, high=65535
    )
    hook_hosts: tuple[str, ...] = _setting(
        (), "hosts that web hooks may be sent to, exact or `*.example.com`; empty: none but local listeners"
    )
    hook_loopback: bool = _setting(
        False, "sandboxes may send web hooks to this machine itself, for a developer on his own; ignored in production"
    )
    tls_certificate: Path = _setting(Path(), "certificate chain (PEM); default: made for this machine")
    tls_key: Path = _setting(Path(), "private key of the certificate (PEM); default: made for this machine")

    @property
    def embedded(self) -> bool:
        return not self.database_url

    @property
    def logs(self) -> Path:
        return self.home / "log"

    @property
    def portal_url(self) -> str:
        return f"https://{self.portal_host}:{self.portal_port}"

    @property
    def gateway_url(self) -> str:
        return f"https://{self.portal_host}:{self.gateway_port}"

    @property
    def banks(self) -> dict[str, str]:
        """Host name of an on-line bank → the bank's code."""
        pairs = (one.partition("=") for one in self.bank_hosts)
        return {host.strip().lower(): code.strip() for code, _, host in pairs}

    def bank_url(self, bank: str) -> str:
        """Address of a bank's site, or "" when it has none here."""
        host = next((host for host, code in self.banks.items() if code == bank), "")
        return f"https://{host}:{self.portal_port}" if host else ""

    def urls(self) -> Urls:
        """Where the database is, one URL a role; of the embedded one as its last start wrote it."""
        if self.embedded:
            return embedded_urls(self.home, self.database_name)
        return external_urls(self.home, self.database_url, self.owner_url)

    def unsafe(self) -> list[str]:
        """Codes of what forbids this configuration in production (words: `notice.app.config.unsafe.*`)."""
        if self.profile != "production":
            return []
        bad = {
            "debug": self.debug,
            "secret_made_up": self.secret_key == _kept(self.home),
            "secret_weak": len(self.secret_key) < SECRET_MIN_CHARACTERS
            or len(set(self.secret_key)) < 12
            or any(word in self.secret_key.lower() for word in DEMO_WORDS),
            "demo_keys": self.key_store == "demo",
            "any_host": "*" in self.allowed_hosts,
        }
        return [code for code, is_bad in bad.items() if is_bad]

    def with_hosts(self) -> Config:
        """With every host name of ours among those that are answered to."""
        if "*" in self.allowed_hosts:
            return self
        names = (*self.allowed_hosts, self.portal_host, *self.banks, *filter(None, (self.national_host,)))
        return replace(self, allowed_hosts=(*dict.fromkeys(names),))


def _kept(home: Path) -> str:
    path = home / "secrets" / "django"
    return path.read_text(encoding="ascii").strip() if path.is_file() else ""


def load(environ: Mapping[str, str] | None = None, *, even_unsafe: bool = False) -> Config:
    """Read, check and complete the configuration. Raises `ConfigFaults` with everything that is wrong.

    A production profile that is not safe is refused here, so no process of the house starts with it; only `doctor`
    loads it `even_unsafe`, to say so.
    """
    env = os.environ if environ is None else environ
    faults: list[Fault] = []
    home = Path(env.get("SSCARD_HOME") or default_home()).expanduser().absolute()
    values: dict[str, Any] = {}
    for place, name, raw in (*_from_file(env, home, faults), *_from_environment(env, faults)):
        try:
            values[name] = _convert(name, raw)
        except _ValueFaultError as wrong:
            faults.append((wrong.code, {"place": place, **wrong.facts}))
    for one, other in (("database_url", "owner_url"), ("tls_certificate", "tls_key")):
        if bool(values.get(one)) != bool(values.get(other)):
            faults.append(("both_or_neither", {"one": one, "other": other}))
    if values.get("profile") == "production":
        values.setdefault("bank_hosts", ())
        values.setdefault("national_host", "")
    if any(one.endswith(f"={values.get('portal_host', 'localhost')}") for one in values.get("bank_hosts", ())):
        faults.append(("bank_at_portal", {"place": "bank_hosts"}))
    if faults:
        raise ConfigFaults(faults)
    config = _complete(values, home)
    if not even_unsafe and (unsafe := config.unsafe()):
        raise ConfigFaults([(f"unsafe.{code}", {}) for code in unsafe])
    return config


def _complete(values: dict[str, Any], home: Path) -> Config:
    values["home"] = home
    runtime = values.setdefault("runtime", default_runtime(home))
    values.setdefault("key_service_socket", runtime / "keys.sock")
    values["gateway_port"] = values.get("gateway_port") or min(values.get("portal_port", 8443) + 1, 65535)
    values.setdefault("tls_certificate", home / "tls" / "portal.pem")
    values.setdefault("tls_key", home / "tls" / "portal.key")
    if not values.get("secret_key"):
        values["secret_key"] = kept_secret(home, "django", characters=64)
    if len(os.fsencode(values["key_service_socket"])) > SOCKET_PATH_MAX_BYTES - 8:
        raise ConfigFaults([("socket_too_long", {"path": values["key_service_socket"]})])
    return Config(**values).with_hosts()


def default_runtime(home: Path) -> Path:
    """A short folder of this home's own: Unix socket paths must stay under 107 bytes."""
    mark = hashlib.sha256(os.fsencode(home)).hexdigest()[:10]
    if os.geteuid() == 0 and Path("/run").is_dir():
        return Path("/run/sscard") / mark
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    if base and Path(base).is_dir() and len(os.fsencode(base)) < SOCKET_PATH_MAX_BYTES - 50:
        return Path(base) / f"sscard-{mark}"
    return Path("/tmp") / f"sscard-{os.geteuid()}-{mark}"  # noqa: S108 - made with mode 711 and its owner checked


def _from_file(env: Mapping[str, str], home: Path, faults: list[Fault]) -> list[tuple[str, str, Any]]:
    path = Path(env.get("SSCARD_CONFIG") or home / "sscard.toml")
    if not path.is_file():
        if env.get("SSCARD_CONFIG"):
            faults.append(("no_file", {"path": path}))
        return []
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        faults.append(("not_toml", {"path": path, "said": error}))
        return []
    names = _names() - {"home"}
    faults += [_unknown(str(path), name, names) for name in content if name not in names]
    return [(f"{path}: {name}", name, raw) for name, raw in content.items() if name in names]


def _from_environment(env: Mapping[str, str], faults: list[Fault]) -> list[tuple[str, str, Any]]:
    found = []
    for variable, raw in env.items():
        if not variable.startswith("SSCARD_") or variable in OTHER_VARIABLES:
            continue
        name = variable.removeprefix("SSCARD_").lower()
        if name not in _names():
            faults.append(_unknown(variable, name, _names()))
        elif raw != "":
            found.append((variable, name, raw))
    return found


OTHER_VARIABLES = {
    "SSCARD_HOME": "state folder; only here, since the TOML file is looked for in it",
    "SSCARD_CONFIG": "path of the TOML file; default `sscard.toml` in the home folder",
    "SSCARD_AREAS": "folder of area packs; default `areas` of the checkout",
    "SSCARD_PROGRAM_KEY": "key of a bank's file program (`sscard bank-files`)",
    "SSCARD_PRODUCER_HOME": "folder of a virtual producer (`sscard producer`)",
    "SSCARD_DEVICE_SERVER": "address of the service for virtual devices (`sscard device`)",
    "SSCARD_DEVICE_TRUST": "authority of that service's certificate",
    "SSCARD_DEVICE_WALLET": "wallet folder of the virtual devices",
    "SSCARD_KEY_SOCKET": "socket of the key service for a program that has no configuration",
    "SSCARD_NO_SKIP": "tests only: 1 makes a skipped test a failed one",
    "SSCARD_PICTURES": "tests only: 1 keeps a picture of every page that is looked at",
}


def _names() -> set[str]:
    return {one.name for one in fields(Config)}


def _unknown(place: str, name: str, names: set[str]) -> Fault:
    near = get_close_matches(name, names, n=1)
    return ("unknown_near" if near else "unknown", {"place": place, "name": name, "near": near[0] if near else ""})


def _convert(name: str, raw: Any) -> Any:
    """A value of the field's type, from text (environment) or from TOML. Raises _ValueFaultError."""
    one = next(item for item in fields(Config) if item.name == name)
    kind, meta = str(one.type), one.metadata
    if kind == "bool":
        return _boolean(raw)
    if kind == "int":
        number = _whole_number(raw)
        if number < meta["low"] or (meta["high"] and number > meta["high"]):
            raise _ValueFaultError("out_of_range", value=number, low=meta["low"], high=meta["high"])
        return number
    if kind.startswith("tuple"):
        items = raw.split(",") if isinstance(raw, str) else raw
        if not isinstance(items, list) or not all(isinstance(item, str) and item.strip() for item in items):
            raise _ValueFaultError("not_a_list")
        if name == "bank_hosts" and not all(BANK_HOST.fullmatch(item.strip()) for item in items):
            raise _ValueFaultError("not_bank_hosts")
        return tuple(item.strip() for item in items)
    if not isinstance(raw, str):
        raise _ValueFaultError("not_text")
    if meta["choices"] and raw not in meta["choices"]:
        raise _ValueFaultError("not_a_choice", value=raw, choices=", ".join(meta["choices"]))
    return Path(raw).expanduser().absolute() if kind == "Path" else raw


def _boolean(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    known = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if str(raw).lower() not in known:
        raise _ValueFaultError("not_a_boolean", value=raw)
    return known[str(raw).lower()]


def _whole_number(raw: Any) -> int:
    if isinstance(raw, bool) or not str(raw).isascii() or not str(raw).isdigit():
        raise _ValueFaultError("not_a_number", value=raw)
    return int(raw)
