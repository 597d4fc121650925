"""Card events close doors in their own transaction; preconditions and refusals through HTTP; un-binding; BND-1."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from binding_kit import Linkable, Partner, bank_kit, call, details, holder, link, refresh, signed_in
from sscard.kernel.refusals import Refusal


def card_event(one: Linkable, act: str, then: Callable[[], object] = bool, **facts: bool) -> None:
    """What happens to the card on its social side, by the one way there is."""
    from sscard.cards import events
    from sscard.cards.models import Card
    from sscard.control.caller import system
    from sscard.control.inside import Inside
    from sscard.kernel.db import unit_of_work

    area = one.holder.area
    with unit_of_work(area=area):
        card = Card.objects.get(person_id=one.person_id, card_id=one.holder.card)
        inside = Inside(caller=system(area), area_code=area, act="test")
        events.move(inside, card, "social", act, "test", facts=facts)
        then()
        inside.write(result="ok")


def test_loss_suspends_finding_resumes_cancelling_revokes(partner: Partner) -> None:
    one = holder()
    linked = link(partner, one)
    assert call(partner, linked).status_code == 200
    card_event(one, "report_temp")
    told = call(partner, linked)
    assert (told.status_code, told.json()["code"]) == (403, "binding.consent_suspended")
    assert refresh(partner, linked.token["refresh_token"], linked.key).json()["error"] == "invalid_grant"
    assert partner.post("/oauth/introspect", {"token": linked.token["access_token"]}).json() == {"active": False}
    card_event(one, "release", was_normal=True)
    assert call(partner, linked).status_code == 200
    card_event(one, "cancel", nothing_open=True)
    told = call(partner, linked)
    assert (told.status_code, told.json()["code"]) == (403, "binding.consent_revoked")
    assert view_of(one, linked.consent).revoked_by == "card_event"


def test_another_bank_number_revokes(partner: Partner) -> None:
    """The bank's account went over to another card: whoever was allowed to look through the old one is not any more."""
    from sscard.binding.models import Consent
    from sscard.cards import events
    from sscard.cards.models import Card
    from sscard.control.caller import system
    from sscard.control.inside import Inside
    from sscard.kernel.db import unit_of_work

    one = holder()
    linked, area = link(partner, one), one.holder.area
    with unit_of_work(area=area):
        card = Card.objects.get(person_id=one.person_id, card_id=one.holder.card)
        inside = Inside(caller=system(area), area_code=area, act="test")
        events.left_behind(inside, card)
        inside.write(result="ok")
        (consent,) = Consent.objects.filter(person_id=one.person_id)
        assert (consent.state, consent.revoked_by) == ("REVOKED", "card_event")
    told = call(partner, linked)
    assert (told.status_code, told.json()["code"]) == (403, "binding.consent_revoked")
    assert refresh(partner, linked.token["refresh_token"], linked.key).json()["error"] == "invalid_grant"


def test_an_id_card_that_ends_meanwhile(partner: Partner) -> None:
    """What the bank told of the ID card holds at asking, at agreeing and at renewing."""
    from datetime import timedelta

    from binding_kit import Browser
    from sscard.binding.models import Consent
    from sscard.kernel import clock
    from sscard.kernel.db import unit_of_work

    one = holder()
    today = clock.today(one.holder.area)
    last = partner.par(one, authorization_details=json.dumps([details(one, id_valid_until=today.isoformat())]))
    assert last.status_code == 201, "on its last day it counts still"
    with unit_of_work(area=one.holder.area):
        yesterday = today - timedelta(days=1)
        assert Consent.objects.filter(person_id=one.person_id).update(id_valid_until=yesterday) == 1
    browser = Browser(partner.url)
    answer = browser.agree(browser.open(partner.client_id, last.json()["request_uri"]), one)
    assert answer.status_code == 422
    assert "binding.id_expired" in answer.text


def test_a_consent_is_not_renewed_with_an_id_that_has_ended(partner: Partner) -> None:
    """By the holder's own program: refused before any code is looked at, and on the last day it is still renewed."""
    import uuid
    from datetime import timedelta

    from binding_kit import TIMEOUT, newest_code
    from sscard.binding.deciding import RENEWING
    from sscard.binding.models import Consent
    from sscard.kernel import clock
    from sscard.kernel.db import unit_of_work
    from sscard.verification import codes

    one = holder()
    linked, (_, token) = link(partner, one), signed_in(partner.url, one)
    today, area = clock.today(one.holder.area), one.holder.area

    def renewed(until: Any, **proved: str) -> Any:
        with unit_of_work(area=area):
            Consent.objects.filter(person_id=one.person_id).update(id_valid_until=until)
        wish = {
            "consent": linked.consent,
            "how": "sms",
            "challenge": str(uuid.uuid4()),
            "code": "1",
            "days": 90,
            **proved,
        }
        return partner.session.post(
            f"{partner.url}/api/acts/binding.renew", json=wish, timeout=TIMEOUT,
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex},
        )  # fmt: skip

    over = renewed(today - timedelta(days=1))
    assert (over.status_code, over.json()["code"]) == (422, "binding.id_expired"), over.text
    sent = codes.send(
        person_id=one.person_id, area=area, action=RENEWING, session=linked.consent, facts={}, address="test"
    )
    last = renewed(today, challenge=str(sent.challenge), code=newest_code(one))
    assert last.status_code == 200, last.text
    assert call(partner, linked).status_code == 200


def test_a_refused_card_event_leaves_the_door_open(partner: Partner) -> None:
    one = holder()
    linked = link(partner, one)
    with pytest.raises(ZeroDivisionError):
        card_event(one, "report_temp", then=lambda: 1 // 0)
    assert call(partner, linked).status_code == 200, "event and suspension are one transaction"


def test_a_closed_paying_account_ends_it(partner: Partner) -> None:
    from sscard.bank import standing
    from sscard.control.caller import system
    from sscard.control.inside import Inside
    from sscard.kernel.db import unit_of_work

    one = holder()
    bank_kit.opened(one.holder)
    reference = str(one.holder.account)
    paying = {"reference": reference, "masked": "6217 **** 1", "own": True}
    asleep = partner.par(one, authorization_details=json.dumps([details(one, paying_account=paying)]))
    assert asleep.json()["code"] == "binding.account_not_activated"
    linked = link(partner, one, paying_account={**paying, "reference": "another"})
    from sscard.binding.models import Consent

    with unit_of_work(area=one.holder.area):
        Consent.objects.filter(person_id=one.person_id).update(paying_reference=reference)
        inside = Inside(caller=system(one.holder.area), area_code=one.holder.area, act="test")
        for watcher in standing.closed:
            watcher(inside, one.person_id, one.holder.account)
        inside.write(result="ok")
    assert call(partner, linked).json()["code"] == "binding.consent_revoked"
    stranger = holder()
    foreign = partner.par(stranger, authorization_details=json.dumps([details(stranger, paying_account=paying)]))
    assert foreign.json()["code"] == "binding.account_not_own"


def test_preconditions_each_with_its_own_refusal(partner: Partner) -> None:
    def code(one: Linkable, **more: Any) -> str:
        return str(partner.par(one, authorization_details=json.dumps([details(one, **more)])).json().get("code", ""))

    assert code(holder(social="sealed")) == "binding.card_not_enabled"
    assert code(holder(social="temp_loss")) == "binding.card_lost"
    assert code(holder(social="locked")) == "binding.card_locked"
    one = holder()
    assert code(one, id_valid_until="2020-01-01") == "binding.id_expired"
    not_his = {"reference": "acc-2", "masked": "6217 **** 0018", "own": False}
    assert code(one, paying_account=not_his) == "binding.account_not_own"
    assert code(one, id_number="090101199005209999") == "binding.identity_mismatch"
    faults = partner.par(one, authorization_details=json.dumps([details(one, days=5, actions=["all"], extra=1)])).json()
    assert [fault["place"] for fault in faults["faults"]] == ["extra", "actions", "days"]
    link(partner, one)
    assert code(one) == "binding.already_bound"


def view_of(one: Linkable, consent: str) -> Any:
    from sscard.binding.models import Consent
    from sscard.kernel.db import unit_of_work

    with unit_of_work(area=one.holder.area):
        return Consent.objects.get(person_id=one.person_id, consent_id=consent)


def test_un_binding_by_the_bank_and_what_the_holder_sees(partner: Partner) -> None:
    from sscard.binding import clients, reads
    from sscard.control.door import reading

    one = holder()
    linked = link(partner, one)
    assert call(partner, linked).status_code == 200
    assert call(partner, linked, method="DELETE").json()["state"] == "REVOKED"
    assert call(partner, linked).json()["code"] == "binding.consent_revoked"
    assert view_of(one, linked.consent).revoked_by == "bank"
    again = link(partner, one)
    card_event(one, "report_temp")
    other = Partner.register(partner.url, bank="ICBC")
    assert other.post("/oauth/unlink", {"consent": again.consent}).status_code == 400
    told = partner.post("/oauth/unlink", {"consent": again.consent, "wish": "customer"})
    assert told.json()["state"] == "REVOKED", "a suspended one can be ended too"
    caller = clients.asked_caller(one.person_id, "", area=one.holder.area, consent=one.holder.card)
    with reading(caller, right="binding.decide", purpose="test") as inside:
        found = reads.of_person(inside, one.person_id)
    looks = [look.what for view in found if str(view.consent_id) == linked.consent for look in view.looks]
    assert "consent" in looks


def test_one_time_consents_give_no_refresh_token(partner: Partner) -> None:
    linked = link(partner, holder(), duration="ONE_TIME", days=None)
    assert "refresh_token" not in linked.token
    assert call(partner, linked).status_code == 200


@pytest.mark.row("BND-1")
def test_another_banks_card_is_refused_with_the_way_on(partner: Partner) -> None:
    """Through the pages of the holder, signed in."""
    one = holder()
    browser, token = signed_in(partner.url, one)
    page = browser.get("/my/consents/bank-card/")
    told = browser.post("/my/consents/bank-card/", page)
    assert told.status_code == 409
    assert "社保卡不能绑到另一张银行卡上" in told.text
    assert "社保卡绑定" in told.text
    act = browser.session.post(
        f"{partner.url}/api/acts/binding.bind_bank_card", json={"card": str(one.holder.card)}, timeout=60,
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "bank-card-1"},
    )  # fmt: skip
    assert (act.status_code, act.json()["code"]) == (409, "binding.card_to_card")


def test_deciding_needs_the_proof_also_through_the_api(partner: Partner) -> None:
    from sscard.binding import clients
    from sscard.binding.deciding import ACTION, Authorise
    from sscard.binding.models import Consent
    from sscard.control.door import perform
    from sscard.kernel import ids
    from sscard.kernel.db import unit_of_work

    one = holder()
    assert partner.par(one).status_code == 201
    with unit_of_work(area=one.holder.area):
        consent = Consent.objects.get(person_id=one.person_id)
    caller = clients.asked_caller(one.person_id, "", area=one.holder.area, consent=consent.consent_id)
    for how in ("sms", "face", "", "desk"):
        with pytest.raises(Refusal) as refused:
            perform(caller, ACTION, Authorise(consent.consent_id, how, ids.new_id(), "123456"), key=str(ids.new_id()))
        assert refused.value.code in ("verification.code_none", "verification.face_none", "binding.verify_first")
