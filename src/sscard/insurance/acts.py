"""The acts of this room: files in (`runs`)."""

from __future__ import annotations

from sscard.insurance.runs import (
    DropContributions,
    PostContributions,
    ReceiveContributions,
    drop,
    post,
    receive,
)

__all__ = ["DropContributions", "PostContributions", "ReceiveContributions", "drop", "post", "receive"]
