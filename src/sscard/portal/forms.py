"""Small helps for forms: an act's refusal as faults beside the fields, ids out of addresses, files out of uploads."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from sscard.kernel.refusals import Fault, Refusal

PHOTO_MOST = 600 * 1024


def faults_of(refusal: Refusal, places: Mapping[str, str] | None = None) -> tuple[Fault, ...]:
    """The refusal's faults; one without faults stands at the field that `places` names for its code. Anything else is no
    matter of this form: it is raised again and becomes a page of its own."""
    if refusal.faults:
        return refusal.faults
    if refusal.code in (places or {}):
        return (Fault((places or {})[refusal.code], refusal.code, refusal.facts),)
    raise refusal


def uuid_of(text: str) -> uuid.UUID:
    """A public id that a form sent; whatever is none is like a missing record."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Refusal("control.not_found") from None


def photo_of(request: HttpRequest, field: str = "photo") -> bytes:
    """A photo just uploaded, or carried along as base64 from the page before; empty when there is none."""
    upload: Any = request.FILES.get(field)
    if upload is not None:
        return bytes(upload.read(PHOTO_MOST + 1))
    try:
        return base64.b64decode(request.POST.get(f"{field}_data", ""), validate=True)[: PHOTO_MOST + 1]
    except ValueError:
        return b""


def data_uri(media_type: str, image: bytes) -> str:
    """A picture inside the page, so that no address of it exists."""
    return f"data:{media_type};base64,{base64.b64encode(image).decode()}"
