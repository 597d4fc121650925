"""The script of docs/integrator-oauth.md, as it stands there, run by the shell against the served portal: from a sandbox's key
to the records of a bound card."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from binding_kit import Browser, _path
from partners_kit import tenant
from tests_support import free_port

if TYPE_CHECKING:
    from tests_support import House

PAGE = Path(__file__).resolve().parents[2] / "docs" / "integrator-oauth.md"


def test_the_page_can_be_followed(house: House, bureau: str, tmp_path: Path) -> None:
    blocks = re.findall(r"```sh\n(# link-\d.*?)```", PAGE.read_text("utf-8"), re.S)
    assert [block[:8] for block in blocks] == ["# link-0", "# link-1", "# link-2"]
    at, back = tenant(), f"http://127.0.0.1:{free_port()}/back"
    key = at.keys["sandbox"]
    script = tmp_path / "link.sh"
    script.write_text("".join(blocks))
    environ = {
        "PATH": "/usr/bin:/bin", "BUREAU": bureau, "SANDBOX": f"{key['name']}:{key['key']}", "REDIRECT": back,
        "TRUST": str(Path(os.environ["SSCARD_HOME"]) / "tls" / "authority.pem"),
    }  # fmt: skip
    run = subprocess.Popen(
        ["bash", "-eu", str(script)],
        env=environ,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert run.stdout is not None
        address = run.stdout.readline().removeprefix("Open ").strip()
        assert address, run.communicate(timeout=10)
        came(Browser(bureau), address)
        out, err = run.communicate(timeout=120)
    finally:
        run.kill()
    assert run.returncode == 0, err
    link, status, contributions, totals, charges = map(json.loads, out.strip().splitlines())
    assert (link["state"], len(link["actions"])) == ("AUTHORISED", 4)
    assert {one["state"] for one in status["insurance"]} == {"current"}
    assert len(contributions) in (2, 3)
    assert totals["pension"]["balance_fen"] > totals["medical"]["balance_fen"] > 0
    assert [one["amount_fen"] for one in charges] == [38_000]


def test_a_refusal_is_said_and_nothing_else(house: House, bureau: str, tmp_path: Path) -> None:
    """One client too many in a sandbox, and a wrong key: the refusal's own sentence and next step, no traceback."""
    from sscard.partners.sandbox.oauth_clients import MOST_CLIENTS

    (first,) = re.findall(r"```sh\n(# link-0.*?)```", PAGE.read_text("utf-8"), re.S)
    at = tenant()
    key = at.keys["sandbox"]
    environ = {
        "PATH": "/usr/bin:/bin", "BUREAU": bureau, "REDIRECT": "http://127.0.0.1:5000/back",
        "TRUST": str(Path(os.environ["SSCARD_HOME"]) / "tls" / "authority.pem"),
    }  # fmt: skip

    def run(secret: str) -> Any:
        given = {**environ, "SANDBOX": f"{key['name']}:{secret}"}
        return subprocess.run(
            ["bash", "-eu", "-c", first],
            env=given,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    told = [run(key["key"]) for _ in range(MOST_CLIENTS + 1)]
    assert [one.returncode for one in told] == [0] * MOST_CLIENTS + [1], told[0].stderr
    for said in ("partners.clients_most", "一个沙盒最多 5 个", "at most 5 active", "Stop one that is not needed"):
        assert said in told[-1].stderr
    wrong = run("x" * 32)
    assert wrong.returncode == 1
    assert "control.sign_in" in wrong.stderr
    assert "Traceback" not in told[-1].stderr + wrong.stderr


def came(browser: Browser, address: str) -> Any:
    """The holder's browser: agrees by the magic code, and follows the way back to the script."""
    first = browser.get(address)
    page = browser.get(first.headers["Location"])
    told = browser.post(_path(page) + "agree/", browser.send_code(page), code="900001")
    assert told.status_code == 303, told.text
    for _ in range(50):  # the script may be a moment away from listening
        try:
            return requests.get(told.headers["Location"], timeout=10)
        except requests.ConnectionError:
            import time

            time.sleep(0.1)
    raise AssertionError("nobody listens at the redirect address")
