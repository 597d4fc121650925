"""What `sscard card read` and `sscard card wrong` print for people."""

from __future__ import annotations

import re

import pytest

from chip_kit import contacts, psam
from sscard.chip.card import Image
from sscard.chip.conformance.wrong import WRONG
from sscard.chip.personal import demo
from sscard.chip.reader.reading import masked, read_card
from sscard.chip.reader.terminal import Terminal
from sscard.chip.reader.transport import InProcess
from sscard.cli import card_said, card_wrong
from sscard.kernel.refusals import Refusal


def said(image: Image, *, keys: bool = True) -> str:
    terminal = Terminal(InProcess(contacts(image)), psam() if keys else None)
    card = read_card(terminal, bytes.fromhex(demo.PIN) if keys else b"", everything=keys)
    return "\n".join(card_said.lines(card, masked))


def test_filled_items_in_both_languages_and_the_rest_in_one_line() -> None:
    image = demo.card()
    image.files["DF04/08"].records[2] = bytes.fromhex("0007 06 112233445566 20260702093000 00003039 00000000 00000064")
    image.files["SSSE/08"].data = b"\x01" * 4096
    text = said(image)
    assert re.search(r"真卡 genuine: 真 / yes", text)
    assert re.search(r"  卡号 card number {2,}\*+0011\n", text), "personal values are masked"
    assert re.search(r"照片 photo\n  有内容 filled（4096 字节 bytes）", text)
    assert re.search(r"常住地 residence\n  空 empty: 5 项 items\n", text)
    transactions = text[text.index("DF04/EF08") : text.index("DF04/EF15")]
    assert re.search(r"\n  3\.\n", transactions)
    assert re.search(r"account fen {2,}123\.45\n", transactions)
    assert re.search(r"pool fen {2,}1\.00\n", transactions)
    assert "空 empty: 29 条记录 records" in transactions
    assert not re.search(r"b'|\\x|\{|\}|\[|None", text), "nothing as Python writes it"


def test_what_was_not_read_says_why() -> None:
    text = said(demo.card(), keys=False)
    assert "genuine: 没有问 / not asked, no PSAM" in text
    assert "持卡人基本信息 holder\n  没有读到 not read: 6982 security" in text


def test_each_wrong_card_has_its_line_and_can_be_called() -> None:
    lines = list(card_wrong.lines())
    assert len(lines) == len(WRONG)
    for wrong, line in zip(WRONG, lines, strict=True):
        assert re.match(rf"{re.escape(wrong.slug)} +{wrong.version} .+{wrong.found_by} ", line)
        assert " / " in line
        assert card_wrong.powered(wrong.slug, "t0").power_on()
    assert card_wrong.powered(WRONG[0].name.upper(), "apdu").power_on(), "its name in words as well"
    with pytest.raises(Refusal) as no:
        card_wrong.powered("a good card", "apdu")
    assert no.value.code == "chip.wrong_unknown"
