"""ACT-7 through the outside: everyday money at the bank's site, at terminals and between banks, with its clearing house."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from pdfsig_kit import changed, pdfsig
from rows_kit import Walked, refused, world_of
from sscard.documents import checking
from sscard.sim.story import bank, online, quick
from sscard.sim.story import world as worlds
from sscard.sim.story.world import World
from tests_support import RunningHouse

pytestmark = pytest.mark.slow
ROW = pytest.mark.row("ACT-7")
SHOP = "云溪书店"


@pytest.fixture(scope="module")
def clearing(city: RunningHouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The clearing house as a program of its own, joined by the house's own commands."""
    home = tmp_path_factory.mktemp("clearing")
    program = [sys.executable, "-m", "sscard.sim.clearing"]
    made = subprocess.run([*program, "set-up", "--home", str(home)], capture_output=True, text=True, check=True)
    public = json.loads(made.stdout)["public"]
    ours = city.command("clearing", "public")
    assert ours.returncode == 0, ours.stderr
    (home / "ours.json").write_text(ours.stdout)
    subprocess.run([*program, "trust", str(home / "ours.json"), "--home", str(home)], check=True)
    serve = subprocess.Popen([*program, "serve", "--home", str(home), "--port", "0"], stdout=subprocess.PIPE, text=True)
    assert serve.stdout is not None
    url = serve.stdout.readline().strip()
    assert city.command("clearing", "connect", url, public).returncode == 0
    yield url
    serve.terminate()
    serve.wait(20)


@pytest.fixture(scope="module")
def elsewhere(city: RunningHouse, walked: Walked) -> World:
    """Two people of the area whose cards are another bank's; their accounts are asleep and take money in."""
    with pytest.MonkeyPatch.context() as patch:
        place = worlds.Place("ICBC", "990100-B01", "990100-ICBC-01", "990100-CCB-01")
        patch.setitem(worlds.PLACES, "990100", place)  # type: ignore[arg-type]
        world = world_of(city)
        quick.card(world)
    return world


def account_of(walked: Walked) -> dict[str, Any]:
    world = walked.world
    path = f"/api/customer/accounts/{world.hero.account}"
    return dict(online.online(world).get(path)["money"])


def send(walked: Walked, fen: int, **more: Any) -> dict[str, Any]:
    return dict(
        online.online(walked.world).act("bank.transfer", account=walked.world.hero.account, amount_fen=fen, **more)
    )


def order_of(walked: Walked, order: str) -> dict[str, Any]:
    path = f"/api/customer/accounts/{walked.world.hero.account}/orders"
    return next(dict(one) for one in online.online(walked.world).get(path) if one["order"] == order)


def ended(city: RunningHouse, walked: Walked, order: str) -> dict[str, Any]:
    """The worker brings it to its end by itself; the command does one round at once."""
    end = time.monotonic() + 120
    while (found := order_of(walked, order))["state"] in ("waiting", "sent"):
        assert time.monotonic() < end, found
        city.command("clearing", "round")
        time.sleep(0.5)
    return found


def at_kiosk(world: World, act: str, **request: Any) -> dict[str, Any]:
    return bank.money(world, act, kind="kiosk", **request)


@ROW
def test_the_site_itself(walked: Walked) -> None:
    walked.all_green("ACT-7", least=7)


@ROW
def test_to_another_bank_it_arrives_and_a_wrong_name_comes_back(
    city: RunningHouse, walked: Walked, elsewhere: World, clearing: str
) -> None:
    whom, before = elsewhere.hero, account_of(walked)
    assert whom.plastic is not None
    good = {"to_number": whom.plastic.pan, "to_name": whom.body.name, "to_bank": "ICBC"}
    sent = send(walked, 2_300, **good)
    assert sent["state"] == "waiting"
    assert account_of(walked)["available_fen"] == before["available_fen"] - 2_300
    assert ended(city, walked, sent["order"])["state"] == "done"
    wrong = send(walked, 700, **{**good, "to_name": whom.body.name + "安"})
    back = ended(city, walked, wrong["order"])
    assert (back["state"], back["reason"]) == ("rejected", "payee_differs")
    after = account_of(walked)
    assert after["balance_fen"] == after["available_fen"] == before["balance_fen"] - 2_300
    path = f"/api/customer/accounts/{walked.world.hero.account}/statement"
    line = next(one for one in online.online(walked.world).get(path)["lines"] if one["kind"] == "transfer_out")
    assert (line["out_fen"], line["other_bank"]) == (2_300, "ICBC")
    seen = json.dumps(line)
    assert whom.plastic.pan not in seen
    assert whom.body.name not in seen


@pytest.fixture
def own_clearing(city: RunningHouse) -> Iterator[None]:
    """No other clearing house is joined, as after `sscard up` of a demo."""
    file = city.home / "clearing.json"
    before = file.read_bytes() if file.is_file() else b""
    if before and not json.loads(before).get("own"):
        file.unlink()
    yield
    if before:
        file.write_bytes(before)


@pytest.mark.row("ACT-7")
def test_a_demo_settles_by_itself_and_pulls_from_nobody_else(
    walked: Walked, elsewhere: World, own_clearing: None
) -> None:
    """Nobody starts anything: the worker's own clearing house. A top-up from somebody else's card is refused by his bank."""
    whom, before = elsewhere.hero, account_of(walked)
    assert whom.plastic is not None
    sent = send(walked, 1_700, to_number=whom.plastic.pan, to_name=whom.body.name, to_bank="ICBC")
    assert waited(walked, sent["order"], "waiting", "sent")["state"] == "done"
    assert account_of(walked)["balance_fen"] == before["balance_fen"] - 1_700
    stranger = online.online(walked.world).act(
        "bank.recharge",
        account=walked.world.hero.account,
        amount_fen=500,
        from_number=whom.plastic.pan,
        from_bank="ICBC",
    )
    no = waited(walked, stranger["order"], "waiting", "sent")
    assert (no["way"], no["state"], no["reason"]) == ("pull", "rejected", "payer_differs")
    assert account_of(walked)["balance_fen"] == before["balance_fen"] - 1_700


def waited(walked: Walked, order: str, *states: str) -> dict[str, Any]:
    """Until it has left these states; nobody but the worker moves it."""
    end = time.monotonic() + 180
    while (found := order_of(walked, order))["state"] in states:
        assert time.monotonic() < end, found
        time.sleep(0.5)
    return found


@ROW
def test_the_next_days_transfer_is_recalled_and_a_terminals_to_somebody_else_waits_a_day(walked: Walked) -> None:
    world, before = walked.world, account_of(walked)
    other = world.heroes["other"]
    assert other.plastic is not None
    whom = {"to_number": other.plastic.pan, "to_name": other.body.name}
    later = send(walked, 900, timing="next_day", **whom)
    assert account_of(walked)["available_fen"] == before["available_fen"] - 900
    online.online(world).act("bank.transfer_recall", account=world.hero.account, order=later["order"])
    assert order_of(walked, later["order"])["state"] == "recalled"
    told = at_kiosk(world, "bank.transfer", amount_fen=800, **whom)
    waits = datetime.fromisoformat(told["leaves_at"]) - datetime.fromisoformat(told["at"])
    assert (told["state"], waits) == ("waiting", timedelta(hours=24))
    at_kiosk(world, "bank.transfer_recall", order=told["order"])
    assert account_of(walked) == before


@ROW
def test_purchase_at_a_till_and_never_more_back_than_was_paid(walked: Walked) -> None:
    world, before = walked.world, account_of(walked)
    bought = at_kiosk(world, "bank.purchase", amount_fen=1_000, shop=SHOP)
    kiosk = bank.kiosk(world)
    back = {"account": world.hero.account, "purchase": bought["purchase"], "shop": SHOP}
    kiosk.act("bank.purchase_refund", amount_fen=400, **back)
    assert refused(lambda: kiosk.act("bank.purchase_refund", amount_fen=601, **back)).code == "bank.refund_above"
    assert refused(lambda: at_kiosk(world, "bank.purchase_void", **_without_account(back))).code == (
        "bank.purchase_given_back"
    )
    kiosk.act("bank.purchase_refund", amount_fen=600, **back)
    assert account_of(walked)["balance_fen"] == before["balance_fen"]


@pytest.mark.row("ACT-3")
@pytest.mark.parametrize("kind", ["counter", "kiosk"])
def test_an_activated_card_withdraws_transfers_pays_and_tells_its_balance(walked: Walked, kind: str) -> None:
    world = walked.world
    walked.all_green("ACT-3", least=10)
    other = world.heroes["other"]
    assert other.plastic is not None
    before = bank.money(world, "bank.balance", kind=kind)["available_fen"]
    bank.money(world, "bank.withdraw", kind=kind, amount_fen=100)
    bank.money(world, "bank.purchase", kind=kind, amount_fen=200, shop=SHOP)
    whom = {"to_number": other.plastic.pan, "to_name": other.body.name}
    moved = bank.money(world, "bank.transfer", kind=kind, amount_fen=300, **whom)
    assert moved["state"] == ("done" if kind == "counter" else "waiting")
    assert bank.money(world, "bank.balance", kind=kind)["available_fen"] == before - 600
    if kind == "kiosk":
        bank.money(world, "bank.transfer_recall", kind=kind, order=moved["order"])


def _without_account(request: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in request.items() if name != "account"}


@ROW
def test_a_teller_takes_in_so_much_cash_at_once(walked: Walked) -> None:
    teller, before = walked.world.staff(f"teller.{walked.world.place.branch}"), account_of(walked)["balance_fen"]
    pan = walked.world.hero.plastic.pan
    no = refused(lambda: teller.act("bank.deposit", amount_fen=5_000_001, number=pan))
    assert (no.status, no.code) == (422, "bank.cash_above")
    assert account_of(walked)["balance_fen"] == before


@ROW
def test_the_statement_as_files_says_the_same_and_its_text_can_be_copied(walked: Walked, tmp_path: Path) -> None:
    world = walked.world
    site, today = online.online(world), datetime.now().astimezone().date()
    span = f"from_day={today - timedelta(days=30)}&to_day={today + timedelta(days=1)}"
    path = f"/api/customer/accounts/{world.hero.account}/statement"
    rows = list(csv.DictReader(io.StringIO(site.raw("GET", f"{path}.csv?{span}", b"").decode("utf-8-sig"))))
    shown = site.get(f"{path}?limit=500")["lines"]
    assert len(rows) == len(shown)
    assert rows[-1]["余额（元）"].replace(",", "") == f"{shown[0]['balance_fen'] / 100:.2f}"
    paper = site.raw("GET", f"{path}.pdf?{span}", b"")
    (tmp_path / "statement.pdf").write_bytes(paper)
    command = ["pdftotext", "-layout", str(tmp_path / "statement.pdf"), "-"]
    said = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    assert world.hero.body.name in said
    assert rows[-1]["余额（元）"] in said
    _sealed_by_the_bank(world, paper, tmp_path)


def _sealed_by_the_bank(world: World, paper: bytes, folder: Path) -> None:
    """By the authority as everybody can fetch it, for poppler and for pyHanko; a changed letter is seen by both."""
    root = world.nobody().raw("GET", "/api/document-authority")
    whole, torn = pdfsig(paper, root, folder / "whole"), pdfsig(changed(paper), root, folder / "torn")
    assert whole.count("Signature is Valid.") == whole.count("Certificate is Trusted.") == 1
    assert "Total document signed" in whole
    assert "Signature is Valid." not in torn
    trusted = [x509.load_pem_x509_certificate(root)]
    (seal,) = checking.examine(paper, roots=trusted)
    assert (seal.field, seal.level, seal.good) == ("bank", "B-T", True)
    assert "银行" in seal.name
    assert not checking.examine(changed(paper), roots=trusted)[0].good


@ROW
def test_the_daily_close_by_command_can_be_repeated(city: RunningHouse, walked: Walked) -> None:
    first = city.command("bank", "close", "--lang", "en")
    assert first.returncode == 0, first.stdout + first.stderr
    again = city.command("bank", "close", "--lang", "en")
    assert again.returncode == 0
    assert all("0 days this time" in line for line in again.stdout.splitlines() if not line.startswith(" "))
