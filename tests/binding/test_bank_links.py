"""The bank of the reference: links a card, looks, pays and un-links, over the public interfaces only (BND-2, BND-3)."""

from __future__ import annotations

import sys
import threading
import uuid
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "portal"))

from holders_kit import social

import binding_kit
import linked_kit as kit
from tests_support import House


@pytest.fixture(scope="module")
def _set_up(_module_house: House, bureau: str) -> str:
    with _module_house.entered():
        kit.bank_as_client(bureau)
    return bureau


@pytest.fixture
def url(house: House, _set_up: str) -> str:
    binding_kit.calm()
    return _set_up


@pytest.mark.row("BND-2")
@pytest.mark.row("BND-3")
@pytest.mark.row("INS-2", part="a charge of an imported list, paid through the bank")
def test_linked_looked_at_paid_and_un_linked_by_a_program(url: str) -> None:
    who = kit.person(fen=100_000)
    charge = kit.charge(who.linkable.person_id, 38_000)
    at = kit.site(url, who)
    link = kit.linked(url, who, at)
    assert [one["link"] for one in at.get("/api/customer/links")] == [link]
    status = at.get(f"/api/customer/links/{link}/status")
    assert status["card"]["state"] == "normal"
    assert {one["insurance"] for one in status["insurance"]} == {
        "pension", "medical", "unemployment", "injury", "maternity",
    }  # fmt: skip
    assert set(at.get(f"/api/customer/links/{link}/totals")) == {"pension", "medical", "months"}
    assert at.get(f"/api/customer/links/{link}/contributions") == {}
    paper = at.ask("GET", f"/api/customer/links/{link}/authorisation")
    assert paper.content.startswith(b"%PDF")
    (open_one,) = at.get(f"/api/customer/links/{link}/charges")
    assert (open_one["charge"], open_one["state"], open_one["amount_fen"]) == (str(charge), "open", 38_000)
    asked = at.ask("POST", f"/api/customer/links/{link}/payments", {"charge": str(charge)})
    assert asked.status_code == 200, asked.text
    assert kit.bank_kit.balance_of(who.signed.holder) == 100_000
    paid = at.ask("POST", "/api/customer/links/finish", kit.agreed(url, asked.json(), who))
    assert paid.status_code == 200, paid.text
    told = paid.json()
    assert told["state"] == "paid"
    assert kit.bank_kit.balance_of(who.signed.holder) == 62_000
    receipt = at.ask("GET", f"/api/customer/payments/{told['payment']}/receipt")
    assert receipt.content.startswith(b"%PDF")
    browser, _ = binding_kit.signed_in(url, who.linkable)
    consents = browser.get("/my/consents/").text
    assert consents.count("已用完") == 1, "the consent for the payment is no more in force, though its time is not over"
    assert "已用于这一笔缴费" in consents
    assert consents.count("有效<") == 1, "the link is"
    again = at.ask("POST", f"/api/customer/links/{link}/payments", {"charge": str(charge)})
    assert again.status_code == 409
    assert again.json()["code"] == "bank.charge_not_open"
    assert at.get(f"/api/customer/links/{link}/charges")[0]["state"] == "paid"
    assert at.ask("DELETE", f"/api/customer/links/{link}").status_code == 200
    assert at.ask("GET", f"/api/customer/links/{link}/status").status_code == 409
    assert at.get("/api/customer/links") == []
    (over,) = at.get("/api/customer/links?ended=true")
    assert (over["link"], over["ended_because"], over["paper"]) == (link, "customer", True)
    assert over["linked_at"] <= over["ended_at"]
    assert at.ask("GET", f"/api/customer/links/{link}/authorisation").content == paper.content, (
        "what he signed stays his"
    )
    (kept,) = at.get("/api/customer/payments")
    assert (kept["payment"], kept["state"]) == (told["payment"], "paid")
    assert at.ask("GET", f"/api/customer/payments/{told['payment']}/receipt").content == receipt.content
    other = kit.site(url, kit.person())
    assert other.get("/api/customer/payments") == []
    assert other.ask("GET", f"/api/customer/payments/{told['payment']}/receipt").status_code == 404
    assert other.ask("GET", f"/api/customer/links/{link}/authorisation").status_code == 404
    kit.linked(url, who, at)


@pytest.mark.row("BND-2")
def test_every_obstacle_is_told_and_a_wrong_number_like_an_unknown_one(url: str) -> None:
    who, other = kit.person(), kit.person()
    at = kit.site(url, who)
    body = {"card_number": who.linkable.card_number, "id_number": who.linkable.id_number, "account": str(who.account)}

    def refused(**more: str) -> dict[str, Any]:
        answer = at.ask("POST", "/api/customer/links", {**body, **more})
        assert answer.status_code in (404, 409, 422), answer.text
        return dict(answer.json())

    assert refused(account=str(other.account))["code"] == "control.not_found"
    wrong, unknown = refused(id_number=other.linkable.id_number), refused(card_number="X90000999")
    assert wrong["title"] == unknown["title"]
    assert wrong["detail_zh"]
    short = refused(card_number="1")
    assert [one["place"] for one in short["faults"]] == ["card_number"]
    lost = kit.person()
    social(lost.signed.holder, "temp_loss")
    body |= {
        "card_number": lost.linkable.card_number,
        "id_number": lost.linkable.id_number,
        "account": str(lost.account),
    }
    at = kit.site(url, lost)
    told = refused()
    assert "挂失" in told["title_zh"]
    assert told["detail_zh"]


def test_the_way_back_is_his_who_began_and_serves_once(url: str) -> None:
    """T12, T20: another customer's answer, another issuer's, a second time, and a no."""
    who, other = kit.person(), kit.person()
    at, elsewhere = kit.site(url, who), kit.site(url, other)
    body = {"card_number": who.linkable.card_number, "id_number": who.linkable.id_number, "account": str(who.account)}
    came = kit.agreed(url, at.ask("POST", "/api/customer/links", body).json(), who)
    for site, more in ((elsewhere, {}), (at, {"iss": "https://evil.example"}), (at, {"state": "x" * 32})):
        answer = site.ask("POST", "/api/customer/links/finish", {**came, **more})
        assert answer.json()["code"] == "bank.link_request_over"
    assert at.ask("POST", "/api/customer/links/finish", came).status_code == 200
    assert at.ask("POST", "/api/customer/links/finish", came).json()["code"] == "bank.link_request_over"
    link = at.get("/api/customer/links")[0]["link"]
    for path in ("status", "charges", "authorisation", "payments"):
        assert elsewhere.ask("GET", f"/api/customer/links/{link}/{path}").status_code == 404
    assert elsewhere.ask("DELETE", f"/api/customer/links/{link}").status_code == 404
    already = at.ask("POST", "/api/customer/links", body)
    assert already.status_code in (409, 422)
    assert "绑定" in already.json()["title_zh"]


def test_an_answer_that_is_lost_loses_no_money(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Booked and the answer lost: taken when asked again. Never sent: returned when asked again. Neither twice."""
    from sscard.bank.linked import linking, paying, wire

    who = kit.person(fen=100_000)
    kit.linked(url, who, at := kit.site(url, who))
    (link,) = [uuid.UUID(one["link"]) for one in at.get("/api/customer/links")]
    caller, holder = who.signed.caller, who.signed.holder
    real = wire.ask

    def paid(reference: str, ask: Any) -> Any:
        charge = kit.charge(who.linkable.person_id, 10_000, reference)
        begun = paying.begin(caller, link, str(charge))
        came = kit.agreed(url, {"url": begun.url}, who)
        back = linking.back(caller, state=came["state"], issuer=came["iss"])
        monkeypatch.setattr(wire, "ask", ask)
        made = paying.finish(caller, back, came["code"])
        monkeypatch.setattr(wire, "ask", real)
        return made

    def lost_after(issuer: str, method: str, path: str, **more: Any) -> Any:
        answer = real(issuer, method, path, **more)
        if path == paying.PATH:
            raise wire.BureauDown
        return answer

    def lost_before(issuer: str, method: str, path: str, **more: Any) -> Any:
        if path == paying.PATH:
            raise wire.BureauDown
        return real(issuer, method, path, **more)

    first = paid("ZJ-lost-1", lost_after)
    assert first.state == "doubt"
    assert kit.bank_kit.balance_of(holder) == 100_000
    assert paying.look_again(caller, first.payment).state == "paid"
    assert paying.look_again(caller, first.payment).state == "paid"
    assert kit.bank_kit.balance_of(holder) == 90_000
    second = paid("ZJ-lost-2", lost_before)
    assert second.state == "doubt"
    assert paying.look_again(caller, second.payment).state == "doubt", "it may still be on its way"
    monkeypatch.setattr(paying, "SURE_AFTER", -paying.SURE_AFTER)
    assert paying.look_again(caller, second.payment).state == "returned"
    assert kit.bank_kit.balance_of(holder) == 90_000
    binding_kit.calm()
    third = kit.charge(who.linkable.person_id, 95_000, "ZJ-dear")
    begun = paying.begin(caller, link, str(third))
    came = kit.agreed(url, {"url": begun.url}, who)
    with pytest.raises(Exception, match=r"ledger\.insufficient"):
        paying.finish(caller, linking.back(caller, state=came["state"], issuer=came["iss"]), came["code"])
    assert kit.bank_kit.balance_of(holder) == 90_000
    assert {one["reference"]: one["state"] for one in at.get(f"/api/customer/links/{link}/charges")} == {
        "ZJ-lost-1": "paid", "ZJ-lost-2": "open", "ZJ-dear": "open",
    }  # fmt: skip


def test_a_payment_in_doubt_is_settled_though_nobody_looks(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker's round: booked there and the answer lost here; a young one is left to its page."""
    from sscard.bank.linked import jobs, linking, paying, wire

    who = kit.person(fen=50_000)
    kit.linked(url, who, at := kit.site(url, who))
    (link,) = [uuid.UUID(one["link"]) for one in at.get("/api/customer/links")]
    begun = paying.begin(who.signed.caller, link, str(kit.charge(who.linkable.person_id, 20_000, "ZJ-unseen")))
    came = kit.agreed(url, {"url": begun.url}, who)
    back = linking.back(who.signed.caller, state=came["state"], issuer=came["iss"])
    real = wire.ask

    def lost(issuer: str, method: str, path: str, **more: Any) -> Any:
        answer = real(issuer, method, path, **more)
        if path == paying.PATH:
            raise wire.BureauDown
        return answer

    monkeypatch.setattr(wire, "ask", lost)
    made = paying.finish(who.signed.caller, back, came["code"])
    monkeypatch.setattr(wire, "ask", real)
    assert made.state == "doubt"
    jobs.settle_all()
    assert paying.one(who.signed.caller, made.payment).state == "doubt"
    monkeypatch.setattr(jobs, "UNTOUCHED_FOR", -jobs.UNTOUCHED_FOR)
    jobs.settle_all()
    assert paying.one(who.signed.caller, made.payment).state == "paid"
    assert kit.bank_kit.balance_of(who.signed.holder) == 30_000


def test_a_receipt_that_was_not_to_be_had_is_fetched_later_and_before_the_end(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the worker's round, and at the latest before the link is ended: the money was taken in any case."""
    from sscard.bank.linked import jobs, linking, paying, receipts, wire

    real = wire.ask

    def no_paper(issuer: str, method: str, path: str, **more: Any) -> Any:
        if path.endswith("/receipt"):
            raise wire.BureauDown
        return real(issuer, method, path, **more)

    def paid_without() -> tuple[Any, uuid.UUID, uuid.UUID]:
        who = kit.person(fen=50_000)
        kit.linked(url, who, at := kit.site(url, who))
        (link,) = [uuid.UUID(one["link"]) for one in at.get("/api/customer/links")]
        begun = paying.begin(who.signed.caller, link, str(kit.charge(who.linkable.person_id, 20_000)))
        came = kit.agreed(url, {"url": begun.url}, who)
        back = linking.back(who.signed.caller, state=came["state"], issuer=came["iss"])
        with monkeypatch.context() as paperless:
            paperless.setattr(wire, "ask", no_paper)
            made = paying.finish(who.signed.caller, back, came["code"])
            assert made.state == "paid"
            with pytest.raises(wire.BureauDown):
                receipts.receipt(who.signed.caller, made.payment)
        return who.signed.caller, link, made.payment

    caller, _, payment = paid_without()
    assert jobs.fetch_receipts() == 0, "younger ones are on their way through a page"
    monkeypatch.setattr(jobs, "UNTOUCHED_FOR", -jobs.UNTOUCHED_FOR)
    assert jobs.fetch_receipts() >= 1
    assert jobs.fetch_receipts() == 0
    monkeypatch.setattr(wire, "ask", no_paper)
    assert receipts.receipt(caller, payment).startswith(b"%PDF")
    monkeypatch.setattr(wire, "ask", real)
    caller, link, payment = paid_without()
    receipts.unlink(caller, link)
    assert receipts.receipt(caller, payment).startswith(b"%PDF")


def test_an_authorisation_that_was_not_to_be_had_is_fetched_later_and_before_the_end(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sscard.bank.linked import authorisations, jobs, linking, receipts, wire

    real = wire.ask

    def no_paper(issuer: str, method: str, path: str, **more: Any) -> Any:
        if path == authorisations.PATH:
            raise wire.BureauDown
        return real(issuer, method, path, **more)

    def linked_without() -> tuple[Any, uuid.UUID]:
        who = kit.person()
        caller, card = who.signed.caller, who.linkable
        begun = linking.begin(
            caller, card_number=card.card_number, id_number=card.id_number, account=uuid.UUID(str(who.account))
        )
        came = kit.agreed(url, {"url": begun.url}, who)
        back = linking.back(caller, state=came["state"], issuer=came["iss"])
        with monkeypatch.context() as paperless:
            paperless.setattr(wire, "ask", no_paper)
            link = authorisations.finish(caller, back, came["code"])
            with pytest.raises(wire.BureauDown):
                authorisations.authorisation(caller, link)
        return caller, link

    caller, link = linked_without()
    jobs.fetch_authorisations()
    with monkeypatch.context() as paperless:
        paperless.setattr(wire, "ask", no_paper)
        with pytest.raises(wire.BureauDown):  # younger ones are on their way through a page
            authorisations.authorisation(caller, link)
    monkeypatch.setattr(jobs, "UNTOUCHED_FOR", -jobs.UNTOUCHED_FOR)
    assert jobs.fetch_authorisations() >= 1
    assert jobs.fetch_authorisations() == 0
    monkeypatch.setattr(wire, "ask", no_paper)
    assert authorisations.authorisation(caller, link).startswith(b"%PDF")
    monkeypatch.setattr(wire, "ask", real)
    caller, link = linked_without()
    receipts.unlink(caller, link)
    assert authorisations.authorisation(caller, link).startswith(b"%PDF")


def test_calls_to_the_bureau_are_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bank and bureau may be one process: a crowd at the bank must not take all its threads."""
    from sscard.bank.linked import wire
    from sscard.kernel.refusals import Refusal

    inside, go = threading.Barrier(wire.AT_A_TIME + 1), threading.Event()

    class Slow:
        def request(self, *_: Any, **__: Any) -> Any:
            inside.wait(30)
            go.wait(30)
            raise OSError

    monkeypatch.setattr(wire, "_client", lambda *_: Slow())
    monkeypatch.setattr(wire, "PATIENCE_S", 0.05)

    def ask() -> None:
        with pytest.raises(OSError):
            wire.ask("https://x", "GET", "/")

    crowd = [threading.Thread(target=ask) for _ in range(wire.AT_A_TIME)]
    for one in crowd:
        one.start()
    inside.wait(30)
    with pytest.raises(Refusal, match="link_busy"):
        wire.ask("https://x", "GET", "/")
    go.set()
    for one in crowd:
        one.join()
