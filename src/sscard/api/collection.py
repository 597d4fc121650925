"""A ready collection (Postman 2.1, which Bruno, Insomnia and Hoppscotch import too), made from the OpenAPI description."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

VERBS = ("get", "post", "put", "patch", "delete")
FORM = "application/x-www-form-urlencoded"
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Folders by tag. `baseUrl`, `keyName`, `key` and `area` are its variables; keys of repeats are fresh UUIDs."""
    folders: dict[str, list[dict[str, Any]]] = {}
    for path, operations in document["paths"].items():
        for verb in VERBS:
            if verb in operations:
                one = operations[verb]
                tag = (one.get("tags") or ["api"])[0]
                folders.setdefault(tag, []).append(_request(document, path, verb, one))
    return {
        "info": {"name": document["info"]["title"], "version": document["info"]["version"], "schema": SCHEMA},
        "auth": {"type": "basic", "basic": [_pair("username", "{{keyName}}"), _pair("password", "{{key}}")]},
        "variable": [
            {"key": "baseUrl", "value": "https://localhost:8443"},
            *({"key": name, "value": ""} for name in ("keyName", "key", "area")),
        ],
        "item": [{"name": tag, "item": items} for tag, items in sorted(folders.items())],
    }


def _pair(key: str, value: str) -> dict[str, str]:
    return {"key": key, "value": value, "type": "string"}


def _request(document: Mapping[str, Any], path: str, verb: str, one: Mapping[str, Any]) -> dict[str, Any]:
    parameters = one.get("parameters", ())
    headers = [{"key": "Accept", "value": "application/json"}]
    headers += [_header(each) for each in parameters if each["in"] == "header"]
    asked = [each for each in parameters if each["in"] == "query"]
    parts = [f":{part[1:-1]}" if part.startswith("{") else part for part in path.strip("/").split("/")]
    request: dict[str, Any] = {
        "method": verb.upper(),
        "header": headers,
        "url": {
            "raw": "{{baseUrl}}/" + "/".join(parts),
            "host": ["{{baseUrl}}"],
            "path": parts,
            "query": [{"key": each["name"], "value": "", "disabled": not each.get("required")} for each in asked],
            "variable": [{"key": each["name"], "value": ""} for each in parameters if each["in"] == "path"],
        },
        "description": one.get("description", ""),
    }
    body = one.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if body is not None:
        raw = json.dumps(_example(document, body, 0), ensure_ascii=False, indent=2)
        request["body"] = {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}}
        headers.append({"key": "Content-Type", "value": "application/json"})
    form = one.get("requestBody", {}).get("content", {}).get(FORM)
    if form is not None:
        fields = form["schema"]["properties"]
        request["body"] = {"mode": "urlencoded", "urlencoded": [_field(name, form) for name in fields]}
    return {"name": one.get("summary", path), "request": request, "response": []}


def _field(name: str, form: Mapping[str, Any]) -> dict[str, Any]:
    needed = name in form["schema"].get("required", ())
    return {"key": name, "value": str(form.get("example", {}).get(name, "")), "disabled": not needed}


def _header(each: Mapping[str, Any]) -> dict[str, Any]:
    value = "{{$guid}}" if each["name"] == "Idempotency-Key" else "{{area}}" if each["name"] == "Sscard-Area" else ""
    return {"key": each["name"], "value": value, "disabled": not each.get("required", False)}


def _example(document: Mapping[str, Any], schema: Mapping[str, Any], depth: int) -> Any:
    """A body with every field in its kind, to be filled in."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "default" in schema:
        return schema["default"]
    if "enum" in schema:
        return schema["enum"][0]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return _example(document, schema[several][0], depth)
    kind = schema.get("type")
    if kind == "object":
        fields = schema.get("properties", {}) if depth < 5 else {}
        return {name: _example(document, one, depth + 1) for name, one in fields.items()}
    if kind == "array":
        return [_example(document, schema["items"], depth + 1)] if schema.get("items") and depth < 5 else []
    return {"integer": 0, "number": 0, "boolean": False}.get(str(kind), "")
