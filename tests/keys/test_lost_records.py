"""The key service did it, and the database lost the record (its transaction failed at the end): done again it is the same, and
nothing is made, told or destroyed twice."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from canary_kit import rows_of
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Refusal

if TYPE_CHECKING:
    from sscard.control.caller import Caller
    from tests_support import House

AREA = "990300"
pytestmark = pytest.mark.usefixtures("house")


class Lost(Exception):
    """The database went away before the commit."""


@pytest.fixture
def losing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Does a thing whose transaction fails at its end."""

    def lose(do: Callable[..., Any], *arguments: Any) -> None:
        from sscard.control import door

        def fails(*_: Any) -> None:
            raise Lost

        with monkeypatch.context() as patch:
            patch.setattr(door, "_settle", fails)
            with pytest.raises(Lost):
                do(*arguments)

    return lose


@pytest.fixture
def people() -> dict[str, Caller]:
    """Three custodians and an auditor, with accounts of the area's bureau."""
    from sscard.control.caller import Caller
    from sscard.control.models import Organisation, Staff, StaffRole

    Organisation.objects.get_or_create(
        code=f"{AREA}-BUREAU", defaults={"kind": "bureau", "area_code": AREA, "name_zh": "局", "name_en": "Bureau"}
    )
    found = {}
    for name in ("anna", "bert", "carl", "dora"):
        role = "key_auditor" if name == "dora" else "key_custodian"
        staff = Staff(
            username=f"{name}.{uuid.uuid4().hex[:8]}", organisation_id=f"{AREA}-BUREAU", area_code=AREA,
            display_name=name, person_index=secrets.token_bytes(32),
        )  # fmt: skip
        staff.save(force_insert=True)
        StaffRole.objects.create(staff=staff, person_index=staff.person_index, role=role, area_code=AREA)
        found[name] = Caller.of_staff(Staff.objects.get(staff_id=staff.staff_id), channel="page")
    return found


def do(who: Caller, act: str, request: Any) -> Any:
    from sscard.control.door import perform

    return perform(who, act, request, key=uuid.uuid4().hex, purpose="keys")


def agree(who: Caller, waiting: Any) -> dict[str, Any]:
    from sscard.control.acts import Approve
    from sscard.control.models import Approval
    from sscard.kernel.db import unit_of_work

    with unit_of_work(area=AREA):
        found = Approval.objects.get(approval_id=waiting.waiting)
    answer: dict[str, Any] = do(who, "control.approve", Approve(found.approval_id, bytes(found.digest).hex())).answer
    return answer


def refused(code: str, who: Caller, act: str, request: Any) -> None:
    with pytest.raises(Refusal) as no:
        do(who, act, request)
    assert no.value.code == code
    assert no.value.next_step("zh")


def sets() -> list[str]:
    from sscard.keys import reads

    return [f"{one.name} {one.state}" for one in reads.sets(AREA) if one.name.startswith("city")]


def test_a_ceremony_whose_every_record_was_lost_once(
    house: House, people: dict[str, Caller], losing: Callable[..., None]
) -> None:
    from sscard.keys.holding import OfCeremony, OpenCeremony, WithWords

    anna, bert, dora = people["anna"], people["bert"], people["dora"]
    before = sets()
    waiting = do(anna, "keys.open_ceremony", OpenCeremony("make", f"city:{AREA}"))
    for _ in range(25):  # more than the service keeps open: what nobody knows of makes room
        losing(agree, bert, waiting)
    ceremony = uuid.UUID(agree(bert, waiting)["ceremony"])
    for name in ("anna", "bert", "carl"):
        who = people[name]
        losing(do, who, "keys.take_share", OfCeremony(ceremony))
        words = do(who, "keys.take_share", OfCeremony(ceremony)).once["share"]
        assert len(words.split()) == 33
        refused("keys.share_taken", who, "keys.take_share", OfCeremony(ceremony))
        losing(do, who, "keys.confirm_share", WithWords(ceremony, words))
        do(who, "keys.confirm_share", WithWords(ceremony, words))
    losing(do, dora, "keys.close_ceremony", OfCeremony(ceremony))
    made = [one for one in sets() if one not in before]
    assert len([one for one in made if one.endswith(" active")]) == 1
    refused("keys.ceremony_done", anna, "keys.cancel_ceremony", OfCeremony(ceremony))
    losing(do, dora, "keys.close_ceremony", OfCeremony(ceremony))
    answer = do(dora, "keys.close_ceremony", OfCeremony(ceremony)).answer
    assert f"{answer['set']} active" in made
    assert [one for one in sets() if one not in before] == made, "one set, however often it was closed"
    refused("keys.ceremony_gone", dora, "keys.close_ceremony", OfCeremony(ceremony))
    assert not [name for name, row in rows_of(house) if words.encode() in row], "no share in any row"


def test_who_held_a_share_does_not_close_what_is_done(people: dict[str, Caller], losing: Callable[..., None]) -> None:
    """Also when the service has made the set already and would only tell it again."""
    from sscard.keys.holding import OfCeremony, OpenCeremony, WithWords

    waiting = do(people["anna"], "keys.open_ceremony", OpenCeremony("make", f"city:{AREA}"))
    ceremony = uuid.UUID(agree(people["bert"], waiting)["ceremony"])
    for name in ("anna", "bert", "carl"):
        words = do(people[name], "keys.take_share", OfCeremony(ceremony)).once["share"]
        do(people[name], "keys.confirm_share", WithWords(ceremony, words))
    losing(do, people["dora"], "keys.close_ceremony", OfCeremony(ceremony))
    carl = replace(people["carl"], roles=frozenset({"key_custodian", "key_auditor"}))
    refused("keys.auditor_takes_part", carl, "keys.close_ceremony", OfCeremony(ceremony))
    do(people["dora"], "keys.close_ceremony", OfCeremony(ceremony))


def test_a_retirement_and_an_admission_whose_record_was_lost(
    people: dict[str, Caller], losing: Callable[..., None]
) -> None:
    from real_keys_kit import hold_ceremony
    from sscard.keys.holding import AdmitReceiver, RetireSet, StrikeReceiver
    from sscard.keys.parties import KeyPair

    anna, bert = people["anna"], people["bert"]
    old, new = hold_ceremony(keys(), f"city:{AREA}"), hold_ceremony(keys(), f"city:{AREA}")
    refused("keys.still_active", anna, "keys.retire_set", RetireSet(new))
    refused("keys.subject_wrong", anna, "keys.retire_set", RetireSet("city:990100#1"))
    refused("keys.tree_lacks", anna, "keys.retire_set", RetireSet(f"city:{AREA}#99"))
    waiting = do(anna, "keys.retire_set", RetireSet(old))
    losing(agree, bert, waiting)
    assert f"{old} retired" in sets()
    assert agree(bert, waiting)["state"] == "retired"
    public = KeyPair.fresh().public.hex()
    waiting = do(anna, "keys.admit_receiver", AdmitReceiver("Plant one, machine 2", public))
    losing(agree, bert, waiting)
    agree(bert, waiting)
    assert [one["name"] for one in keys().receivers() if one["public"] == public] == ["Plant one, machine 2"]
    losing(do, anna, "keys.strike_receiver", StrikeReceiver(public))
    assert do(anna, "keys.strike_receiver", StrikeReceiver(public)).answer["state"] == "struck"
    refused("keys.public_key_wrong", anna, "keys.strike_receiver", StrikeReceiver("no key"))
    assert not [one for one in keys().receivers() if one["public"] == public]
