"""/openapi.json: what it promises is there, and answers in the shape it promises."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from gateway.domain.errors import Rejected
from gateway.domain.exchange import SETTLED, STAGE_WORDS
from gateway.schemas.submissions import CSV_HEAD, from_json
from tests.api.house import PARTNER_KEY, House, as_json, packet_7, until


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


def test_every_form_of_a_report_is_shown_by_an_example_that_is_taken_and_read(
    house: House, document: dict[str, Any]
) -> None:
    content = document["paths"]["/v1/reports"]["post"]["requestBody"]["content"]
    shown = {kind: one["example"] for kind, one in content.items() if "example" in one}
    assert shown.keys() == {"application/json", "text/csv"}
    for kind, example in shown.items():
        body = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)
        headers = {"Agreement": "ktxh-thang", "Idempotency-Key": f"example {kind}", "Content-Type": kind}
        answer = house.desk.post("/v1/reports", content=body.encode(), headers=headers)
        assert answer.status_code == 202, answer.text
        assert house.at_rest(answer.headers["Location"])["stage"] not in ("refused", "parked")


def test_the_form_of_a_json_report_is_the_one_that_is_read(document: dict[str, Any]) -> None:
    """What the schema asks for is refused where it is missing, and what it does not know is refused."""
    shown = document["paths"]["/v1/reports"]["post"]["requestBody"]["content"]["application/json"]["example"]
    report, value = (document["components"]["schemas"][name] for name in ("ShortReport", "ShortValue"))
    assert from_json(_as_json(shown))[1].head.regime == shown["regime"]
    _fits(document, report, shown, "example")
    for name in report["required"]:
        assert _refused({**shown, name: None})
        assert _refused({key: said for key, said in shown.items() if key != name})
    for name in value["required"]:
        assert _refused({**shown, "values": [{key: said for key, said in shown["values"][0].items() if key != name}]})
    assert report["properties"].keys() == {*CSV_HEAD.values(), "values"}
    assert _refused({**shown, "more": "x"})
    assert _refused({**shown, "values": [{**shown["values"][0], "more": "x"}]})
    for state in value["properties"]["state"]["enum"]:
        stated = {**{key: said for key, said in shown["values"][0].items() if key != "value"}, "state": state}
        assert from_json(_as_json({**shown, "values": [stated]}))
        assert _refused({**shown, "values": [{**stated, "value": "1"}]})


def test_every_report_that_we_ship_is_of_the_form_that_is_told(document: dict[str, Any]) -> None:
    folder = files("gateway.profiles").joinpath("thanh-hoa/samples")
    shown = [one for one in folder.iterdir() if one.name.endswith(".json")]
    assert shown
    for one in shown:
        _fits(document, document["components"]["schemas"]["ShortReport"], json.loads(one.read_bytes()), one.name)


def test_the_headers_of_an_answer_are_told(house: House, document: dict[str, Any]) -> None:
    told = document["paths"]["/v1/reports"]["post"]["responses"]
    answer = house.desk.post(
        "/v1/reports",
        content=as_json(),
        headers={"Agreement": "ktxh-thang", "Idempotency-Key": "headers", "Content-Type": "application/json"},
    )
    assert told["202"]["headers"].keys() == {"Location", "Idempotent-Replayed"}
    assert told["202"]["headers"].keys() <= {name.title() for name in answer.headers}
    assert "Retry-After" in told["default"]["headers"]
    assert "Link" in document["paths"]["/v1/exchanges"]["get"]["responses"]["200"]["headers"]


def test_the_stages_are_told_in_words_and_when_there_is_no_more_to_wait_for(document: dict[str, Any]) -> None:
    told, _, settled = document["components"]["schemas"]["Stage"]["description"].partition("\n\n")
    for stage, word in STAGE_WORDS.items():
        assert f"`{stage.value}` {word}" in told
        assert (f"`{stage.value}`" in settled) == (stage in SETTLED)


def test_what_a_webhook_is_told_is_described_with_the_headers_that_sign_it(document: dict[str, Any]) -> None:
    [told] = document["webhooks"].values()
    assert {one["name"] for one in told["post"]["parameters"]} == {
        "webhook-id", "webhook-timestamp", "webhook-signature",
    }  # fmt: skip
    assert list(told["post"]["requestBody"]["content"]) == ["application/cloudevents+json"]


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
        assert " / " in operation["summary"], path
        assert "Successful Response" not in str(operation["responses"]), path
        assert bool(operation.get("security")) == path.startswith("/v1/"), path
        assert "422" not in operation["responses"], path


def test_every_operation_answers_as_described(house: House, document: dict[str, Any]) -> None:
    location = house.taken(as_json())
    house.at_rest(location)
    notices = until(lambda: house.read("/v1/inbox"), "something comes down")
    message, reference = location.rpartition("/")[2], house.read(f"{location}/receipt")["receipt"]["reference"]
    known = {"{exchange}": message, "{notice}": notices[0]["id"], "{name}": "VPCP-CT", "{partner}": "quoc-gia"}
    for path, method, operation in _operations(document):
        place = path
        for hole, filling in known.items():
            place = place.replace(hole, filling)
        assert "{" not in place
        more: dict[str, Any] = {}
        if path == "/v1/reports":
            told = {"Agreement": "ktxh-thang", "Idempotency-Key": f"mô tả {path}".encode()}
            more = {"content": as_json(), "headers": {**told, "Content-Type": "application/json"}}
        elif path.startswith("/v1/partners/"):
            told = {"Authorization": f"Bearer {PARTNER_KEY}", "Content-Type": "application/xml"}
            more = {"content": packet_7(message, reference), "headers": told}
        answer = house.desk.request(method, place, **more)
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


def _as_json(said: Any) -> bytes:
    return json.dumps(said, ensure_ascii=False).encode()


def _refused(said: Any) -> bool:
    try:
        from_json(_as_json(said))
    except Rejected:
        return True
    return False


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
