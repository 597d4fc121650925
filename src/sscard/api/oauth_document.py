"""The OAuth endpoints in the OpenAPI description: what ninja does not know, as they stand outside /api. With examples."""

from __future__ import annotations

import json
from typing import Any, Final

from sscard.binding import backchannel, proofs, rules

FORM: Final = "application/x-www-form-urlencoded"
TAG: Final = "oauth"
Operation = dict[str, Any]

_DETAILS: Final = [{
    "type": rules.TYPE, "card_number": "S90000003", "id_number": "091001199001011017", "customer": "c-1",
    "paying_account": {"reference": "acc-1", "masked": "**** 0018", "own": True}, "actions": ["status", "payments"],
    "duration": "TIME_BOUND", "days": rules.DAYS_LEAST,
}]  # fmt: skip
_TEXT: Final[dict[str, Any]] = {"type": "string", "minLength": 1}
_CLIENT: Final[dict[str, tuple[str, str]]] = {
    "client_id": ("the client's number", "7d0b1d0e-7a36-4d33-9a39-0d6f1c6e5a11"),
    "client_assertion_type": ("always this", proofs.ASSERTION_TYPE),
    "client_assertion": (
        "JWT of the client: iss and sub its id, aud the issuer, a fresh jti, signed with its key",
        "eyJ…",
    ),
}
_PAR: Final[dict[str, tuple[str, str]]] = {
    "response_type": ("code", "code"),
    "redirect_uri": ("one of those registered, character by character", "https://bank.example/linked/back/"),
    "code_challenge": (
        "PKCE: base64url of the SHA-256 of your verifier",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    ),
    "code_challenge_method": ("S256", "S256"),
    "authorization_details": ("JSON array with one entry (RFC 9396)", json.dumps(_DETAILS)),
    "state": ("comes back as it is", "s-1"),
    "nonce": ("comes back in the ID token", "n-1"),
    "scope": ("openid, or left out", "openid"),
    "dpop_jkt": ("thumbprint of the DPoP key that the code is bound to", "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"),
}
_TOKEN: Final[dict[str, tuple[str, str]]] = {
    "grant_type": (f"authorization_code, refresh_token, or {backchannel.GRANT}", "authorization_code"),
    "code": ("of the answer at your redirect address; 60 seconds, once", "SplxlOBeZQQYbYS6WxSbIA"),
    "redirect_uri": ("as it was pushed", "https://bank.example/linked/back/"),
    "code_verifier": ("PKCE", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    "refresh_token": ("the newest one", "tGzv3JOkF0XG5Qx2TlKWIA"),
    "auth_req_id": ("of a backchannel request", "1c266114-a1be-4252-8ad1-04986c5b9ac1"),
}
_CIBA: Final[dict[str, tuple[str, str]]] = {
    "scope": ("openid", "openid"),
    "login_hint": ("the card number", "S90000003"),
    "binding_message": ("4 to 40 characters that both sides show", "KX41"),
    "authorization_details": ("as in a pushed request", json.dumps(_DETAILS)),
    "requested_expiry": ("seconds", "300"),
}
_ONE_TOKEN: Final[dict[str, tuple[str, str]]] = {"token": ("access or refresh token", "tGzv3JOkF0XG5Qx2TlKWIA")}
_UNLINK: Final[dict[str, tuple[str, str]]] = {
    "consent": ("the link's number", "5f0c7d52-6a57-4e2b-9f0c-3b7c1c8f2a10"),
    "wish": ("customer, or left out", "customer"),
}
_GOT: Final = {
    "access_token": "mF_9.B5f-4.1JqM", "token_type": "DPoP", "expires_in": 300, "refresh_token": "tGzv3JOkF0XG5Qx2TlKWIA",
    "authorization_details": [{"type": rules.TYPE, "consent": "5f0c7d52-6a57-4e2b-9f0c-3b7c1c8f2a10"}],
}  # fmt: skip
_LOOKED_UP: Final = {
    "active": True,
    "token_type": "DPoP",
    "exp": 1767225600,
    "cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJG…"},
}
_ASKED: Final = {"auth_req_id": "1c266114-a1be-4252-8ad1-04986c5b9ac1", "expires_in": 300, "interval": 5}
_PUSHED: Final = {"request_uri": "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c", "expires_in": 300}


def paths() -> dict[str, dict[str, Operation]]:
    """Path → verb → operation."""
    return {
        "/.well-known/oauth-authorization-server": {"get": _public("oauth_metadata", "discovery · 发现文档", "RFC 8414.")},
        "/.well-known/openid-configuration": {"get": _public("oauth_openid", "discovery (OpenID) · 发现文档", "The same.")},
        "/oauth/jwks": {"get": _public("oauth_jwks", "public keys of the server · 公钥", "For ID tokens and introspection.")},
        "/authorise": {"get": _authorise()},
        "/oauth/par": {
            "post": _form("oauth_par", "push a request · 提交授权请求", _PAR, needs=5, answer=_PUSHED, status=201)
        },
        "/oauth/token": {"post": _form("oauth_token", "tokens · 换令牌", _TOKEN, needs=1, answer=_GOT, proof=True)},
        "/oauth/bc-authorize": {
            "post": _form("oauth_ciba", "ask at counter or terminal (CIBA) · 柜台或终端授权", _CIBA, needs=4, answer=_ASKED)
        },
        "/oauth/introspect": {
            "post": _form("oauth_introspect", "look a token up · 查令牌", _ONE_TOKEN, needs=1, answer=_LOOKED_UP)
        },
        "/oauth/revoke": {"post": _form("oauth_revoke", "give a token up · 交回令牌", _ONE_TOKEN, needs=1, answer=None)},
        "/oauth/unlink": {
            "post": _form("oauth_unlink", "end a link · 解除绑定", _UNLINK, needs=1, answer={"state": "REVOKED"})
        },
    }  # fmt: skip


SCHEMES: Final[dict[str, Any]] = {
    "dpop": {
        "type": "http",
        "scheme": "DPoP",
        "description": "A link's access token, with a proof of its key in the header DPoP (RFC 9449).",
    }
}
OF_A_LINK: Final = ("/api/link", "/api/linked/")
"""Addresses that a link's token opens."""
ERROR: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["error", "error_description", "code"],
    "properties": {name: {"type": "string"} for name in ("error", "error_description", "code", "title", "title_zh")},
    "example": {"error": "invalid_grant", "error_description": "The code is not good.", "code": "binding.code_wrong"},
}
_REFUSED: Final[dict[str, Any]] = {
    "description": "Refused: RFC 6749 §5.2, with the house's own code and both languages beside it",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OAuthError"}}},
}
_PROOF: Final[dict[str, Any]] = {
    "name": "DPoP", "in": "header", "schema": {"type": "string"},
    "description": "Proof of the DPoP key for this method and address, fresh each time.", "example": "eyJ0eXAiOiJkcG9wK2p3dCI…",
}  # fmt: skip


def _form(
    name: str, summary: str, fields: dict[str, tuple[str, str]], *, needs: int, answer: Any, status: int = 200,
    proof: bool = False,
) -> Operation:  # fmt: skip
    """An endpoint for a client that proves itself. The first `needs` fields must be there."""
    every = {**fields, **_CLIENT}
    schema = {
        "type": "object",
        "required": [*list(fields)[:needs], *_CLIENT],
        "properties": {one: {**_TEXT, "description": text} for one, (text, _) in every.items()},
    }
    content = {} if answer is None else {"application/json": {"schema": {"type": "object"}, "example": answer}}
    example = {one: value for one, (_, value) in every.items()}
    return {
        "operationId": name, "tags": [TAG], "summary": summary, "security": [],
        "description": "The client proves itself by `private_key_jwt`; nothing else counts.",
        "parameters": [{**_PROOF, "required": proof}],
        "requestBody": {"required": True, "content": {FORM: {"schema": schema, "example": example}}},
        "responses": {
            str(status): {"description": "Done", **({"content": content} if content else {})},
            **dict.fromkeys(("400", "401", "429", "503"), _REFUSED),
        },
    }  # fmt: skip


def _public(name: str, summary: str, description: str) -> Operation:
    return {
        "operationId": name, "tags": [TAG], "summary": summary, "description": description, "security": [],
        "responses": {
            "200": {"description": "The same for everybody", "content": {"application/json": {"schema": {"type": "object"}}}},
            "503": _REFUSED,
        },
    }  # fmt: skip


def _authorise() -> Operation:
    """The one page among them: a browser comes with the reference, and leaves with code, state and iss."""
    page = {"description": "A page that says why not", "content": {"text/html": {"schema": {"type": "string"}}}}
    asked = [("client_id", _CLIENT["client_id"][1]), ("request_uri", str(_PUSHED["request_uri"]))]
    return {
        "operationId": "authorise", "tags": [TAG], "summary": "the holder's page · 持卡人同意页", "security": [],
        "description": "For the customer's browser. He decides there; his browser comes back to the redirect address.",
        "parameters": [
            {"name": name, "in": "query", "required": True, "schema": {"type": "string"}, "example": value}
            for name, value in asked
        ],
        "responses": {
            "303": {"description": "To the request's own page"},
            **dict.fromkeys(("400", "403", "404", "409", "410", "429", "503"), page),
        },
    }  # fmt: skip
