"""The trace id of a request: on every page of trouble, in the audit row and in the log, so that one number finds all three.

The API keeps its own in the same place, and a caller's is taken there; a browser sends none.
"""

from __future__ import annotations

import uuid

from django.http import HttpRequest

HEADER = "Sscard-Trace"


def trace_of(request: HttpRequest) -> str:
    """Made at the first asking, the same for the rest of the request."""
    found = str(getattr(request, "sscard_trace", ""))
    if not found:
        found = uuid.uuid4().hex
        request.sscard_trace = found  # type: ignore[attr-defined]
    return found
