"""What all reading routes need: values as JSON has them, and the caller's purpose."""

from __future__ import annotations

import msgspec
from django.http import HttpRequest

PURPOSE = "API"


def plain(value: object) -> object:  # type: ignore[explicit-any]
    """Times, dates and ids as text, dataclasses and tuples as objects and lists."""
    return msgspec.to_builtins(value, enc_hook=str)


def purpose(request: HttpRequest) -> str:
    return request.headers.get("Sscard-Purpose", PURPOSE)[:120]


def language(request: HttpRequest) -> str:
    """zh or en, as the caller's Accept-Language begins; zh when it says neither."""
    return "en" if request.headers.get("Accept-Language", "").strip().lower().startswith("en") else "zh"
