"""The certificate environment of third-generation cards (choice `pki_objects`: names are published, objects are ours).

"PKI." + 社会保障 → application SS.CERT.ADF1 with two files and one command: short identifier 1 the certificate (X.509,
SM2), 2 the public key (64 bytes); 00 2A 9E 9A signs a 32-byte digest and answers r ‖ s. Signing needs the social
password.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import gmssl_pyx
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from sscard.chip.card import status
from sscard.chip.card.apdu import Command
from sscard.chip.card.binary import part
from sscard.chip.card.status import Status

if TYPE_CHECKING:
    from sscard.chip.card.engine import VirtualCard


def read(card: VirtualCard, command: Command) -> bytes:
    """READ BINARY: `100 SFI` in P1 and a one-byte offset, or 15 bits of offset into the file read last (SFI 1 at
    first)."""
    if command.data:
        raise Status(status.LENGTH)
    if card.session.application != "CERT":
        raise Status(status.FILE_MISSING)
    number, offset = 0, command.p1 << 8 | command.p2
    if command.p1 & 0x80:
        number, offset = command.p1 & 0x1F, command.p2
    number = number or card.session.pointer or 1
    data = {1: card.image.certificate, 2: card.image.sign_public}.get(number)
    if data is None:
        raise Status(status.FILE_MISSING)
    answer = part(data, offset, command.le)
    card.session.pointer = number
    return answer


def sign(card: VirtualCard, command: Command) -> bytes:
    """COMPUTE DIGITAL SIGNATURE over e = SM3(ZA ‖ M): 32 bytes → 64."""
    command.at(0x9E, 0x9A)
    command.need(32)
    if card.session.application != "CERT":
        raise Status(status.CONDITIONS)
    may_sign(card)
    r, s = decode_dss_signature(gmssl_pyx.sm2_sign_sm3_digest(card.image.secrets.signing, command.data))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def may_sign(card: VirtualCard) -> None:
    if not card.session.pin:
        raise Status(status.SECURITY)
