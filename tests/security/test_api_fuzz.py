"""Whatever a program sends to any route of the API, it gets an answer of the description and never a fault of ours.

503 is an answer of the description too: a "not now" that names what is down."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings

if TYPE_CHECKING:
    from security_kit import Town
    from tests_support import House

EXAMPLES = 4
SEED = 20261121


def operations() -> list[Any]:
    from sscard.api.urls import document

    return [one.ok() for one in schemathesis.openapi.from_dict(document()).get_all_operations()]


@pytest.fixture(scope="module")
def tokens(_module_house: House, _founded: Town) -> list[str]:
    """A clerk who may do much, a security administrator, a teller, a holder, a sandbox's key, and nobody."""
    from partners_kit import tenant
    from security_kit import ONE, holder_api, resident

    with _module_house.entered():
        staff = (f"clerk.{ONE}", f"security_admin.{ONE}", f"stock_keeper.{ONE}", "teller.CCB")
        tokens = [f"Bearer {_founded.api(name).token}" for name in staff]
        tokens.append(f"Bearer {holder_api(resident(account=False)).token}")
        return [*tokens, tenant().key.authorization, ""]


@pytest.mark.asvs("v5.0.0-16.5.1")
@pytest.mark.parametrize("operation", operations(), ids=lambda one: one.label)
def test_no_request_breaks_the_api(town: Town, tokens: list[str], operation: Any) -> None:
    from pages_kit import HouseClient

    client = HouseClient()
    client.raise_request_exception = False

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def send(case: Any) -> None:
        for token in tokens:
            sent = case.as_transport_kwargs(base_url="https://localhost")
            headers = {name: str(value) for name, value in dict(sent.get("headers") or {}).items() if _fits(str(value))}
            headers |= {"Idempotency-Key": uuid.uuid4().hex}
            if token:
                headers["Authorization"] = token
            else:
                headers.pop("Authorization", None)
            body: Any = {}
            if "json" in sent:
                import json

                body = {"data": json.dumps(sent["json"]), "content_type": "application/json"}
            path = sent["url"].removeprefix("https://localhost")
            answer = client.generic(
                case.method, path, body.get("data", ""), body.get("content_type", "application/octet-stream"),
                headers=headers, query_params=sent.get("params") or {},
            )  # fmt: skip
            fault = (getattr(answer, "exc_info", None) or (None, None))[1]
            assert answer.status_code in (503, *range(500)), (case.method, path, sent.get("json"), repr(fault))
            declared = operation.definition.raw["responses"]
            assert str(answer.status_code) in declared, (case.method, path, sent.get("json"), answer.content[:300])
            if answer.status_code >= 400 and path.startswith("/api/"):
                assert b"Traceback" not in answer.content

    send()


def _fits(value: str) -> bool:
    return value.isascii() and value.isprintable()
