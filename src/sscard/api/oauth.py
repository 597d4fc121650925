"""OAuth 2.0 under the FAPI 2.0 Security Profile: addresses of the authorisation server, at the bureau's host only.

What is here is all there is: pushed requests, the code flow with PKCE, refresh tokens, CIBA in poll mode, introspection,
revocation. The page that the holder sees (`/authorise`) is the portal's.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from sscard.api import oauth_ciba, oauth_link, oauth_push, oauth_token
from sscard.api.oauth_forms import endpoint
from sscard.binding import access, backchannel, paying, proofs, rules, signing

POST, GET = "POST", "GET"


def metadata(request: HttpRequest) -> dict[str, Any]:
    """RFC 8414 and OpenID Connect Discovery: what this server can do, and nothing that it cannot."""
    issuer = access.issuer()
    algorithms = list(proofs.ALGORITHMS)
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorise",
        "token_endpoint": f"{issuer}/oauth/token",
        "pushed_authorization_request_endpoint": f"{issuer}/oauth/par",
        "backchannel_authentication_endpoint": f"{issuer}/oauth/bc-authorize",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "jwks_uri": f"{issuer}/oauth/jwks",
        "scopes_supported": ["openid"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", backchannel.GRANT],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": [signing.ALGORITHM],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint_auth_methods_supported": ["private_key_jwt"],
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_signing_alg_values_supported": [signing.ALGORITHM],
        "revocation_endpoint_auth_methods_supported": ["private_key_jwt"],
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "dpop_signing_alg_values_supported": algorithms,
        "code_challenge_methods_supported": ["S256"],
        "require_pushed_authorization_requests": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": True,
        "require_request_uri_registration": False,
        "claims_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
        "authorization_details_types_supported": [rules.TYPE, paying.TYPE],
        "backchannel_token_delivery_modes_supported": ["poll"],
        "backchannel_user_code_parameter_supported": False,
        "ui_locales_supported": ["zh-CN", "en"],
        "service_documentation": f"{issuer}/api/openapi.json",
    }


def discovery(request: HttpRequest) -> HttpResponse:
    return _kept(JsonResponse(metadata(request)))


def jwks(request: HttpRequest) -> HttpResponse:
    return _kept(JsonResponse(signing.public_keys()))


def _kept(answer: HttpResponse) -> HttpResponse:
    """Public, the same for everybody."""
    answer["Cache-Control"] = "public, max-age=300"
    return answer


urlpatterns = [
    path(".well-known/oauth-authorization-server", endpoint(discovery, GET)),
    path(".well-known/openid-configuration", endpoint(discovery, GET)),
    path("oauth/jwks", endpoint(jwks, GET)),
    path("oauth/par", endpoint(oauth_push.push, POST)),
    path("oauth/token", endpoint(oauth_token.token, POST)),
    path("oauth/introspect", endpoint(oauth_token.introspect, POST)),
    path("oauth/revoke", endpoint(oauth_token.revoke, POST)),
    path("oauth/unlink", endpoint(oauth_link.end, POST)),
    path("oauth/bc-authorize", endpoint(oauth_ciba.ask, POST)),
]
