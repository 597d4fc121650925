"""The table of docs/configuration.md, made from `Config` itself: `python -m sscard.app.configuration_table`."""

from __future__ import annotations

from dataclasses import MISSING, fields
from pathlib import Path

from sscard.app.config import CHECKOUT, OTHER_VARIABLES, Config

PAGE = CHECKOUT / "docs" / "configuration.md"
HEAD = """\
# Configuration

For operators. Every setting is an environment variable `SSCARD_…` or a line of one TOML file, `sscard.toml` in the
state folder (or the file that `SSCARD_CONFIG` names). The environment wins. A name that is not in this table, or a value
that does not fit, is refused at start, all of them at once. Nothing else is read from the environment.

```toml
# sscard.toml
profile = "sandbox"
portal_port = 8443
allowed_hosts = ["card.example.org"]
```

Your own PostgreSQL (15 or newer) instead of the embedded one: create the roles `sscard_owner` (owner of the database,
with `createrole` if sscard shall create the others) and `sscard_app`, and give both URLs. `sscard doctor` says what is
unsafe about the server.

A production profile refuses to start with debug pages, a made-up or weak `secret_key`, `*` among the hosts, or the demo
key store, and with a database without checksums.

"""
FOOT = "\nThis table is made from the program (`python -m sscard.app.configuration_table`), and a test compares them.\n"


def page() -> str:
    """The whole page."""
    rows = ["| TOML | environment | default | meaning |", "|---|---|---|---|"]
    rows += [f"| – | `{name}` | – | {text} |" for name, text in OTHER_VARIABLES.items()]
    rows += [_row(one.name, one.default, dict(one.metadata)) for one in fields(Config) if one.name != "home"]
    return HEAD + "\n".join(rows) + "\n" + FOOT


def _row(name: str, default: object, meta: dict[str, object]) -> str:
    shown = "–" if default in (MISSING, "", (), Path()) else f"`{_plain(default)}`"
    choices, low, high = meta["choices"], meta["low"], meta["high"]
    limits = f"; one of {', '.join(f'`{one}`' for one in choices)}" if choices else ""  # type: ignore[attr-defined]
    limits += f"; {low}–{high}" if high else ""
    return f"| `{name}` | `SSCARD_{name.upper()}` | {shown} | {meta['help']}{limits} |"


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, tuple) else str(value)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
