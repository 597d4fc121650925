"""The part of a conformance run about linking cards: tokens got, rotated and given up as FAPI 2.0 wants, judged from the
calls to /oauth/ and to what a token opens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sscard.partners.conformance_checks import Check, Seen
from sscard.partners.models import RequestLine

FIRST: Final = ("/oauth/token authorization_code", "/oauth/token ciba")
AGAIN: Final = "/oauth/token refresh_token"
OPENED: Final = ("/api/linked/", "/api/link")
OUTDATED: Final = "binding.refresh_wrong"
ENDINGS: Final = ("/oauth/revoke", "/oauth/unlink")
ENDED: Final = frozenset({"binding.token_wrong", "binding.consent_revoked", "binding.consent_expired"})
PROOFS: Final = frozenset(
    {"binding.dpop_wrong", "binding.dpop_replayed", "binding.client_wrong", "binding.dpop_other_key"}
)


def _good(lines: Iterable[RequestLine], *paths: str) -> list[int]:
    """Where in the log such a call succeeded."""
    return [at for at, one in enumerate(lines) if one.path in paths and one.status < 300]


def _looks(seen: Seen) -> list[int]:
    return [at for at, one in enumerate(seen.lines) if _opened(one) and one.method == "GET" and one.status == 200]


def _opened(one: RequestLine) -> bool:
    return one.path.startswith(OPENED)


def _linked(seen: Seen) -> bool:
    """Tokens for a holder's agreement, and something read with them."""
    first = _good(seen.lines, *FIRST)
    return bool(first) and any(at > first[0] for at in _looks(seen))


def _refreshed(seen: Seen) -> bool:
    """The refresh token was exchanged, and the new access token was used."""
    again = _good(seen.lines, AGAIN)
    return bool(again) and any(at > again[0] for at in _looks(seen))


def _rotated(seen: Seen) -> bool:
    """Each exchange used the newest refresh token: at least two in a row succeeded, and no old one was ever sent."""
    return len(_good(seen.lines, AGAIN)) > 1 and not any(
        one.path == AGAIN and one.code == OUTDATED for one in seen.lines
    )


def _proved(seen: Seen) -> bool:
    """Assertions and DPoP proofs were fresh and right each time."""
    return _linked(seen) and not any(one.code in PROOFS for one in seen.lines)


def _given_up(seen: Seen) -> bool:
    """In the end the tokens were given up or the card was un-linked, and nothing was asked for with them afterwards."""
    ends = [
        at
        for at, one in enumerate(seen.lines)
        if one.status < 300 and (one.path in ENDINGS or (one.method, one.path) == ("DELETE", "/api/link"))
    ]
    return _linked(seen) and bool(ends) and not any(_opened(one) and one.code in ENDED for one in seen.lines)


LINK_CHECKS: Final = (
    Check("link", "持卡人同意后换到令牌，并用它查到数据",
          "Gets tokens for a holder's agreement and reads with them", _linked),
    Check("link_refresh", "用刷新令牌换新的访问令牌，并用新的",
          "Exchanges the refresh token and uses the new access token", _refreshed),
    Check("link_rotation", "每次都用最新的刷新令牌（连换两次），不用旧的",
          "Rotates: exchanges twice, each time the newest refresh token", _rotated),
    Check("link_proofs", "每次的客户端断言和 DPoP 证明都是新的、对的",
          "Sends a fresh, right assertion and DPoP proof each time", _proved),
    Check("link_end", "最后交回令牌或解除绑定，之后不再用",
          "Gives the tokens up or un-links, and stops using them", _given_up),
)  # fmt: skip
