"""Is the service up? A house that has just been started takes some seconds to answer."""

from __future__ import annotations

import http.client
import ssl
import time
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

WITHIN_S: Final = 60.0
PAUSE_S: Final = 0.5
PATH: Final = "/.well-known/oauth-authorization-server"
"""Open to everybody and asks the database for nothing."""
AWAY: Final = (OSError, http.client.HTTPException)
"""What a service that is not there looks like; a certificate authority that was not written yet is among them."""


def within(url: str, trust: Path | None, seconds: float) -> bool:
    """Does it answer before so many seconds have passed?"""
    until = time.monotonic() + seconds
    while not _answers(url, trust):
        if time.monotonic() > until:
            return False
        time.sleep(PAUSE_S)
    return True


def _answers(url: str, trust: Path | None) -> bool:
    parts = urlsplit(url)
    try:
        tls = ssl.create_default_context(cafile=str(trust) if trust else None)
        line = http.client.HTTPSConnection(parts.hostname or "", parts.port or 443, timeout=5, context=tls)
        line.request("GET", PATH)
        answer = line.getresponse()
        answer.read()
        line.close()
    except AWAY:
        return False
    return answer.status == http.client.OK
