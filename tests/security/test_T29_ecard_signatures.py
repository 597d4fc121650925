"""T29, T31 for the electronic card: codes that nobody signed, and who may sign. OpenSSL's own command is the second opinion."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "cards"))

import ecard_kit as kit

from sscard.cards.electronic import offline, platform
from sscard.codes.ecard_code import Claims, pack
from sscard.kernel.keyclient import KeyRefused, keys
from sscard.keys import recipes
from sscard.sim.national import site

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture(scope="module")
def shown(_module_house: Any) -> dict[str, Any]:
    with _module_house.entered():
        one, token = kit.ready()
        return {"one": one, "token": token, **kit.code(one, token)}


def der(r: int, s: int) -> bytes:
    def number(value: int) -> bytes:
        raw = value.to_bytes(max(1, (value.bit_length() + 8) // 8), "big")
        return b"\x02" + bytes((len(raw),)) + raw

    inner = number(r) + number(s)
    return b"\x30" + bytes((len(inner),)) + inner


ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123


def test_every_forgery_is_told_from_a_code(shown: dict[str, Any]) -> None:
    now = datetime.now(UTC)
    claims, signed, signature = Claims.parse(shown["code"])
    assert platform.genuine(shown["code"], now) == (claims, "")
    head, body, _ = shown["code"].split(".")
    public, private = recipes.sm2_pair()
    theirs = recipes.sm2_sign(private, public, signed)
    longer = Claims(claims.area, 2, claims.issued, 600, claims.number, claims.handle, claims.key)
    no_such_key = Claims(claims.area, 1, claims.issued, 60, claims.number, claims.handle, "NP-9")
    bad = {
        "empty": f"{head}.{body}.",
        "none": f"{head}.{body}.{pack(b'none')}",
        "truncated": shown["code"][:-4],
        "other key": f"{head}.{body}.{pack(theirs)}",
        "other body": f"{longer.text()}.{pack(signature)}",
        "unknown key id": f"{no_such_key.text()}.{pack(theirs)}",
        "r = 0": f"{head}.{body}.{pack(der(0, 5))}",
        "s = 0": f"{head}.{body}.{pack(der(5, 0))}",
        "r = n": f"{head}.{body}.{pack(der(ORDER, 5))}",
        "r + s = n": f"{head}.{body}.{pack(der(5, ORDER - 5))}",
        "another mark": shown["code"].replace("SSC1", "SSC0"),
        "appended": shown["code"] + "AAAA",
    }
    for name, code in bad.items():
        assert platform.genuine(code, now) == (None, "forged"), name
    school = kit.checker()
    for name, code in bad.items():
        if code.startswith("SSC1."):
            told = kit.check(school, code=code)
            assert (told.answer["valid"], told.answer["reason"]) == (False, "forged"), name
            assert "facts" not in told.once
    assert kit.check(school, code=shown["code"]).answer["valid"]  # all of that has not used the true one up


def test_openssl_verifies_what_the_platform_signed(shown: dict[str, Any], tmp_path: Path) -> None:
    """An implementation that nobody here wrote, by nothing but what is published."""
    made = kit.code(shown["one"], shown["token"])
    _, signed, signature = Claims.parse(made["code"])
    (key,) = (one for one in site.platform().published() if one["valid_to"] is None)
    for name, data in (("key.pem", key["pem"].encode()), ("signature", signature), ("signed", signed)):
        (tmp_path / name).write_bytes(data)

    def openssl() -> subprocess.CompletedProcess[str]:
        words = "pkeyutl -verify -pubin -inkey key.pem -sigfile signature -rawin -in signed -digest sm3"
        return subprocess.run(
            ["openssl", *words.split(), "-pkeyopt", "distid:1234567812345678"], cwd=tmp_path, capture_output=True,
            text=True, check=False,
        )  # fmt: skip

    assert openssl().returncode == 0, openssl().stderr
    (tmp_path / "signed").write_bytes(signed[:-1] + bytes((signed[-1] ^ 1,)))
    assert openssl().returncode != 0


def test_off_line_by_key_and_list_alone(shown: dict[str, Any]) -> None:
    one, token = kit.ready()
    code, now = kit.code(one, token)["code"], datetime.now(UTC)
    held = offline.published(code)
    assert offline.verify(code, held, now).good
    assert offline.verify(code, held, now + timedelta(seconds=61)).reason == "expired"
    assert offline.verify(code, held, now - timedelta(seconds=30)).reason == "expired"
    kit.social(one, "report_temp")
    site.platform()._lists.clear()  # the next list, which a scanner fetches now and then
    assert offline.verify(code, offline.published(code), now).reason == "card_stopped"
    text = held.lists[one.area]
    body, _, signature = text.rpartition(".")
    told = json.loads(offline.unpack(body))
    forged = pack(json.dumps({**told, "handles": []}).encode()) + "." + signature
    assert offline.read_list(forged, held.keys, now) is None
    assert offline.read_list(text, held.keys, now + timedelta(days=2)) is None


def test_nobody_but_the_platform_signs_as_the_platform() -> None:
    """T31: the key serves no other verb, and its own verb asks for the platform's credential, which stands once for all."""
    for call in (
        lambda: keys().sign("platform.ecard", b"m"),
        lambda: keys().sign("ecard", b"m"),
        lambda: keys().platform_sign(b"", b"m"),
        lambda: keys().platform_sign(bytes(32), b"m"),
        lambda: keys().platform_claim(bytes(32)),
        lambda: keys().platform_rotate(b"\1" * 32),
    ):
        with pytest.raises(KeyRefused) as no:
            call()
        assert no.value.code in ("keys.wrong_purpose", "keys.platform_credential")


def test_keys_rotate_and_what_the_old_one_signed_is_good_for_its_minute() -> None:
    one, token = kit.ready()
    before = kit.code(one, token)["code"]
    old = Claims.parse(before)[0].key
    new = site.platform().rotate()
    after = Claims.parse(kit.code(one, token)["code"])[0].key  # the certificate of the old key still counts
    assert after == new != old
    published = {key["key"]: key for key in site.platform().published()}
    assert published[old]["valid_to"] is not None
    assert published[new]["valid_to"] is None
    assert kit.check(kit.checker(), code=before).answer["valid"]
