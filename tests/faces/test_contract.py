"""The contract: complete, consistent, and honest about what would break it."""

from __future__ import annotations

import copy
import importlib
import json
import pkgutil
import re
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema_rs
import openapi_spec_validator
import pytest
from msgspec.structs import fields

import quantdesk.departments
import quantdesk.flows
import quantdesk.services
from quantdesk.faces.contract import (
    ALL_ERRORS,
    Problem,
    breaking_changes,
    document,
    example_of,
    frozen,
    name_of,
    path_of,
)
from quantdesk.faces.contract.examples import matching
from quantdesk.kernel import PUBLIC, Effect, Gateway, convert, decode, encode

from .shop import Shop

pytestmark = [pytest.mark.spec("STD-3"), pytest.mark.spec("STD-5"), pytest.mark.spec("NEW-1")]


def all_gateways() -> list[Gateway[Any]]:
    """Every gateway in the checkout, whether the desk serves it or not."""
    found = [quantdesk.flows.flows]
    for package in (quantdesk.departments, quantdesk.services):
        for module in pkgutil.iter_modules(package.__path__):
            if module.ispkg:
                face = vars(importlib.import_module(f"{package.__name__}.{module.name}"))
                found += [value for value in face.values() if isinstance(value, Gateway)]
    return found


GATEWAYS = all_gateways()
ROUTED = [o for g in GATEWAYS for o in g.operations.values() if o.route is not None]
BY_ID = {operation.id: operation for operation in ROUTED}


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    return document(GATEWAYS, "1.0.0")


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from nodes(value)


def described(contract: dict[str, Any], operation_id: str) -> dict[str, Any]:
    path, method = path_of(BY_ID[operation_id])
    found: dict[str, Any] = contract["paths"][path][method.lower()]
    return found


def test_every_routed_operation_stands_in_it_and_no_other(contract: dict[str, Any]) -> None:
    listed = {
        (method.upper(), path) for path, methods in contract["paths"].items() for method in methods
    }
    assert listed == {(method, path) for path, method in map(path_of, ROUTED)}
    assert len(ROUTED) > 40
    ids = [d["operationId"] for m in contract["paths"].values() for d in m.values()]
    assert len(set(ids)) == len(ids)


def test_every_reference_leads_somewhere(contract: dict[str, Any]) -> None:
    references = {node["$ref"] for node in nodes(contract) if "$ref" in node}
    assert len(references) > 50
    for reference in references:
        found = contract
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert found


def test_the_document_is_plain_json_and_the_same_each_time(contract: dict[str, Any]) -> None:
    assert json.loads(encode(contract)) == json.loads(json.dumps(contract))
    assert encode(document(all_gateways(), "1.0.0")) == encode(contract)


def test_it_is_openapi_3_1(contract: dict[str, Any]) -> None:
    openapi_spec_validator.validate(contract, cls=openapi_spec_validator.OpenAPIV31SpecValidator)


def test_names_and_patterns_are_those_of_the_standard(contract: dict[str, Any]) -> None:
    for group in contract["components"].values():
        for name in group:
            assert re.fullmatch(r"[a-zA-Z0-9._-]+", name)
    for node in nodes(contract["components"]["schemas"]):
        pattern = node.get("pattern")
        if isinstance(pattern, str):
            assert pattern.startswith("^")
            assert pattern.endswith("$")
            re.compile(pattern)


@pytest.mark.parametrize("operation", ROUTED, ids=lambda o: o.id)
def test_each_operation_says_all_there_is(contract: dict[str, Any], operation: Any) -> None:
    path, method = path_of(operation)
    told = contract["paths"][path][method.lower()]
    assert told["summary"]
    assert told["x-effect"] == str(operation.effect)
    assert told["x-permission"] == (operation.permission or None)
    assert told["security"] == ([] if operation.permission == PUBLIC else [{"bearer": []}])
    in_path = {p["name"] for p in told["parameters"] if p["in"] == "path"}
    assert in_path == set(re.findall(r"{(\w+)}", path))
    assert all(p["required"] for p in told["parameters"] if p["in"] == "path")
    asked = in_path | {p["name"] for p in told["parameters"] if p["in"] == "query"}
    if "requestBody" in told:
        body = told["requestBody"]["content"]["application/json"]["schema"]
        schemas = contract["components"]["schemas"]
        resolved = schemas[name_of(body)] if "$ref" in body else body
        assert resolved["additionalProperties"] is False
        asked |= set(resolved["properties"])
    assert asked == {member.encode_name for member in fields(operation.request)}
    statuses = {int(status) for status in told["responses"]}
    assert {200, 400, 404, 421, 422, 429, 500, 503} <= statuses
    public = operation.permission == PUBLIC
    assert (403 in statuses) is not public
    assert (401 in statuses) is not (public and operation.effect is Effect.READ)
    assert (409 in statuses) is (operation.effect is not Effect.READ)


def test_every_status_of_the_catalogue_is_a_response(contract: dict[str, Any]) -> None:
    statuses = {error.status for error in ALL_ERRORS.values()}
    for status in statuses:
        response = contract["components"]["responses"][f"Problem{status}"]
        assert "application/problem+json" in response["content"]


@pytest.mark.parametrize("operation", ROUTED, ids=lambda o: o.id)
def test_the_example_of_each_request_is_one(contract: dict[str, Any], operation: Any) -> None:
    schemas = contract["components"]["schemas"]
    name = next(n for n, s in schemas.items() if s["title"] == operation.request.__name__)
    example = example_of({"$ref": f"#/components/schemas/{name}"}, schemas)
    assert isinstance(decode(json.dumps(example), operation.request), operation.request)


@pytest.mark.parametrize("operation", ROUTED, ids=lambda o: o.id)
def test_everything_has_an_example_and_it_is_one(contract: dict[str, Any], operation: Any) -> None:
    path, method = path_of(operation)
    told = contract["paths"][path][method.lower()]
    for parameter in told["parameters"]:
        holds = jsonschema_rs.validator_for(
            parameter["schema"] | {"components": contract["components"]}
        )
        assert holds.is_valid(parameter["example"]), parameter["name"]
    (media,) = told["responses"]["200"]["content"].values()
    example = media["example"]
    if operation.streams:
        example = {"data": json.loads(example.partition("data: ")[2])}
    convert(example["data"], operation.reply)
    if "requestBody" in told:
        body = told["requestBody"]["content"]["application/json"]
        valid = jsonschema_rs.validator_for(body["schema"] | {"components": contract["components"]})
        assert valid.is_valid(body["example"])


@pytest.mark.spec("STD-4")
def test_every_problem_has_an_example_that_is_one(contract: dict[str, Any]) -> None:
    told = {}
    for name, response in contract["components"]["responses"].items():
        for media in response.get("content", {}).values():
            for code, example in media["examples"].items():
                told[code] = convert(example["value"], Problem)
                assert name == f"Problem{told[code].status}"
    assert set(told) == set(ALL_ERRORS) - {"desk_error"}
    assert all(problem.code == code for code, problem in told.items())


@pytest.mark.spec("STD-6")
def test_every_moment_is_told_as_one(contract: dict[str, Any]) -> None:
    schemas = contract["components"]["schemas"]
    moments = re.compile(r".*_at|since|until|timestamp|as_of|at|block_time|event_time")
    found = 0
    for name, schema in schemas.items():
        for field, kind in schema.get("properties", {}).items():
            if moments.fullmatch(field) and kind != {"type": "integer"}:
                kinds = kind.get("anyOf", [kind])
                assert {"type": "string", "format": "date-time"}.items() <= kinds[0].items(), (
                    f"{name}.{field}: {kind}"
                )
                found += 1
    assert found > 30


def test_an_order_reads_as_the_house_says(contract: dict[str, Any]) -> None:
    told = described(contract, "trading.place_order")
    assert [p["name"] for p in told["parameters"]] == ["Idempotency-Key"]
    schemas = contract["components"]["schemas"]
    assert schemas["PlaceOrder"]["properties"]["quantity"]["type"] == "string"
    data = told["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["data"]
    assert data == {"$ref": "#/components/schemas/Order"}
    stream = described(contract, "trading.watch_orders")["responses"]["200"]["content"]
    assert stream["text/event-stream"]["x-event"] == {"$ref": "#/components/schemas/Order"}
    # A request with secrets is not remembered, so it takes no idempotency key.
    assert described(contract, "identity.create_session")["parameters"] == []


@pytest.mark.spec("STD-5")
def test_every_stream_command_and_frame_is_described(contract: dict[str, Any]) -> None:
    told, schemas = contract["x-websocket"], contract["components"]["schemas"]
    assert set(told["streams"]) == {one.id for one in ROUTED if one.streams}
    assert set(told["commands"]) == {"call", "subscribe", "unsubscribe", "ping"}
    for tag, reference in told["commands"].items():
        command = schemas[name_of(reference)]
        assert command["properties"]["op"] == {"enum": [tag]}
        assert command["additionalProperties"] is False
    for tag, reference in told["frames"].items():
        assert schemas[name_of(reference)]["properties"]["type"] == {"enum": [tag]}
    orders = told["streams"]["trading.watch_orders"]
    assert orders["event"] == {"$ref": "#/components/schemas/Order"}
    assert (orders["snapshot"], orders["outbox"]["policy"]) == (
        "trading.list_orders", "disconnect",
    )  # fmt: skip
    assert {"4401", "4408", "1012"} <= set(told["closeCodes"])


@pytest.mark.parametrize(
    "pattern", [r"\A[a-z][a-z0-9_.-]{0,31}\Z", r"^(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?$", "a+b*c?"]
)
def test_an_example_of_a_pattern_matches_it(pattern: str) -> None:
    assert re.fullmatch(pattern, matching(pattern))


class TestFrozen:
    """Each change is made to the shop's contract; what breaks a client is found, nothing else."""

    @pytest.fixture
    def old(self) -> dict[str, Any]:
        return frozen(document([Gateway(Shop)], "1"))

    def test_prose_and_version_are_not_frozen(self, old: dict[str, Any]) -> None:
        assert old == frozen(document([Gateway(Shop)], "2"))
        keys = {key for node in nodes(old["paths"]) for key in node}
        assert not {"description", "summary", "example", "examples"} & keys
        # A field that is called like a keyword stays.
        contract = document(GATEWAYS, "1")
        story = frozen(contract)["components"]["schemas"]["StorySection"]
        assert "title" in story["properties"]

    def test_nothing_changed_nothing_broken(self, old: dict[str, Any]) -> None:
        assert breaking_changes(old, copy.deepcopy(old)) == []

    @pytest.mark.spec("STD-2")
    @pytest.mark.parametrize(
        ("change", "found"),
        [
            (lambda d: d["paths"].pop("/v1/shop/ping"), "GET /v1/shop/ping: removed"),
            (lambda d: items(d).pop("get"), "GET /v1/shop/items: removed"),
            (lambda d: put(d)["properties"].pop("notes"), "body/notes removed"),
            (lambda d: put(d)["required"].append("kind"), "body/kind became required"),
            (lambda d: put(d)["properties"]["kind"]["enum"].remove("tea"), "no longer takes tea"),
            (lambda d: put(d)["properties"]["name"].update(maxLength=16), "maxLength 32 → 16"),
            (lambda d: put(d)["properties"]["name"].update(minLength=2), "minLength 1 → 2"),
            (lambda d: put(d)["properties"]["name"].update(pattern="^x$"), "another pattern"),
            (
                lambda d: put(d)["properties"]["name"].update(type="integer"),
                "no longer takes string",
            ),
            (
                lambda d: put(d)["properties"].update(weight={"type": "number"}),
                "body/weight no longer takes null",
            ),
            (
                lambda d: (
                    put(d)["properties"].update(new={"type": "string"})
                    or put(d)["required"].append("new")
                ),
                "body/new became required",
            ),
            (lambda d: params(d).pop(-2), "query parameter name removed"),
            (lambda d: params(d).pop(), "header parameter If-None-Match removed"),
            (lambda d: params(d)[0].update(required=True), "limit became required"),
            (lambda d: params(d)[0]["schema"].update(maximum=50), "maximum 100 → 50"),
            (
                lambda d: params(d).append(
                    {"in": "query", "name": "x", "required": True, "schema": {"type": "string"}}
                ),
                "new required query parameter x",
            ),
            (lambda d: schema(d, "Item")["properties"].pop("owner"), "data/owner removed"),
            (lambda d: schema(d, "Item")["required"].remove("owner"), "owner may now be left out"),
            (
                lambda d: schema(d, "Item")["properties"].update(owner={"type": "null"}),
                "owner may now be null",
            ),
            (
                lambda d: schema(d, "Item")["properties"].update(puts={"type": "number"}),
                "puts may now be number",
            ),
            (lambda d: schema(d, "Tick")["properties"].pop("price"), "reply/price removed"),
            (lambda d: d.pop("x-websocket"), "the socket /v1/ws: removed"),
            (lambda d: socket(d)["commands"].pop("ping"), "commands/ping: removed"),
            (lambda d: socket(d)["frames"].pop("gap"), "frames/gap: removed"),
            (lambda d: socket(d)["streams"].pop("shop.follow"), "stream shop.follow: removed"),
            (
                lambda d: schema(d, "SubscribeCommand")["required"].append("resume"),
                "commands/subscribe/resume became required",
            ),
            (
                lambda d: schema(d, "EventsFrame")["properties"].pop("skipped"),
                "frames/events/skipped removed",
            ),
            (
                lambda d: schema(d, "Quote")["properties"].pop("note"),
                "/note removed",
            ),
        ],
    )
    def test_a_breaking_change_is_found(
        self, old: dict[str, Any], change: Callable[[dict[str, Any]], object], found: str
    ) -> None:
        new = copy.deepcopy(old)
        change(new)
        assert any(found in line for line in breaking_changes(old, new)), breaking_changes(old, new)

    @pytest.mark.spec("STD-2")
    @pytest.mark.parametrize(
        "change",
        [
            lambda d: d["paths"].update({"/v1/shop/new": d["paths"]["/v1/shop/ping"]}),
            lambda d: put(d)["properties"].update(new={"type": "string"}),
            lambda d: put(d)["required"].remove("price"),
            lambda d: put(d)["properties"]["kind"]["enum"].append("cocoa"),
            lambda d: put(d)["properties"]["name"].update(maxLength=64),
            lambda d: put(d)["properties"]["name"].pop("maxLength"),
            lambda d: put(d)["properties"]["price"].pop("pattern"),
            lambda d: params(d)[0]["schema"].update(maximum=500),
            lambda d: socket(d)["frames"].update(new=socket(d)["frames"]["gap"]),
            lambda d: schema(d, "GapFrame")["properties"].update(new={"type": "string"}),
            lambda d: schema(d, "PingCommand")["properties"].update(new={"type": "string"}),
            lambda d: schema(d, "Item")["properties"].update(new={"type": "string"}),
            lambda d: (
                schema(d, "Item")["properties"].update(new={"type": "string"})
                or schema(d, "Item")["required"].append("new")
            ),
        ],
    )
    def test_an_extension_is_allowed(
        self, old: dict[str, Any], change: Callable[[dict[str, Any]], object]
    ) -> None:
        new = copy.deepcopy(old)
        change(new)
        assert new != old
        assert breaking_changes(old, new) == []


def items(contract: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = contract["paths"]["/v1/shop/items"]
    return found


def socket(contract: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = contract["x-websocket"]
    return found


def params(contract: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = items(contract)["get"]["parameters"]
    return found


def schema(contract: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = contract["components"]["schemas"][name]
    return found


def put(contract: dict[str, Any]) -> dict[str, Any]:
    return schema(contract, "PutItem")
