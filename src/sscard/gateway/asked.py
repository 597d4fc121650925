"""What is asked of the gateway: fields, their form, and every fault of a request at once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.ledger.items import MOST_FEN

MOST_KEY = 120


class Deposit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    account: uuid.UUID
    amount_fen: int


class Capture(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At most what was authorised; what is left is free again."""

    account: uuid.UUID
    hold: uuid.UUID
    amount_fen: int


class Void(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    account: uuid.UUID
    hold: uuid.UUID


class Reversal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of the deposit that this caller sent under `key`, whether it has come or not."""

    account: uuid.UUID
    amount_fen: int
    key: str


def _id(value: Any) -> uuid.UUID:
    return uuid.UUID(value) if isinstance(value, str) and len(value) in (32, 36) else _wrong()


def _fen(value: Any) -> int:
    return value if type(value) is int else _wrong()


def _key(value: Any) -> str:
    return value if isinstance(value, str) and sound_key(value) else _wrong()


def _wrong() -> Any:
    raise ValueError


def sound_key(key: str) -> bool:
    return 0 < len(key) <= MOST_KEY and key.isprintable()


_FORMS: Mapping[str, tuple[Callable[[Any], Any], str]] = {
    "account": (_id, "uuid"),
    "hold": (_id, "uuid"),
    "amount_fen": (_fen, "integer, fen"),
    "key": (_key, f"text, 1-{MOST_KEY}"),
}
_decode = msgspec.json.Decoder(dict[str, Any]).decode
_decode_as = {kind: msgspec.json.Decoder(kind).decode for kind in (Deposit, Capture, Void, Reversal)}
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def read(body: bytes, kind: type[Any]) -> Any:
    """The request in a body. Raises api.body_unreadable, or kernel.form_faults with every fault and its place."""
    try:
        request = _decode_as[kind](body)
    except _UNREADABLE:
        return _looked_through(body, kind)
    sound = 0 < getattr(request, "amount_fen", 1) <= MOST_FEN and sound_key(getattr(request, "key", "-"))
    return request if sound else _looked_through(body, kind)


def _looked_through(body: bytes, kind: type[Any]) -> Any:
    """The same, field by field: what is wrong with each."""
    try:
        given = _decode(body)
    except _UNREADABLE:
        raise Refusal("api.body_unreadable") from None
    names, values, faults = kind.__struct_fields__, {}, []
    for name in names:
        form, expected = _FORMS[name]
        if name not in given:
            faults.append(Fault(name, "api.field_missing"))
            continue
        try:
            values[name] = form(given[name])
        except ValueError:
            faults.append(Fault(name, "api.field_form", {"expected": expected}))
    faults += [Fault(name[:40], "api.field_unknown") for name in given if name not in names]
    if "amount_fen" in values and not 0 < values["amount_fen"] <= MOST_FEN:
        faults.append(Fault("amount_fen", "ledger.amount"))
    refuse_if_any(faults)
    return kind(**values)
