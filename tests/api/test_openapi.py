"""/openapi.json: what it promises is there, and answers in the shape it promises."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.house import House, as_json, until


@pytest.fixture(scope="module")
def document(house: House) -> dict[str, Any]:
    return house.read("/openapi.json")


def _operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, one) for path, item in document["paths"].items() for method, one in item.items()]


def test_it_is_openapi_3_1_and_describes_handing_in(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    operation = document["paths"]["/v1/reports"]["post"]
    needed = {one["name"]: one["required"] for one in operation["parameters"]}
    told = {"Agreement": False, "traceparent": False, "period": False, "form": False, "revision": False}
    assert needed == {"Idempotency-Key": True, **told}
    assert "multipart/form-data" in operation["requestBody"]["content"]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def walked(node: Any) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                assert _followed(document, node)
            for inner in node.values():
                walked(inner)
        elif isinstance(node, list):
            for inner in node:
                walked(inner)

    walked(document)


def test_every_operation_is_told_in_both_languages_and_says_who_may(document: dict[str, Any]) -> None:
    for path, _, operation in _operations(document):
        assert " / " in operation["summary"] + operation["description"], path
        assert bool(operation.get("security")) == path.startswith("/v1/"), path
        assert "422" not in operation["responses"], path


def test_every_operation_answers_as_described(house: House, document: dict[str, Any]) -> None:
    location = house.taken(as_json())
    house.at_rest(location)
    notices = until(lambda: house.read("/v1/inbox"), "something comes down")
    known = {"{exchange}": location.rpartition("/")[2], "{notice}": notices[0]["id"], "{name}": "VPCP-CT"}
    for path, method, operation in _operations(document):
        place = path
        for hole, filling in known.items():
            place = place.replace(hole, filling)
        assert "{" not in place
        more = (
            {
                "content": as_json(),
                "headers": {
                    "Agreement": "ktxh-thang",
                    "Idempotency-Key": f"mô tả {path}".encode(),
                    "Content-Type": "application/json",
                },
            }
            if path == "/v1/reports"
            else {}
        )
        answer = house.desk.request(method, place, **more)  # type: ignore[arg-type]
        described = operation["responses"].get(str(answer.status_code))
        assert described is not None, (path, answer.status_code, answer.text)
        content = described.get("content", {}).get("application/json")
        if content and content["schema"]:
            _fits(document, content["schema"], answer.json(), path)


def test_every_operation_fails_as_described(house: House, document: dict[str, Any]) -> None:
    for path, method, operation in _operations(document):
        if not path.startswith("/v1/"):
            continue
        answer = house.desk.request(
            method, path.replace("{", "").replace("}", ""), headers={"Authorization": "Bearer x"}
        )
        assert answer.status_code == 401
        [(media_type, content)] = operation["responses"]["default"]["content"].items()
        assert answer.headers["Content-Type"] == media_type
        _fits(document, content["schema"], answer.json(), path)


def test_nothing_is_served_that_is_not_described(house: House, document: dict[str, Any]) -> None:
    for path in ("/docs", "/redoc", "/v1/docs", "/v1/openapi.json", "/v1/redoc"):
        assert house.desk.get(path).status_code == 404


def _followed(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        found: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


_KINDS: dict[str, type | tuple[type, ...]] = {
    "object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "number": (int, float), "null": type(None),
}  # fmt: skip


def _fits(document: dict[str, Any], schema: dict[str, Any], said: Any, where: str) -> None:
    """As much of JSON Schema as this document uses."""
    schema = _followed(document, schema)
    if "anyOf" in schema:
        for one in schema["anyOf"]:
            try:
                _fits(document, one, said, where)
            except AssertionError:
                continue
            return
        raise AssertionError(f"{where}: {said!r} fits none of {schema['anyOf']}")
    if "type" in schema:
        assert isinstance(said, _KINDS[schema["type"]]), f"{where}: {said!r} is no {schema['type']}"
    assert said in schema.get("enum", [said]), where
    if isinstance(said, dict):
        properties = schema.get("properties", {})
        assert set(schema.get("required", [])) <= said.keys(), where
        if properties:
            assert said.keys() <= properties.keys(), f"{where}: {said.keys() - properties.keys()} not described"
        for key, inner in said.items():
            told = properties.get(key, schema.get("additionalProperties", {}))
            _fits(document, told if isinstance(told, dict) else {}, inner, f"{where}.{key}")
    if isinstance(said, list):
        for n, inner in enumerate(said):
            _fits(document, schema.get("items", {}), inner, f"{where}[{n}]")
