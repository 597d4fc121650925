"""The script of docs/integrator-oauth.md, as it stands there, run by the shell against the served portal."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from jwskate import Jwk

from binding_kit import REDIRECT, Browser, Partner, answer_of, holder

PAGE = Path(__file__).resolve().parents[2] / "docs" / "integrator-oauth.md"


def test_the_page_can_be_followed(partner: Partner, tmp_path: Path) -> None:
    blocks = re.findall(r"```sh\n(# link-\d.*?)```", PAGE.read_text("utf-8"), re.S)
    assert len(blocks) == 2
    pem = tmp_path / "key.pem"
    subprocess.run(["openssl", "genrsa", "-out", str(pem), "2048"], check=True, capture_output=True)
    public = dict(Jwk.from_pem(pem.read_text()).public_jwk())
    client = Partner.register(partner.url, bank="ICBC", jwks={"keys": [public]})
    one = holder()
    environ = {
        "PATH": "/usr/bin:/bin", "BUREAU": partner.url, "CLIENT": client.client_id, "KEY": str(pem), "REDIRECT": REDIRECT,
        "CARD": one.card_number, "ID": one.id_number,
    }  # fmt: skip

    def run(script: str, **more: str) -> str:
        done = subprocess.run(
            ["bash", "-euc", script], env={**environ, **more}, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    address = run(blocks[0])
    browser = Browser(partner.url)
    first = browser.get(address)
    code = answer_of(browser.agree(browser.get(first.headers["Location"]), one))["code"]
    functions = blocks[0][: blocks[0].index("verifier=")]
    told = json.loads(run(functions + blocks[1], CODE=code))
    assert (told["state"], told["actions"]) == ("AUTHORISED", ["status"])
