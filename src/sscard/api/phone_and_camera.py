"""The sandbox's telephone and camera for programs. A partner's sandbox shows its telephone to its own key and developers only;
the demo city's is open to everybody. Outside a sandbox there is nothing at these addresses."""

from __future__ import annotations

import uuid
from typing import Any, Literal

from django.http import HttpRequest
from ninja import NinjaAPI, Schema
from pydantic import ConfigDict

from sscard.api import sandbox
from sscard.api.plain import plain
from sscard.kernel.refusals import Refusal
from sscard.partners.sandbox import tenants
from sscard.verification import virtual_face, virtual_sms


class FaceOutcome(Schema):
    """What the virtual camera saw."""

    model_config = ConfigDict(extra="forbid")
    outcome: Literal["pass", "fail", "not_alive", "timeout", "too_many", "down"]


def mount(api: NinjaAPI) -> None:
    @api.get("/sandbox/{area}/messages", tags=["sandbox"], summary="text messages that arrived · 收到的短信")
    def messages(request: HttpRequest, area: str, phone: str = "", limit: int = 20) -> Any:
        """Newest first; `phone`: the masked number. `code` is the code in the text. With the sandbox's own key, or its
        developer's token."""
        if tenants.is_sandbox_code(area) and sandbox.mine(request)[1].area_code != area:
            raise Refusal("control.not_found")
        return plain(virtual_sms.messages(area, phone_masked=phone, most=max(1, min(limit, virtual_sms.MOST_SHOWN))))

    @api.post("/sandbox/face/{challenge}", tags=["sandbox"], summary="what the camera saw · 人脸识别结果", auth=None)
    def face(request: HttpRequest, challenge: uuid.UUID, body: FaceOutcome) -> dict[str, Any]:
        virtual_face.choose(challenge, body.outcome)
        return {"challenge": str(challenge), "outcome": body.outcome}
