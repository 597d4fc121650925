"""What the published texts leave open, and what we choose. Every report names the choices that it was made under.

A choice is configuration: make another `Choices` and hand it to personalisation, card and suite. Those that are a matter of data
(key ids, sizes, types of items) or of a command's layout stand in files.toml, keys.toml and their module; here they are named.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


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
    """Wrong social passwords in a row until it is blocked; an area's `social_password_wrong_max`."""
    key_tries: int = 15
    """Wrong external authentications in a row until the key is locked."""
    version_default: int = 1
    """Key version used when an authentication names none."""
    same_application_keeps_state: bool = True
    """Selecting the application that is selected already keeps what was authenticated; another one drops it."""
    dir_sfi: int = 0x1E
    """Short identifier of the directory file that the FCI names; the text says 5–15, fielded cards say 1E."""
    ssf33: bool = False
    """SSF33 is not public: a card that says algorithm 02 answers 6A81 to cryptographic commands."""
    long_challenge: str = "left"
    """A challenge of 16 bytes under a DES key: its left 8 bytes are used."""
    df_key_ids: str = "psam_order"
    """Key ids of DF05, DF06, DF07 and DF01 8A–8E: in the order of the PSAM's table."""
    reserved_size: int = 0x128
    """Bytes of a reserved file of DF01 ("b 128", read as hex)."""
    certificate_number_type: str = "an10"
    """Tag 55: an 10 by the table, not cn 08 as the compatibility table says."""
    purse_layout: str = "pboc_with_sums"
    """INITIALISE PURCHASE takes three amounts and answers sums paid and due year behind the counter; MAC inputs as
    PBOC."""
    pki_objects: str = "own"
    """Objects of the certificate environment and the sign command are ours; names alone are published."""
    payment: str = "minimal"
    """The payment application holds what a terminal reads: number, track 2, expiry; no cryptogram."""


DEFAULT = Choices()


def described(choices: Choices = DEFAULT) -> dict[str, dict[str, Any]]:
    """Name → value and whether it is the default; for reports."""
    return {
        one.name: {"value": getattr(choices, one.name), "default": getattr(choices, one.name) == one.default}
        for one in fields(Choices)
    }
