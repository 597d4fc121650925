"""A document as whoever gets it sees it: its text can be copied, names with rare characters whole."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sscard.documents import fonts
from sscard.documents.lines import wrap
from sscard.documents.pdf import Column, Sheet

AT = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
needs_poppler = pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils is not installed")


def text_of(file: bytes, tmp_path: Path, *, layout: bool = False) -> str:
    path = tmp_path / "paper.pdf"
    path.write_bytes(file)
    flags = ["-layout"] if layout else []
    done = subprocess.run(["pdftotext", *flags, str(path), "-"], capture_output=True, check=True)
    return done.stdout.decode()


@needs_poppler
@pytest.mark.parametrize("name", ["阿依古丽·买买提", "吴䶮", "𬎆𠮷", "O'Neill-李", "㐂𰻝"])
def test_a_name_can_be_copied_as_it_is_written(name: str, tmp_path: Path) -> None:
    sheet = Sheet("开立凭证", made_at=AT, issuer="演示银行")
    sheet.facts([("户名", name), ("金额", "¥1,234.50")])
    said = text_of(sheet.output(), tmp_path)
    assert name in said
    assert "¥1,234.50" in said


def test_a_character_that_no_font_has_is_written_out() -> None:
    shown = [fonts.characters(one) for one in fonts.found()]
    nowhere = chr(next(code for code in range(0xE000, 0xF8FF) if not any(code in face for face in shown)))
    assert fonts.showable(f"王{nowhere}") == f"王[U+{ord(nowhere):04X}]"


@needs_poppler
def test_a_table_repeats_its_head_and_loses_no_row(tmp_path: Path) -> None:
    sheet = Sheet("明细", made_at=AT, foot="校验码 0000")
    sheet.table(
        [Column("日期", 20), Column("摘要", 50), Column("金额（元）", 20, "right")],
        [[f"2026-01-{n % 28 + 1:02}", f"第{n}笔，养老金发放", f"{n},000.00"] for n in range(1, 121)],
    )
    said = text_of(sheet.output(), tmp_path, layout=True)
    assert said.count("金额（元）") == said.count("\f") > 2
    for n in (1, 60, 120):
        assert f"第{n}笔" in said
    assert re.search(rf"1 ?/ ?{said.count(chr(12))}\b", said)


def test_a_row_of_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="as many cells"):
        Sheet("明细", made_at=AT).table([Column("a", 1), Column("b", 1)], [["1"]])


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("金额为 1,234.50 元。", ["金额为", "1,234.50", "元。"]),
        ("社会保障银行账户（活期）", ["社会保障银行账户", "（活期）"]),
        ("一二三四五六七八九。十", ["一二三四五六七八", "九。十"]),
        ("", [""]),
        ("one word", ["one word"]),
        ("abcdefghijkl", ["abcdefghi", "jkl"]),
    ],
)
def test_lines_break_where_one_may_break(text: str, lines: list[str]) -> None:
    assert wrap(text, 9, len) == lines


def test_no_text_is_lost_by_breaking() -> None:
    text = "本协议（以下简称“协议”）自双方签署之日起生效，有效期至账户销户之日。Effective from 2026-01-01."
    for width in range(4, 40):
        assert "".join(wrap(text, width, len)).replace(" ", "") == text.replace(" ", "")
        assert all(len(line) <= width + 12 for line in wrap(text, width, len))


def test_the_same_document_twice_is_the_same_file() -> None:
    def made() -> bytes:
        sheet = Sheet("回单", made_at=AT)
        sheet.text("同样的内容")
        return sheet.output()

    assert made() == made()


def test_places_for_signatures_stand_side_by_side() -> None:
    sheet = Sheet("协议", made_at=AT)
    one, other = sheet.signature("applicant", "申请人签名"), sheet.signature("bank", "银行盖章", column=1)
    assert (one.page, one.bottom, one.top) == (other.page, other.bottom, other.top)
    assert one.right < other.left
    sheet.text("协议到此为止。")
