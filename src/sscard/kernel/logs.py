"""Logs: JSON lines without control characters, and a last filter that masks what looks like a personal number."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

_ID = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)|(?<!\d)\d{15}(?!\d)")
_PAN = re.compile(r"(?<!\d)\d{16,19}(?!\d)")
_PHONE = re.compile(r"(?<!\d)[19]\d{10}(?!\d)")


def masked(text: str) -> str:
    """ID numbers, bank numbers and phones inside any text, masked.

    >>> masked("id 090101199001010019 phone 91300000000")
    'id 0901**********0019 phone 913****0000'
    """
    text = _ID.sub(lambda m: m[0][:4] + "*" * (len(m[0]) - 8) + m[0][-4:], text)
    text = _PAN.sub(lambda m: "*" * (len(m[0]) - 4) + m[0][-4:], text)
    return _PHONE.sub(lambda m: m[0][:3] + "****" + m[0][-4:], text)


class Masked(logging.Filter):
    """Masks message and exception text of every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = masked(record.getMessage()), ()
        return True


class Lines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "from": record.name,
            "text": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = masked(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
