"""ACT-5, ACT-6, ACT-10 by the outside: the savings function asked about, opened in seven steps, banks compared."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from pdfsig_kit import changed, pdfsig
from rows_kit import Walked, refused

pytestmark = pytest.mark.slow


@pytest.mark.row("ACT-5")
def test_the_same_answer_at_counter_phone_and_page(saved: Walked) -> None:
    saved.all_green("ACT-5", least=5)
    said = [outcome.facts["said"] for _, outcome in saved.steps_of("ACT-5") if "said" in outcome.facts]
    assert len(set(said)) == 4, "none, under way, asleep, awake"
    for sentence in said:
        assert saved.world.hero.body.name not in sentence
        assert "¥" not in sentence


@pytest.mark.row("ACT-5")
def test_another_banks_teller_is_told_the_bank_and_nothing_else(saved: Walked) -> None:
    other = saved.world.staff(f"teller.{saved.world.place.other_branch}")
    no = refused(lambda: other.get(f"/api/bank/accounts/{saved.world.hero.account}/savings"))
    assert no.code == "bank.other_bank"


@pytest.mark.row("ACT-6")
def test_seven_steps_each_with_its_refusals(saved: Walked) -> None:
    saved.all_green("ACT-6", least=14)


@pytest.mark.row("ACT-6")
@pytest.mark.skipif(not shutil.which("pdfsig") or not shutil.which("certutil"), reason="poppler-utils, libnss3-tools")
def test_the_agreement_is_verified_by_a_program_of_others(saved: Walked, tmp_path: Path) -> None:
    """The file as the holder downloads it, the authority as everybody can fetch it."""
    file = saved.world.holder().raw("GET", f"/api/documents/{saved.world.facts['agreement']}")
    root = saved.world.nobody().raw("GET", "/api/document-authority")
    whole, torn = pdfsig(file, root, tmp_path / "whole"), pdfsig(changed(file), root, tmp_path / "torn")
    assert whole.count("Signature is Valid.") == 2
    assert whole.count("Certificate is Trusted.") == 2
    assert saved.world.hero.body.name in whole
    assert "Signature is Valid." not in torn


@pytest.mark.row("ACT-6")
def test_the_papers_are_his_and_the_banks_only(saved: Walked) -> None:
    path = f"/api/documents/{saved.world.facts['agreement']}"
    for who in ("clerk", f"teller.{saved.world.place.other_branch}"):
        assert refused(lambda who=who: saved.world.staff(who).raw("GET", path)).code in (
            "control.not_found", "control.not_allowed"
        )  # fmt: skip
    assert refused(lambda: saved.world.nobody().raw("GET", path)).code == "api.sign_in_needed"


@pytest.mark.row("ACT-6")
@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_the_time_stamping_service_answers_any_program(saved: Walked, tmp_path: Path) -> None:
    data, query, reply, root = (tmp_path / name for name in ("data", "query", "reply", "root.pem"))
    data.write_bytes(b"seen")
    root.write_bytes(saved.world.nobody().raw("GET", "/api/document-authority"))
    ask = ["openssl", "ts", "-query", "-data", str(data), "-sha256", "-cert", "-out", str(query)]
    subprocess.run(ask, check=True, capture_output=True)
    headers = {"Content-Type": "application/timestamp-query"}
    reply.write_bytes(saved.world.nobody().raw("POST", "/api/time-stamps", query.read_bytes(), **headers))
    verify = ["openssl", "ts", "-verify", "-queryfile", str(query), "-in", str(reply), "-CAfile", str(root)]
    done = subprocess.run(verify, capture_output=True, check=False)
    assert b"Verification: OK" in done.stdout + done.stderr


@pytest.mark.row("ACT-7")
@pytest.mark.row("BNK-1")
def test_afterwards_the_money_is_moved_on_the_banks_site(saved: Walked) -> None:
    """Balance, transfer, top-up: the document's third step after activation."""
    saved.all_green("ACT-7", least=5)
    saved.all_green("BNK-1", least=6)


@pytest.mark.row("ACT-10")
def test_banks_are_compared_and_differ_by_data(saved: Walked) -> None:
    saved.all_green("ACT-10", least=4)
    found = saved.world.nobody().get("/api/areas/990100/savings")
    by_bank = {one["code"]: one for one in found["banks"]}
    assert {"CCB", "ICBC", "BOCOM"} <= set(by_bank)
    notice = {code: next(f for f in one["functions"] if f["code"] == "notice") for code, one in by_bank.items()}
    assert notice["CCB"]["offered"]
    assert not notice["ICBC"]["offered"]
    assert notice["ICBC"]["terms"]
    assert len({one["limits"]["purchase_day_fen"] for one in by_bank.values()}) > 1
    assert all(fee["text"] for one in by_bank.values() for fee in one["fees"])


@pytest.mark.row("ACT-10")
def test_the_comparison_is_a_page_for_everybody(saved: Walked) -> None:
    page = saved.world.nobody().raw("GET", "/savings/990100/").decode()
    found = saved.world.nobody().json("GET", "/api/areas/990100/savings", **{"Accept-Language": "zh"})
    for bank in found["banks"]:
        assert bank["name"] in page
        assert all(fee["text"] in page for fee in bank["fees"])
