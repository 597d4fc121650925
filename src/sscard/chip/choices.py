"""What the published texts leave open, and what we choose. Every report names the choices that it was made under.

A choice is configuration: make another `Choices` and hand it to personalisation, card and suite, or write
`sscard card make --choice reserved_size=128`; a card is personalised with its choices inside. `ALTERNATIVES` are the
values that sources name; a choice that is not in it has one value, as nobody published another.

>>> Choices.of({"reserved_size": "128", "dir_sfi": "5"}).reserved_size
128
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from sscard.chip.faults import ChipFault
from sscard.kernel.refusals import Fault


@dataclass(frozen=True, slots=True)
class Choices:
    """The open points (card.md §12 of the project's notes; docs/readers.md repeats them for users)."""

    ssse_in_mf: bool = True
    """EF05 and the others of SSSE are reachable right after reset and after SELECT 3F00."""
    factor3: str = "t6td"
    """Third dispersal factor: "t6td" last 8 historical bytes of the ATR; "t8td0000" T8–TD and 0000 (minority,
    early)."""
    identification_code: str = "mac"
    """Authentication code in the card identification code: "mac" left 4 bytes of a MAC under an issuer key, "none"
    FFFFFFFF."""
    pin_tries: int = 6
    """Wrong social passwords in a row until it is blocked; an area's `social_password_wrong_max`. The suite needs three."""
    key_tries: int = 15
    """Wrong external authentications in a row until the key is locked. The suite needs three."""
    version_default: int = 1
    """Key version used when an authentication names none."""
    same_application_keeps_state: bool = True
    """Selecting the application that is selected already keeps what was authenticated; another one drops it."""
    dir_sfi: int = 0x1E
    """Short identifier of the directory file that the FCI names; the text says 5–15, fielded cards say 1E. 5 to 8 are
    SSSE's own files."""
    ssf33: bool = False
    """SSF33 is not public: a card that says algorithm 02 answers 6A81 to cryptographic commands."""
    long_challenge: str = "left"
    """A challenge of 16 bytes under a DES key: "left" its left 8 bytes are used, "refuse" it is not given (6700)."""
    df_key_ids: str = "psam_order"
    """Key ids of DF05, DF06, DF07 and DF01 8A–8E: in the order of the PSAM's table."""
    reserved_size: int = 0x128
    """Bytes of a reserved file of DF01: "b 128" read as hex by the table's own rule, or as decimal."""
    certificate_number_type: str = "an10"
    """Tag 55: "an10" by the table, "cn08" as the compatibility table says."""
    purse_layout: str = "pboc_with_sums"
    """INITIALISE PURCHASE takes three amounts and answers sums paid and due year behind the counter; MAC inputs as
    PBOC."""
    pki_objects: str = "own"
    """Names alone are published. "own": certificate, public key and sign command of ours; "stub": the environment can be
    selected and holds nothing."""
    payment: str = "minimal"
    """"minimal": what a terminal reads, number, track 2, expiry, no cryptogram; "none": a card without payment side."""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Choices:
        """Choices out of text. Raises one chip.choices with every name that there is not and every value that is none
        of its alternatives."""
        known = {one.name: one for one in fields(cls)}
        values: dict[str, Any] = {}
        faults = []
        for name, text in given.items():
            if name not in known:
                faults.append(Fault(name[:40], "chip.choice_unknown", {"known": ", ".join(sorted(known))}))
                continue
            try:
                values[name] = _value(name, text, known[name].default)
            except ValueError:
                allowed = ALTERNATIVES.get(name, (known[name].default,))
                faults.append(Fault(name, "chip.choice_value", {"allowed": " | ".join(map(_text, allowed))}))
        if faults:
            raise ChipFault("chip.choices", faults=faults, count=len(faults))
        return cls(**values)

    def changed(self) -> dict[str, str]:
        """What differs from the default, as `of` takes it."""
        return {
            one.name: _text(getattr(self, one.name)) for one in fields(self) if getattr(self, one.name) != one.default
        }


ALTERNATIVES: Final[dict[str, tuple[Any, ...]]] = {
    "ssse_in_mf": (True, False),
    "factor3": ("t6td", "t8td0000"),
    "identification_code": ("mac", "none"),
    "pin_tries": (6, 3, 4, 5, *range(7, 16)),
    "key_tries": (15, *range(3, 15)),
    "version_default": (1, 2, 3),
    "same_application_keeps_state": (True, False),
    "dir_sfi": (0x1E, *range(0x09, 0x10)),
    "long_challenge": ("left", "refuse"),
    "reserved_size": (0x128, 128),
    "certificate_number_type": ("an10", "cn08"),
    "pki_objects": ("own", "stub"),
    "payment": ("minimal", "none"),
}
"""Choice → its values, the default first. Not here: `ssf33` (the cipher is secret), `df_key_ids` and `purse_layout` (no
source names another)."""


def _value(name: str, text: str, default: Any) -> Any:
    """Raises ValueError."""
    if isinstance(default, bool):
        value: Any = {"yes": True, "no": False}[text] if text in ("yes", "no") else None
    elif isinstance(default, int):
        value = int(text, 0)
    else:
        value = text
    if value not in ALTERNATIVES.get(name, (default,)) or value is None:
        raise ValueError(name)
    return value


def _text(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


DEFAULT = Choices()


def described(choices: Choices = DEFAULT) -> dict[str, dict[str, Any]]:
    """Name → value, whether it is the default, and what it could be instead; for reports."""
    return {
        one.name: {
            "value": getattr(choices, one.name),
            "default": getattr(choices, one.name) == one.default,
            "others": [value for value in ALTERNATIVES.get(one.name, ()) if value != getattr(choices, one.name)],
        }
        for one in fields(Choices)
    }
