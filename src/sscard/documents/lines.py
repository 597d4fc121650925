"""Breaking text into lines: between any two Chinese characters, never inside a word or an amount, and no line begins with
a closing sign or ends with an opening one (GB/T 15834)."""

from __future__ import annotations

import re
from collections.abc import Callable

_PIECES = re.compile(r"\s+|[!-~¡-ʯ·]+|.", re.DOTALL)
_NOT_FIRST = set("，。、；：？！）〕】》〉」』”’…—％%,.;:?!)]}")
_NOT_LAST = set("（〔【《〈「『“‘([{¥￥")


def wrap(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Lines of at most `width`, in the unit of `measure`. A word that is longer than a line is cut.

    >>> wrap("金额为 1,234.50 元。", 9, len)
    ['金额为', '1,234.50', '元。']
    """
    return [line for part in text.split("\n") for line in _paragraph(part, width, measure)]


def _paragraph(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    lines: list[str] = []
    line = ""
    for piece in _cut(_PIECES.findall(text), width, measure):
        if measure((line + piece).rstrip()) <= width:
            line += piece
            continue
        keep, carried = _carry(line, piece)
        if keep.strip():
            lines.append(keep.rstrip())
        line = (carried + piece).lstrip()
    return [*lines, line.rstrip()]


def _carry(line: str, piece: str) -> tuple[str, str]:
    """What goes over to the next line with the piece, so that the break is at a place where one may break."""
    carried = ""
    while line and not line[-1].isspace() and ((carried or piece)[0] in _NOT_FIRST or line[-1] in _NOT_LAST):
        head = _PIECES.findall(line)
        if len(head) < 2 or len(carried) > 12:
            break
        carried = head[-1] + carried
        line = "".join(head[:-1])
    return line, carried


def _cut(pieces: list[str], width: float, measure: Callable[[str], float]) -> list[str]:
    cut: list[str] = []
    for piece in pieces:
        if len(piece) > 1 and not piece.isspace() and measure(piece) > width:
            cut += list(piece)
        else:
            cut.append(piece)
    return cut
