"""The telephone of a sandbox as a page: for its developers, and for whoever was given its signed link, which ends with the
sandbox's next reset or after thirty days."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.core import signing

from sscard.partners.models import Sandbox
from sscard.partners.sandbox import tenants

LIFE: Final = timedelta(days=30)
_SALT: Final = "sscard.sandbox.telephone"


def page(area: str) -> str:
    """The page's path with the mark that opens it."""
    return f"/sandbox/phone/{area}/?pass={signing.TimestampSigner(salt=_SALT).sign(area).partition(':')[2]}"


def opens(area: str, mark: str) -> bool:
    """Does this mark open the telephone of this area now?"""
    try:
        signing.TimestampSigner(salt=_SALT).unsign(f"{area}:{mark}", max_age=LIFE)
    except signing.BadSignature:
        return False
    return tenants.copy_of(area) is not None


def is_of(area: str, organisation: str) -> bool:
    """Is it a sandbox of this partner's?"""
    return Sandbox.objects.filter(area_code=area, organisation=organisation).exists()
