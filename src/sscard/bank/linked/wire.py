"""HTTP to the bureau, bounded: few calls at a time and short waits, since bank and bureau may be one process with a fixed
number of threads, which must never all wait for each other.

No call is made inside a transaction. What the bureau refuses comes back as `BureauRefused` in its own words.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import connection

from sscard.kernel.refusals import Refusal

if TYPE_CHECKING:  # it costs memory, and most processes never call the bureau
    import httpx

AT_A_TIME: Final = 3
PATIENCE_S: Final = 3.0
"""How long a call waits for its turn; then the customer is told to try again."""
ANSWER_S: Final = 15.0
CONNECT_S: Final = 2.0
MOST_BYTES: Final = 2 * 1024 * 1024

_turns = threading.BoundedSemaphore(AT_A_TIME)


class BureauDown(Refusal):
    """No answer, or none that can be read: it is not known whether anything was done."""

    def __init__(self) -> None:
        super().__init__("bank.link_no_answer")


class BureauRefused(Refusal):
    """The bureau's own refusal: its code, sentence and next step, as they came (RFC 9457 and RFC 6749 §5.2)."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__("bank.link_refused", bureau_code=str(body.get("code") or body.get("error") or "")[:60])
        self.bureau_code = str(self.facts["bureau_code"])
        self.http_status = status
        self._body = dict(body)

    @property
    def status(self) -> int:
        """Its own, but for what concerns us as a client and not our customer."""
        return self.http_status if self.http_status in (404, 409, 410, 422, 429, 503) else 422

    def sentence(self, lang: str = "zh") -> str:
        told = self._body.get("title_zh" if lang == "zh" else "title") or self._body.get("error_description")
        return str(told)[:400] if told else super().sentence(lang)

    def next_step(self, lang: str = "zh") -> str:
        told = self._body.get("detail_zh" if lang == "zh" else "detail")
        return str(told)[:400] if told else super().next_step(lang)


def _real(issuer: str) -> httpx.Client:
    import httpx

    trust = Path(settings.CONFIG.home) / "tls" / "authority.pem"
    return httpx.Client(
        base_url=issuer, timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S), follow_redirects=False, trust_env=False,
        verify=str(trust) if trust.is_file() else True,
    )  # fmt: skip


connect: Callable[[str], httpx.Client] = _real
"""Makes the client for an issuer; tests put an in-process one here."""


@cache
def _client(issuer: str, _made_by: int) -> httpx.Client:
    return connect(issuer)


def ask(issuer: str, method: str, path: str, **more: Any) -> httpx.Response:
    """One exchange. Raises BureauDown, BureauRefused, and bank.link_busy when it was never sent."""
    import httpx

    if connection.in_atomic_block:
        raise RuntimeError("no call to the bureau inside a transaction")
    if not _turns.acquire(timeout=PATIENCE_S):
        raise Refusal("bank.link_busy")
    try:
        answer = _client(issuer, id(connect)).request(method, path, **more)
    except httpx.HTTPError:
        raise BureauDown from None
    finally:
        _turns.release()
    if len(answer.content) > MOST_BYTES or answer.status_code >= 500:
        raise _unwell(answer)
    if answer.status_code >= 400:
        raise BureauRefused(answer.status_code, _json(answer))
    return answer


def _unwell(answer: httpx.Response) -> Refusal:
    """A 503 with a code says that nothing was done; anything else says nothing."""
    told = _json(answer) if answer.status_code == 503 else {}
    return BureauRefused(503, told) if told.get("code") else BureauDown()


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
