"""A parser's complaint about a field in our words: its kinds of fault become codes, so that both languages can say them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sscard.kernel import words
from sscard.kernel.refusals import Fault

UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")
MISSING = ("missing", "missing_argument")
EXACT = {
    "decimal_type": "number",
    "is_instance_of": "described",
    "bytes_invalid_encoding": "base64",
    "bytes_type": "base64",
    "literal_error": "one_of",
    "enum": "one_of",
    "too_long": "at_most_long",
    "too_short": "at_least_long",
    "string_too_long": "at_most_long",
    "string_too_short": "at_least_long",
    "bytes_too_long": "at_most_long",
    "bytes_too_short": "at_least_long",
    "string_pattern_mismatch": "pattern",
    "greater_than": "more_than",
    "greater_than_equal": "at_least",
    "less_than": "less_than",
    "less_than_equal": "at_most",
}
BY_START = {
    "int_": "whole",
    "float_": "number",
    "finite_": "number",
    "decimal_": "number",
    "string_": "text",
    "bool_": "yes_no",
    "uuid_": "id",
    "datetime_": "moment",
    "timezone_": "moment",
    "date_": "day",
    "list_": "list",
    "tuple_": "list",
    "set_": "list",
    "frozen_set_": "list",
    "dict_": "object",
    "model_": "object",
    "dataclass_": "object",
    "mapping_": "object",
    "bytes_": "base64",
    "json_": "json",
}


def fault(error: Mapping[str, Any]) -> Fault:
    """One of pydantic's errors as a fault at its place; the parser's own English stays out."""
    place = ".".join(str(part) for part in error["loc"] if part not in ("body", "query", "path")) or "body"
    kind = str(error["type"])
    if kind in UNKNOWN:
        return Fault(place, "api.field_unknown")
    if kind in MISSING:
        return Fault(place, "api.field_missing")
    wanted, told = f"api.form.{kind_of(kind)}", _told(error)
    return Fault(
        place,
        "api.field_form",
        {
            "expected": words.text("notice", wanted, "zh", **told),
            "expected_en": words.text("notice", wanted, "en", **told),
        },
    )


def kind_of(parser_kind: str) -> str:
    """The code of `notice.api.form` for a parser's kind of fault."""
    if parser_kind in EXACT:
        return EXACT[parser_kind]
    return next((code for start, code in BY_START.items() if parser_kind.startswith(start)), "described")


def _told(error: Mapping[str, Any]) -> dict[str, str]:
    """The bounds and choices that the parser names, cut to a line's length; never what was sent."""
    return {name: str(value)[:120] for name, value in (error.get("ctx") or {}).items() if name != "error"}
