"""docs/passwords.md and the page /passwords/: the table of passwords in words, out of the data in `passwords`."""

from __future__ import annotations

from sscard.kernel import words
from sscard.terminals.passwords import BANK, NEW, SOCIAL, TABLE, Asks

WORDS = {
    "which": {
        SOCIAL: ("社会保障卡的社保密码", "social security password"),
        BANK: ("银行密码", "bank password"),
    },
    "where": {SOCIAL: ("芯片里核对、计数", "checked and counted by the chip"), BANK: ("银行核对、计数", "by the bank")},
    "how": {
        "current": ("现在的密码", "the current one"),
        "new": ("本人新设的密码", "a new one of the holder's own"),
        "first": ("初始密码，再由本人新设", "the card's initial one, then a new one of the holder's own"),
        "change": ("旧密码和新密码", "the old one and a new one"),
        "renew": ("忘记了：核对本人以后新设", "forgotten: a new one, after the holder was checked"),
    },
}


def rows(lang: str) -> list[tuple[str, str, str, str]]:
    """(business, which password, what is entered, who checks it), in the order of the table."""
    at = 0 if lang == "zh" else 1
    return [
        (
            words.text("act", one.matter, lang),
            _word("which", one.which, at),
            _word("how", "first" if (one.which, one.how) == (SOCIAL, NEW) else one.how, at),
            _where(one, at),
        )
        for one in TABLE
    ]


def document() -> str:
    """The whole of docs/passwords.md."""
    lines = [
        "# Which business asks which password",
        "",
        "Made by `sscard card passwords` from `sscard.terminals.passwords`; the product goes by the same table, and what",
        "does not stand here asks for no password. The two never cross over: the social security password goes to the chip",
        "and is compared and counted there (for a simulated card without a chip a twin in the database stands in); the",
        "bank password goes to the bank in an ISO 9564 block bound to the bank number. Each given in the other's place is",
        "refused, and the other's counter stays as it was. Wrong entries of one never lock the other's side.",
        "",
        "| business | act | password | what the holder enters | who checks and counts |",
        "|---|---|---|---|---|",
    ]
    both = zip(TABLE, rows("zh"), rows("en"), strict=True)
    lines += [
        f"| {zh[0]} · {en[0]} | `{one.matter}` | {zh[1]} · {en[1]} | {zh[2]} · {en[2]} | {zh[3]} · {en[3]} |"
        for one, zh, en in both
    ]
    return "\n".join(lines) + "\n"


def _word(kind: str, name: str, at: int) -> str:
    return WORDS[kind][name][at]


def _where(one: Asks, at: int) -> str:
    return _word("where", one.which, at)
