"""How a refusal looks at the OAuth endpoints: RFC 6749 §5.2 knows few words and two statuses; the house's code stands beside."""

from __future__ import annotations

from typing import NamedTuple

from sscard.kernel import words


class OAuthError(NamedTuple):
    """`error` of RFC 6749 and its kin, and the HTTP status that goes with it."""

    error: str
    status: int


def of(code: str, own_status: int, error: str = "") -> OAuthError:
    """`own_status`: of the refusal where it is no OAuth endpoint that answers. `error`: where the endpoint has a word of
    its own for it."""
    entry = words.entry(("refusal", "fault"), code)
    told = error or str(
        entry.get("oauth") or ("temporarily_unavailable" if own_status in (429, 503) else "invalid_request")
    )
    if own_status in (429, 500, 503):
        return OAuthError(told, own_status)
    return OAuthError(told, 401 if told == "invalid_client" else 400)
