"""The acts of this room: files in (`runs`), the statutory pay-out of medical money (`medical`)."""

from __future__ import annotations

from sscard.insurance.medical import MedicalPayout, medical_payout
from sscard.insurance.runs import (
    DropContributions,
    PostContributions,
    ReceiveContributions,
    drop,
    post,
    receive,
)

__all__ = [
    "DropContributions",
    "MedicalPayout",
    "PostContributions",
    "ReceiveContributions",
    "drop",
    "medical_payout",
    "post",
    "receive",
]
