"""One entry over all documents: the kind, and what the number says itself."""

from __future__ import annotations

from datetime import date

import pytest

from sscard.codes import documents, foreigner_number, gb11643, permanent_resident, person_number, residence_permit
from sscard.codes.errors import NumberFault
from sscard.codes.person_number import Kind
from sscard.codes.sex import Sex


def with_check(body: str) -> str:
    return body + gb11643.calc_check_digit(body)


PERMIT = with_check("83000019851130012")
RESIDENT = with_check("90115619781205003")


@pytest.mark.parametrize(
    ("text", "kind", "birth", "sex"),
    [
        ("11010519491231002x", Kind.CITIZEN, date(1949, 12, 31), Sex.FEMALE),
        (with_check("81000019900101001"), Kind.RESIDENCE_PERMIT, date(1990, 1, 1), Sex.MALE),
        (with_check("82000019900101002"), Kind.RESIDENCE_PERMIT, date(1990, 1, 1), Sex.FEMALE),
        (PERMIT, Kind.RESIDENCE_PERMIT, date(1985, 11, 30), Sex.FEMALE),
        (RESIDENT, Kind.PERMANENT_RESIDENT, date(1978, 12, 5), Sex.MALE),
        ("zzz900105780101", Kind.PERMANENT_RESIDENT_OLD, None, None),
        ("zzz00000009ab12340", Kind.FOREIGNER, None, None),
    ],
)
def test_each_kind_is_recognised(text: str, kind: Kind, birth: date | None, sex: Sex | None) -> None:
    found = person_number.parse(text)
    assert (found.kind, found.birth_date, found.sex) == (kind, birth, sex)
    assert found.number == person_number.compact(text)
    assert person_number.is_valid(text)


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("", "codes.missing", None),
        ("090101900101001", "codes.id_old_15", None),
        ("ZZZ0000000AB1234", "codes.foreigner_length", None),
        ("ZZ100000009AB12340", "codes.foreigner_character", 3),
        ("ZZZ00000009AB1234X", "codes.foreigner_character", 18),
        ("ZZZ90010578010X", "codes.permanent_resident_character", 15),
        ("Z1Z900105780101", "codes.permanent_resident_character", 2),
        (PERMIT[:17] + ("1" if PERMIT[17] != "1" else "2"), "codes.id_check_digit", 18),
        (with_check("90115619781305003"), "codes.id_birth_month", 11),
        ("E1234567", "codes.foreigner_length", None),
        ("身份证号", "codes.id_length", None),
    ],
)
def test_faults_are_those_of_the_kind_it_looks_like(text: str, code: str, position: int | None) -> None:
    with pytest.raises(NumberFault) as caught:
        person_number.parse(text)
    assert (caught.value.code, caught.value.facts.get("position")) == (code, position)


def test_history_takes_fifteen_digits_and_issuing_does_not() -> None:
    old = person_number.parse_history("090101900101002")
    assert (old.kind, old.number, old.birth_date, old.sex) == (
        Kind.CITIZEN_15,
        "090101900101002",
        date(1990, 1, 1),
        Sex.FEMALE,
    )
    assert not person_number.is_valid("090101900101002")
    assert person_number.parse_history(PERMIT) == person_number.parse(PERMIT)


def test_a_number_never_prints_whole() -> None:
    found = person_number.parse("11010519491231002X")
    for printed in (str(found), repr(found), f"{found}"):
        assert "19491231" not in printed
        assert "1949, 12, 31" not in printed
    assert str(found) == "1101**********002X"


def test_a_birth_after_the_day_is_refused_for_every_kind_that_tells_it() -> None:
    for text in (PERMIT, RESIDENT, "11010519491231002X"):
        with pytest.raises(NumberFault) as caught:
            person_number.parse(text, on=date(1940, 1, 1))
        assert caught.value.code == "codes.id_birth_future"


def test_modules_refuse_each_others_numbers() -> None:
    for validate, number, code in (
        (residence_permit.validate, "11010519491231002X", "codes.permit_prefix"),
        (permanent_resident.validate, "11010519491231002X", "codes.permanent_resident_prefix"),
        (foreigner_number.validate, "11010519491231002X", "codes.foreigner_character"),
    ):
        with pytest.raises(NumberFault) as caught:
            validate(number)
        assert caught.value.code == code


def test_getters_and_printed_forms() -> None:
    assert residence_permit.get_origin(PERMIT) == "TWN"
    assert residence_permit.get_birth_date(PERMIT) == date(1985, 11, 30)
    assert residence_permit.get_sex(PERMIT) is Sex.FEMALE
    assert permanent_resident.get_birth_date(RESIDENT) == date(1978, 12, 5)
    assert permanent_resident.get_sex("ZZZ900105780101") is None
    assert permanent_resident.get_birth_date("ZZZ900105780101") is None
    assert permanent_resident.format("ZZZ900105780101") == "ZZZ 900105780101"
    assert permanent_resident.format(RESIDENT) == f"901156 19781205 {RESIDENT[14:]}"
    assert foreigner_number.get_country("zzz00000009ab12340") == "ZZZ"
    assert foreigner_number.format("zzz00000009ab12340") == "ZZZ 00000009AB1234 0"


@pytest.mark.parametrize(
    "document", ["resident_id", "household_register", "residence_permit", "permanent_resident", "passport"]
)
def test_a_document_shows_only_its_own_kinds_of_numbers(document: str) -> None:
    for text in ("11010519491231002X", PERMIT, RESIDENT, "ZZZ900105780101", "ZZZ00000009AB12340"):
        found = person_number.parse(text)
        if documents.fits(document, found.kind):
            documents.require_fit(document, found)
        else:
            with pytest.raises(NumberFault) as caught:
                documents.require_fit(document, found)
            assert caught.value.code == "codes.document_mismatch"
            assert documents.name(document) in caught.value.sentence("zh")


def test_every_kind_can_be_shown_by_a_document() -> None:
    assert frozenset().union(*documents.SHOWS.values()) == frozenset(Kind)
    assert {entry.code for entry in documents.TABLE} == set(documents.SHOWS)
