"""The OpenAPI description says of each act what its room asks, also where two rooms use one name."""

from __future__ import annotations

import dataclasses
from typing import Any

import ninja
import pytest

from sscard.api import acts as api_acts  # noqa: F401 - mounts the acts
from sscard.api.urls import document
from sscard.control.acts_registry import acts


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return document()


def _schema(described: dict[str, Any], act: str) -> dict[str, Any]:
    body = described["paths"][f"/api/acts/{act}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return dict(described["components"]["schemas"][body["$ref"].rpartition("/")[2]])


def test_each_act_has_the_fields_of_its_own_request(described: dict[str, Any]) -> None:
    ours = {name: act for name, act in acts().items() if act.function.__module__.startswith("sscard.")}
    assert len(ours) > 100
    for name, act in ours.items():
        told = set(_schema(described, name).get("properties", {}))
        assert told == {field.name for field in dataclasses.fields(act.request)}, name


def test_each_name_means_one_schema(described: dict[str, Any]) -> None:
    """A name that the API's own bodies share with an act's would stand for one of them only."""
    own = [kind for kind in _all(ninja.Schema) if kind.__module__.startswith("sscard.api")]
    names = [kind.__name__ for kind in own]
    assert len(names) == len(set(names))
    assert not set(names) & {act.request.__name__ for act in acts().values()}
    text = str(described)
    for name in described["components"]["schemas"]:
        assert "__" not in name
    for ref in {part.split("'")[0] for part in text.split("#/components/schemas/")[1:]}:
        assert ref in described["components"]["schemas"], ref


def _all(kind: type) -> list[type]:
    return [one for direct in kind.__subclasses__() for one in (direct, *_all(direct))]
