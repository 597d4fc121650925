"""T31: keys through the front door. Ceremonies and carriers need the right two people; shares and keys are in no row, log or
file; the key service's own walls are tested in tests/keys."""

from __future__ import annotations

import io
import logging
import secrets
import uuid
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.db import IntegrityError, transaction

from sscard.control.door import Outcome, perform
from sscard.kernel.db import unit_of_work
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Refusal

if TYPE_CHECKING:
    from security_kit import Town
    from tests_support import House

ONE = "990100"


def act(town: Town, who: str, name: str, request: Any, purpose: str = "keys") -> Outcome:
    return perform(town.caller(who), name, request, key=uuid.uuid4().hex, purpose=purpose)


def agreed(town: Town, maker: str, checker: str, name: str, request: Any) -> dict[str, Any]:
    """A request of one, agreed by another."""
    from sscard.control.acts import Approve
    from sscard.control.models import Approval

    waiting = act(town, maker, name, request).waiting
    with unit_of_work(area=ONE):
        digest = bytes(Approval.objects.get(approval_id=waiting).digest).hex()
    return act(town, checker, "control.approve", Approve(waiting, digest)).answer


def refused(code: str, town: Town, who: str, name: str, request: Any) -> Refusal:
    with pytest.raises(Refusal) as no:
        act(town, who, name, request)
    assert no.value.code == code
    return no.value


class People:
    """Three custodians and a key auditor of area one."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.anna, self.bert, self.carl = (town.fresh("key_custodian") for _ in range(3))
        self.dora = town.fresh("key_auditor")

    def opened(self, kind: str, subject: str) -> uuid.UUID:
        from sscard.keys.holding import OpenCeremony

        asked = OpenCeremony(kind, subject)
        return uuid.UUID(agreed(self.town, self.anna, self.bert, "keys.open_ceremony", asked)["ceremony"])

    def held(self) -> tuple[dict[str, Any], list[str]]:
        """A whole ceremony; what it made, and the shares."""
        from sscard.keys.holding import OfCeremony, WithWords

        which, shares = self.opened("make", f"city:{ONE}"), []
        for who in (self.anna, self.bert, self.carl):
            outcome = act(self.town, who, "keys.take_share", OfCeremony(which))
            assert "share" not in outcome.answer
            shares.append(outcome.once["share"])
            act(self.town, who, "keys.confirm_share", WithWords(which, shares[-1]))
        return act(self.town, self.dora, "keys.close_ceremony", OfCeremony(which)).answer, shares

    def carrier(self, kind: str = "psam", origin: str = "ministry", key_set: str = "") -> uuid.UUID:
        from sscard.keys.custody import RegisterCarrier

        asked = RegisterCarrier(kind, uuid.uuid4().hex[:12], origin, "990100-BUREAU", key_set)
        return uuid.UUID(agreed(self.town, self.anna, self.bert, "keys.register_carrier", asked)["carrier"])


@pytest.fixture
def people(town: Town) -> People:
    return People(town)


def test_a_ceremony_from_open_to_proved_and_retired(people: People, town: Town) -> None:
    from sscard.keys.holding import OfCeremony, RetireSet, WithWords
    from sscard.keys.models import Ceremony

    made, shares = people.held()
    which = people.opened("prove", made["set"])
    refused("keys.share_wrong", town, people.carl, "keys.give_share", WithWords(which, shares[2] + " academic"))
    act(town, people.carl, "keys.give_share", WithWords(which, shares[2]))
    refused("keys.share_taken", town, people.carl, "keys.give_share", WithWords(which, shares[1]))
    refused("keys.shares_missing", town, people.dora, "keys.close_ceremony", OfCeremony(which))
    act(town, people.anna, "keys.give_share", WithWords(which, shares[0]))
    assert act(town, people.dora, "keys.close_ceremony", OfCeremony(which)).answer["kcv"] == made["kcv"]
    with unit_of_work(area=ONE):
        done = Ceremony.objects.get(ceremony_id=which)
        assert (done.state, done.kcv) == ("done", made["kcv"])
        assert [one.step for one in done.steps.order_by("at")][-1] == "closed"
    newer, _ = people.held()
    assert keys().card_key_set(ONE, 3)["set"] == newer["set"]
    agreed(town, people.anna, people.carl, "keys.retire_set", RetireSet(made["set"]))
    with pytest.raises(Refusal) as no:
        keys().card_key_set(ONE, 3, made["set"])
    assert no.value.code == "keys.tree_retired"


def test_who_may_not(people: People, town: Town) -> None:
    """No sign-in, no role, one person with two accounts, an auditor who takes part, another area."""
    from pages_kit import HouseClient
    from security_kit import Api
    from sscard.keys.holding import OfCeremony, OpenCeremony

    body = {"kind": "make", "subject": f"city:{ONE}"}
    assert Api(HouseClient()).act("keys.open_ceremony", body).status_code == 401
    assert HouseClient().act("/keys/ceremonies/new/", subject=f"city:{ONE}").status_code in (302, 403)
    for role in ("clerk", "security_admin", "audit_admin", "system_admin", "stock_keeper"):
        refused("control.not_allowed", town, f"{role}.{ONE}", "keys.open_ceremony", OpenCeremony(**body))
    for subject in ("city:990200", "ministry", "province:99"):
        refused("keys.subject_wrong", town, people.anna, "keys.open_ceremony", OpenCeremony("make", subject))
    index = secrets.token_bytes(32)
    one, twin = (town.fresh("key_custodian", person_index=index) for _ in range(2))
    with pytest.raises(Refusal) as no:
        agreed(town, one, twin, "keys.open_ceremony", OpenCeremony(**body))
    assert no.value.code == "control.own_request"
    which = people.opened("make", f"city:{ONE}")
    act(town, one, "keys.take_share", OfCeremony(which))
    refused("keys.share_taken", town, twin, "keys.take_share", OfCeremony(which))
    refused("control.not_allowed", town, people.anna, "keys.close_ceremony", OfCeremony(which))
    refused("control.not_allowed", town, people.dora, "keys.take_share", OfCeremony(which))
    both = town.fresh("key_auditor", person_index=index)
    refused("keys.auditor_takes_part", town, both, "keys.close_ceremony", OfCeremony(which))
    stranger = town.fresh("key_custodian")
    refused("keys.ceremony_foreign", town, stranger, "keys.cancel_ceremony", OfCeremony(which))
    far = town.fresh("key_custodian", "990200")
    refused("control.not_found", town, far, "keys.cancel_ceremony", OfCeremony(which))
    act(town, people.bert, "keys.cancel_ceremony", OfCeremony(which))
    refused("keys.ceremony_gone", town, people.carl, "keys.take_share", OfCeremony(which))


def test_a_share_is_told_once(people: People, town: Town) -> None:
    """The same key again is the same act, and its answer has no share any more."""
    from sscard.keys.holding import OfCeremony

    which, key = people.opened("make", f"city:{ONE}"), uuid.uuid4().hex
    first = perform(town.caller(people.anna), "keys.take_share", OfCeremony(which), key=key)
    again = perform(town.caller(people.anna), "keys.take_share", OfCeremony(which), key=key)
    assert (len(first.once["share"].split()), again.once, again.replayed) == (33, {}, True)


def test_no_share_and_no_key_in_clear_anywhere(people: People, town: Town, house: House) -> None:
    """Canary: in no row of any table, no log line, no file of the key service."""
    from sscard.keys.holding import WithWords

    out = io.StringIO()
    handler, root = logging.StreamHandler(out), logging.getLogger()
    root.addHandler(handler)
    try:
        made, shares = people.held()
        which = people.opened("prove", made["set"])
        refused("keys.share_wrong", town, people.anna, "keys.give_share", WithWords(which, shares[0][:-1] + "q"))
        act(town, people.anna, "keys.give_share", WithWords(which, shares[0]))
    finally:
        root.removeHandler(handler)
    told = out.getvalue() + repr(WithWords(which, shares[0])) + repr(keys().status())
    with psycopg.connect(house.urls.owner, autocommit=True) as connection:
        tables = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        for (table,) in tables:
            rows = connection.execute(f'select t::text from "{table}" t')
            told += "".join(row for (row,) in rows.fetchall())
    home = house.key_service.config.home / "keys"
    told += "".join(one.read_bytes().decode("latin-1") for one in home.iterdir() if one.is_file())
    for share in shares:
        assert share not in told
        assert " ".join(share.split()[4:10]) not in told


@pytest.mark.parametrize("missing", ["holder", "record", "agreement", "review", "supervisor"])
def test_a_hand_over_lacks_none_of_the_four_items(people: People, town: Town, missing: str) -> None:
    """Article 24."""
    from sscard.keys.custody import HandOver

    items = {"holder": "PRODUCER-X", "record": "R-1", "agreement": "A-1", "review": "S-1", "supervisor": "甲"}
    carrier = people.carrier()
    no = refused(
        "kernel.form_faults", town, people.anna, "keys.hand_over", HandOver(carrier, **{**items, missing: " "})
    )
    assert [fault.place for fault in no.faults] == [missing]


def test_a_psam_from_issue_to_destruction(people: People, town: Town) -> None:
    from sscard.keys.custody import DestroyCarrier, HandOver, RegisterCarrier, TakeBack
    from sscard.keys.models import Carrier, CustodyEntry

    no = refused("kernel.form_faults", town, people.anna, "keys.register_carrier",
                 RegisterCarrier("psam", "", "minted here", "990100-BUREAU"))  # fmt: skip
    assert {fault.place for fault in no.faults} == {"number", "origin"}
    carrier = people.carrier()
    refused("keys.carrier_kept", town, people.anna, "keys.take_back", TakeBack(carrier, "990100-BUREAU"))
    asked = HandOver(carrier, "PRODUCER-X", "R-1", "A-1", "S-1", "甲")
    agreed(town, people.anna, people.carl, "keys.hand_over", asked)
    refused("keys.carrier_away", town, people.anna, "keys.destroy_carrier", DestroyCarrier(carrier, "D-1"))
    agreed(town, people.bert, people.anna, "keys.take_back", TakeBack(carrier, "990100-BUREAU"))
    agreed(town, people.bert, people.anna, "keys.destroy_carrier", DestroyCarrier(carrier, "D-1"))
    refused("keys.carrier_destroyed", town, people.anna, "keys.hand_over", asked)
    with unit_of_work(area=ONE):
        entries = list(CustodyEntry.objects.filter(carrier_id=carrier).order_by("at"))
        assert [one.act for one in entries] == ["registered", "handed_over", "taken_back", "destroyed"]
        assert all(one.maker != one.checker and one.checker for one in entries)
        alone = {"area_code": ONE, "carrier_id": carrier, "holder": "x", "maker": entries[0].maker, "at": entries[0].at}
        for more in ({"act": "destroyed"}, {"act": "destroyed", "checker": entries[0].maker},
                     {"act": "handed_over", "checker": entries[0].checker}):  # fmt: skip
            with pytest.raises(IntegrityError), transaction.atomic():
                CustodyEntry.objects.create(**alone, **more)
        assert Carrier.objects.get(carrier_id=carrier).state == "destroyed"


def test_a_lost_psam_is_reported_twice_with_its_reach(people: People, town: Town) -> None:
    """Article 25: at once, by one person; closed only when both offices know and the cause is found."""
    from security_kit import resident
    from sscard.control.models import Outbox
    from sscard.keys.custody import CloseLoss, ReportLoss, ReportSent

    resident(account=False)
    carrier = people.carrier()
    found = act(town, people.carl, "keys.report_loss", ReportLoss(carrier, "柜子里没有了")).answer
    assert {"SSSE/IRK*", "DF01/UK1"} <= set(found["keys"])
    assert found["cards"] >= found["people"] >= 1
    loss = uuid.UUID(found["loss"])
    with unit_of_work(area=ONE):
        raised = [
            one.body["to"] for one in Outbox.objects.filter(name="keys.loss_report") if one.body["loss"] == str(loss)
        ]
    assert sorted(raised) == ["ministry", "superior"]
    refused("keys.carrier_lost", town, people.anna, "keys.report_loss", ReportLoss(carrier, "again"))
    refused("keys.report_missing", town, people.anna, "keys.close_loss", CloseLoss(loss, "found"))
    act(town, people.anna, "keys.report_sent", ReportSent(loss, "superior", "P-1"))
    refused("keys.report_there", town, people.anna, "keys.report_sent", ReportSent(loss, "superior", "P-2"))
    refused("keys.report_missing", town, people.anna, "keys.close_loss", CloseLoss(loss, "found"))
    act(town, people.anna, "keys.report_sent", ReportSent(loss, "ministry", "M-1"))
    agreed(town, people.anna, people.bert, "keys.close_loss", CloseLoss(loss, "掉在车里"))
    refused("keys.loss_closed", town, people.anna, "keys.report_sent", ReportSent(loss, "ministry", "M-2"))


def test_one_lost_share_opens_nothing_two_do(people: People, town: Town) -> None:
    from sscard.keys.custody import ReportLoss

    made, _ = people.held()
    first, second = (people.carrier("share", "ceremony", made["set"]) for _ in range(2))
    assert act(town, people.anna, "keys.report_loss", ReportLoss(first, "x")).answer["keys"] == []
    assert act(town, people.anna, "keys.report_loss", ReportLoss(second, "y")).answer["keys"] == [made["set"]]


def test_a_machine_is_admitted_by_two(people: People, town: Town) -> None:
    from sscard.keys import recipes
    from sscard.keys.holding import AdmitReceiver

    public, _ = recipes.sm2_pair()
    agreed(town, people.anna, people.bert, "keys.admit_receiver", AdmitReceiver("PRODUCER-X", public.hex()))
    assert public.hex() in [one["public"] for one in keys().receivers()]
    with pytest.raises(Refusal) as no:
        agreed(town, people.anna, people.bert, "keys.admit_receiver", AdmitReceiver("PRODUCER-X", "00"))
    assert [one.code for one in no.value.faults] == ["keys.public_digits"], "told to the first of the two"


def test_the_auditor_reads_and_changes_nothing(people: People, town: Town) -> None:
    made, _ = people.held()
    page = town.page(f"audit_admin.{ONE}")
    shown = page.get("/keys/")
    assert shown.status_code == 200
    assert made["set"] in shown.content.decode()
    assert "/keys/ceremonies/new/" not in shown.content.decode()
    assert page.get("/keys/ceremonies/new/").status_code in (403, 404)
    assert town.page(f"clerk.{ONE}").get("/keys/").status_code in (403, 404)
