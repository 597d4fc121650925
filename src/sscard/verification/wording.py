"""What stands in the message: who sends it, what it confirms with its key facts, the code, how long, and the warning."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sscard.kernel import words
from sscard.law import areas

_CODE = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])")


def sms(area: str, word: str, code: str, facts: Mapping[str, str], seconds: int) -> str:
    """In Chinese, as the telephone's owner reads it; the code stands first, so that no fact is taken for it."""
    told = "，".join(f"{label}{value}" for label, value in facts.items())
    what = words.text(("act", "notice"), word, "zh")
    name = areas.get(area).issuer_name("zh")
    minutes = -(-seconds // 60)
    return words.text(
        "notice", "verification.sms", "zh", sender=name, code=code, what=what, facts=f"（{told}）" if told else "",
        minutes=minutes,
    )  # fmt: skip


def code_in(text: str) -> str:
    """The code of a message, for sandbox programs."""
    found = _CODE.search(text)
    return found.group() if found else ""
