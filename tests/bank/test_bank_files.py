"""The opening file out and its answer in: sound, faulty, changed, sent again; results line by line."""

from __future__ import annotations

import stat
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bank_kit as kit
import pytest

from sscard.bank import files
from sscard.bank.files import AnswerLine, Head

pytestmark = pytest.mark.usefixtures("house")
HEAD = Head("F-1", "990100", "CCB", "B-1", datetime(2026, 3, 2, tzinfo=UTC))


def program() -> Any:
    return kit.caller("bank_program", bank="CCB", channel="file")


def new_head() -> Head:
    return replace(HEAD, file=uuid.uuid4().hex)


def asleep(count: int) -> list[kit.Holder]:
    return [kit.person() for _ in range(count)]


def test_out_and_in_again(tmp_path: Path) -> None:
    from sscard.bank.file_program import answer_file
    from sscard.codes import pan

    holders, head = asleep(3), new_head()
    opening, answer = tmp_path / "a.open.csv", tmp_path / "a.answer.csv"
    sign, check = files.signed_by_area("990100"), files.checked_for_area("990100")
    files.keep(opening, files.write_opening(head, [kit.line(h, n) for n, h in enumerate(holders, 1)], sign=sign))
    done = answer_file(program(), opening, answer, check=check)
    assert (done.lines, done.opened, done.refused) == (3, 3, 0)
    assert stat.S_IMODE(answer.stat().st_mode) == stat.S_IMODE(opening.stat().st_mode) == 0o600
    asked = files.read_opening(opening.read_bytes(), check=check)
    told = files.read_answer(answer.read_bytes(), asked)
    assert [one.card for one in told.lines] == [h.card for h in holders]
    assert all(pan.is_valid(one.pan) and one.result == "opened" for one in told.lines)
    assert len({one.pan for one in told.lines} | {one.number for one in told.lines}) == 6


def test_sent_again_opens_nothing_twice(tmp_path: Path) -> None:
    from sscard.bank.file_program import answer_file
    from sscard.bank.models import AccountStatus
    from sscard.kernel.db import unit_of_work

    holders, head, who = asleep(2), new_head(), program()
    lines = [kit.line(h, n) for n, h in enumerate(holders, 1)]
    opening = tmp_path / "a.open.csv"
    opening.write_bytes(files.write_opening(head, lines))
    asked = files.read_opening(opening.read_bytes())
    told = []
    for name in ("one", "two"):
        answer_file(who, opening, tmp_path / name, check=None)
        told.append(files.read_answer((tmp_path / name).read_bytes(), asked).lines)
    assert told[0] == told[1]
    other = tmp_path / "b.open.csv"
    other.write_bytes(files.write_opening(new_head(), lines))
    answer_file(program(), other, tmp_path / "three", check=None)
    third = files.read_answer((tmp_path / "three").read_bytes(), files.read_opening(other.read_bytes())).lines
    assert [one.result for one in third] == ["already", "already"]
    assert [one.pan for one in third] == [one.pan for one in told[0]]
    with unit_of_work(area="990100"):
        assert AccountStatus.objects.filter(card_id__in=[h.card for h in holders]).count() == 2


def test_two_files_for_the_same_cards_at_once_open_each_once() -> None:
    from sscard.bank.acts import OpenAccounts
    from sscard.bank.models import AccountStatus
    from sscard.kernel.db import unit_of_work

    holders = asleep(6)
    lines = [kit.line(h, n) for n, h in enumerate(holders, 1)]
    pieces = [tuple(lines), tuple(reversed(lines))] * 3
    found = kit.in_threads(
        [
            lambda p=p: kit.perform(program(), "bank.open_accounts", OpenAccounts("CCB", uuid.uuid4().hex, p))
            for p in pieces
        ]
    )
    results = [one["result"] for done in found for one in done.answer["lines"]]
    assert results.count("opened") == 6
    assert results.count("already") == 30
    with unit_of_work(area="990100"):
        assert AccountStatus.objects.filter(card_id__in=[h.card for h in holders]).count() == 6


def test_each_line_gets_all_its_faults_and_the_others_are_opened(tmp_path: Path) -> None:
    from sscard.bank.file_program import answer_file

    good, other, stranger = asleep(3)
    cases = [
        (kit.line(good, 1), set()),
        (kit.line(other, 2, id_number="0901011990010100X1", name="李\n3"), {"id_number", "name"}),
        (kit.line(other, 3, id_number=stranger.id_number), {"id_number:bank.identity_differs"}),
        (kit.line(other, 4, person=uuid.uuid4()), {"person:bank.person_unknown"}),
        (kit.line(other, 5, card=stranger.card), {"card:bank.card_of_another"}),
        (kit.line(other, 6, card=uuid.uuid4(), branch="990100-ICBC-01"), {"branch:bank.branch_unknown"}),
        (kit.line(other, 7, card=good.card), {"card:bank.card_twice_in_file"}),
    ]
    opening, answer = tmp_path / "a.open.csv", tmp_path / "a.answer.csv"
    opening.write_bytes(files.write_opening(new_head(), [line for line, _ in cases]))
    done = answer_file(program(), opening, answer, check=None)
    assert (done.opened, done.refused) == (1, 6)
    told = files.read_answer(answer.read_bytes(), files.read_opening(opening.read_bytes()))
    for one, (_, codes) in zip(told.lines, cases, strict=True):
        assert (one.result == "refused") == bool(codes), one
        for code in codes:
            assert any(found.startswith(code) for found in one.codes), (one.codes, code)


def test_file_for_another_bank_is_refused(tmp_path: Path) -> None:
    from sscard.bank.file_program import answer_file

    opening = tmp_path / "a.open.csv"
    opening.write_bytes(files.write_opening(replace(new_head(), bank="ICBC"), [kit.line(asleep(1)[0])]))
    refusal = kit.refused(lambda: answer_file(program(), opening, tmp_path / "x", check=None))
    assert refusal.code == "bank.other_banks_file"
    assert not (tmp_path / "x").exists()


def change(data: bytes, old: bytes, new: bytes) -> bytes:
    assert old in data
    return data.replace(old, new, 1)


FAULTY = [
    ("cut in the middle", lambda d: d[: d.rindex(b"\nT,") - 5], {"bank.file_trailer"}),
    (
        "a line is missing",
        lambda d: b"\n".join(d.split(b"\n")[:1] + d.split(b"\n")[2:]),
        {"bank.file_count", "bank.file_digest"},
    ),
    ("a letter changed", lambda d: change(d, "李小花".encode(), "李大花".encode()), {"bank.file_digest"}),
    ("another kind", lambda d: change(d, b"sscard-bank-open", b"sscard-bank-shut"), {"bank.file_header"}),
    ("not UTF-8", lambda d: b"\xff\xfe" + d, {"bank.file_encoding"}),
    ("a column too many", lambda d: change(d, b"\nT,", b",x\nT,"), {"bank.file_columns", "bank.file_digest"}),
    ("card out of form", lambda d: change(d, b"D,1,", b"D,1,zz"), {"bank.file_value", "bank.file_digest"}),
    ("empty", lambda _: b"", {"bank.file_trailer"}),
]


@pytest.mark.parametrize("case", FAULTY, ids=[case[0] for case in FAULTY])
def test_faulty_file_is_refused_whole_with_every_fault(case: tuple[str, Any, set[str]]) -> None:
    _, damage, codes = case
    lines = [kit.OpeningLineOf(n) for n in (1, 2)]
    data = damage(files.write_opening(HEAD, lines))
    refusal = kit.refused(lambda: files.read_opening(data))
    assert refusal.code == "bank.file_faulty"
    assert kit.codes_of(refusal) == codes
    assert all(fault.sentence("zh") and fault.sentence("en") for fault in refusal.faults)


def test_signature_of_the_area_and_of_the_bank() -> None:
    from sscard.keys.parties import KeyPair

    lines = [kit.OpeningLineOf(1)]
    check = files.checked_for_area("990100")
    signed = files.write_opening(HEAD, lines, sign=files.signed_by_area("990100"))
    asked = files.read_opening(signed, check=check)
    forged = files.write_opening(HEAD, lines, sign=files.signed_by_area("990200"))
    for data in (forged, files.write_opening(HEAD, lines)):
        assert kit.codes_of(kit.refused(lambda data=data: files.read_opening(data, check=check))) == {
            "bank.file_signature"
        }
    bank, thief = KeyPair.fresh(), KeyPair.fresh()
    answer = [AnswerLine(1, lines[0].card, "refused", codes=("name:codes.name_empty",))]
    told = files.write_answer(HEAD, asked.digest, answer, sign=files.signed_by_party(bank))
    assert files.read_answer(told, asked, check=files.checked_with(bank.public)).lines == tuple(answer)
    refusal = kit.refused(lambda: files.read_answer(told, asked, check=files.checked_with(thief.public)))
    assert kit.codes_of(refusal) == {"bank.file_signature"}


def test_answer_to_another_file_or_without_a_line_is_refused() -> None:
    lines = [kit.OpeningLineOf(1), kit.OpeningLineOf(2)]
    asked = files.read_opening(files.write_opening(HEAD, lines))
    answer = [AnswerLine(one.line, one.card, "refused", codes=("x:y",)) for one in lines]
    other = files.write_answer(HEAD, "0" * 64, answer)
    assert kit.codes_of(kit.refused(lambda: files.read_answer(other, asked))) == {"bank.file_other_request"}
    short = files.write_answer(HEAD, asked.digest, answer[:1])
    assert kit.codes_of(kit.refused(lambda: files.read_answer(short, asked))) == {"bank.file_line_missing"}


def test_command_answers_a_folder(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from sscard.cli.bankfiles import app
    from sscard.control.models import Organisation, Program
    from sscard.control.sessions import token_hash

    kit.organisation("CCB-CORE", "bank", "990100", "CCB")
    Program.objects.create(
        name="ccb-files",
        organisation=Organisation.objects.get(code="CCB-CORE"),
        area_code="990100",
        role="bank_program",
        secret_hash=token_hash("the key"),
    )
    inbox, outbox = tmp_path / "in", tmp_path / "out"
    inbox.mkdir()
    outbox.mkdir()
    sign = files.signed_by_area("990100")
    good = files.write_opening(new_head(), [kit.line(asleep(1)[0])], sign=sign)
    (inbox / "a.open.csv").write_bytes(good)
    (inbox / "b.open.csv").write_bytes(good.replace("李小花".encode(), "李大花".encode()))
    command = ["answer", str(inbox), str(outbox), "--program", "ccb-files", "--lang", "en", "--key"]
    wrong = CliRunner().invoke(app, [*command, "not the key"])
    assert wrong.exit_code == 1
    assert not list(outbox.iterdir())
    done = CliRunner().invoke(app, [*command, "the key"])
    assert done.exit_code == 1, done.output
    assert "1 with an account" in done.output
    assert [path.name for path in outbox.iterdir()] == ["a.answer.csv"]
    (inbox / "b.open.csv").unlink()
    assert CliRunner().invoke(app, [*command, "the key"]).exit_code == 0
    shown = CliRunner().invoke(app, ["show", str(inbox / "a.open.csv"), "--lang", "en"])
    assert "1 lines" in shown.output
    assert "李" not in shown.output
