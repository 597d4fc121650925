"""A program's or person's way into the service: HTTPS and JSON, keep-alive, refusals as they are answered.

A request that the line swallowed is sent again under the same key, so that a process which is killed and comes back
costs the story some seconds and nothing else.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

WAIT_S: Final = 60.0
"""How long a service that does not answer is waited for: a fallen process is back long before."""
PAUSE_S: Final = 0.3
_LINE = (OSError, http.client.HTTPException)
GONE_S: Final = 15.0
_GONE: Final = (500, 502, 503)
"""Answers of a house whose database or key service is away at this moment; waited for so long."""


class Refused(Exception):
    """The service said no. Sentences and next steps by language, every fault with its place."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status, self.problem = status, problem
        self.code = str(problem.get("code", f"http.{status}"))
        super().__init__(
            " ".join([self.code, *(f"{one.get('place')}: {one.get('code')}" for one in problem.get("faults", ()))])
        )

    def sentence(self, lang: str) -> str:
        return str(self.problem.get("title_zh" if lang == "zh" else "title", self.code))

    def next_step(self, lang: str) -> str:
        return str(self.problem.get("detail_zh" if lang == "zh" else "detail", ""))

    def faults(self, lang: str) -> list[str]:
        return [str(one["text_zh" if lang == "zh" else "text"]) for one in self.problem.get("faults", ())]

    def codes(self) -> set[str]:
        """The refusal's code and those of its faults."""
        return {self.code, *(str(one.get("code")) for one in self.problem.get("faults", ()))}


class Line:
    """One connection to the service. Not for several threads at a time."""

    def __init__(self, base_url: str, trust: Path | str | None) -> None:
        parts = urlsplit(base_url)
        if parts.scheme != "https" or not parts.hostname:
            raise ValueError("the service speaks https only")
        self.base_url, self.trust = base_url.rstrip("/"), trust
        self._host, self._port = parts.hostname, parts.port or 443
        self._tls = ssl.create_default_context(cafile=str(trust) if trust else None)
        self._open: http.client.HTTPSConnection | None = None

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, str, bytes]:
        """Status, media type and body. Tried again while the service is away."""
        began = time.monotonic()
        while True:
            try:
                status, kind, data = self._once(method, path, body, headers)
            except _LINE:
                self.close()
                if time.monotonic() > began + WAIT_S:
                    raise
            else:
                if status not in _GONE or time.monotonic() > began + GONE_S or _is_an_answer(kind, data):
                    return status, kind, data
            time.sleep(PAUSE_S)

    def _once(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, str, bytes]:
        if self._open is None:
            self._open = http.client.HTTPSConnection(self._host, self._port, timeout=120, context=self._tls)
        self._open.request(method, path, body=body, headers=dict(headers))
        answer = self._open.getresponse()
        data = answer.read()
        return answer.status, answer.headers.get_content_type(), data

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


def _is_an_answer(kind: str, data: bytes) -> bool:
    """A refusal of the house's own is an answer, even with a status above 500, unless it says that something is away."""
    if kind != "application/problem+json":
        return False
    return not str(json.loads(data).get("code", "")).startswith(("kernel.key_service", "kernel.unavailable"))


class Client:
    """Somebody who has signed in (or a program with its key), or nobody at all: `authorization` is the header.

    `host`: the site on this line that he turns to, where it is not the bureau's own.
    `purpose` is said with everything that he looks at. `renew` signs in again and gives the new header, for a session
    that ended while its owner was away.
    """

    def __init__(
        self,
        line: Line,
        authorization: str = "",
        *,
        area: str = "",
        lang: str = "zh",
        renew: Callable[[], str] | None = None,
        purpose: str = "",
        host: str = "",
    ) -> None:
        self.line, self.authorization, self.area, self.lang = line, authorization, area, lang
        self.renew, self.purpose, self.host = renew, purpose, host

    def act(self, name: str, *, key: str = "", purpose: str = "", **request: Any) -> dict[str, Any]:
        """Do an act. `key` is made here when the caller does not keep one for a repeat."""
        more = {"Idempotency-Key": key or uuid.uuid4().hex}
        if purpose:
            more["Sscard-Purpose"] = purpose
        return dict(self.json("POST", f"/api/acts/{name}", request, **more))

    def get(self, path: str, **query: str) -> Any:
        return self.json("GET", path + (f"?{urlencode(query)}" if query else ""))

    def json(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        data = None if body is None else json.dumps(body, ensure_ascii=False, default=str).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        return json.loads(self.raw(method, path, data, **headers) or b"null")

    def raw(self, method: str, path: str, body: bytes | None = None, **headers: str) -> bytes:
        """The answer's bytes; raises Refused."""
        more = {"Accept": "application/json", "Accept-Language": self.lang, **headers}
        if self.host:
            more["Host"] = self.host
        if self.area:
            more["Sscard-Area"] = self.area
        if self.purpose:
            more.setdefault("Sscard-Purpose", self.purpose)
        status, kind, data = self._send(method, path, body, more)
        if status == 401 and self.renew is not None:
            self.authorization = self.renew()
            status, kind, data = self._send(method, path, body, more)
        if status >= 400:
            raise Refused(status, json.loads(data) if kind.endswith("json") else {"code": f"http.{status}"})
        return data

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, str, bytes]:
        signed = {"Authorization": self.authorization} if self.authorization else {}
        return self.line.send(method, path, body, {**headers, **signed})

    def file(self, path: str, name: str, data: bytes, *, key: str = "", **fields: str) -> dict[str, Any]:
        """Hand in a file as a form does."""
        mark = uuid.uuid4().hex
        head = "".join(
            f'--{mark}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
            for field, value in fields.items()
        )
        head += (
            f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        body = head.encode() + data + f"\r\n--{mark}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={mark}", "Idempotency-Key": key or uuid.uuid4().hex}
        return dict(json.loads(self.raw("POST", path, body, **kind)))

    def again(self) -> Client:
        """The same caller on a connection of its own, for another thread."""
        line = Line(self.line.base_url, self.line.trust)
        return Client(line, self.authorization, area=self.area, lang=self.lang, renew=self.renew, purpose=self.purpose,
                      host=self.host)  # fmt: skip
