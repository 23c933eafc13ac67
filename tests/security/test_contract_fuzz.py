"""20,000 requests made from the contract, over every operation, as every role and as nobody.

Schemathesis makes requests that the contract allows, with ids that exist and with any, and ones
that it does not allow; always the same ones. Each reply is held against the contract: a declared
status, media type, headers and schema, a code of the catalogue, never a fault of ours.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from msgspec.structs import replace
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from quantdesk.faces.contract import ALL_ERRORS
from quantdesk.faces.http import HttpResponse
from quantdesk.faces.http.messages import NO_HEADERS
from quantdesk.kernel import INSTRUMENTS

from .whole_desk import ASKERS, NOBODY, WholeDesk, data_of, whole_desk

pytestmark = [pytest.mark.spec("TST-4"), pytest.mark.spec("STD-3"), pytest.mark.spec("BE-4")]
REQUESTS_MIN = 20_000
PER_MARKET_STEP = 20
"""Requests per tenth of a second of the market's time."""
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "strategies" / "ema_cross.py"
MARGIN = 1.2
"""More is drawn than sent: requests are distinct."""
EXISTING, ALLOWED, NOT_ALLOWED = 0.3, 0.3, 0.4
PROOFS = {"signature", "refresh_token", "code", "credential", "totp", "passkey"}
COSTLY = {"identity_create_session": 10, "identity_create_user": 10, "identity_end_session": 5}
"""Operations that hash a password by design, or make the next sign-in do so."""
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_schema_conformance, response_headers_conformance, negative_data_rejection,
]  # fmt: skip


@dataclass
class Prepared:
    """One request as it goes over the wire, and the case that it came from."""

    case: Case[Any]
    wire: requests.PreparedRequest

    @property
    def needs_sign_in(self) -> bool:
        return self.case.operation.definition.raw["x-permission"] is not None

    @property
    def operation_id(self) -> str:
        return str(self.case.operation.definition.raw["operationId"])


def drawable(contract: dict[str, Any], known: dict[str, list[str]]) -> dict[str, Any]:
    """The contract, to draw requests from: values of `known` fields are ones that exist, and who
    asks is not drawn."""
    found = deepcopy(contract)
    schemas = found["components"]["schemas"]
    for methods in found["paths"].values():
        for operation in methods.values():
            operation["security"] = []
            for parameter in operation["parameters"]:
                if parameter["name"] in known:
                    parameter["schema"] = {"enum": known[parameter["name"]]}
            for media in operation.get("requestBody", {}).get("content", {}).values():
                reference = media["schema"].get("$ref", "").split("/")[-1]
                body = media["schema"] = deepcopy(schemas.get(reference, media["schema"]))
                if "instrument" in body.get("properties", {}) and known:
                    body["properties"]["instrument"] = {"enum": known["instrument"]}
    return found


def prepared(contract: dict[str, Any], counts: dict[GenerationMode, int]) -> Iterator[Prepared]:
    """Distinct requests of each operation, as the contract allows and as it does not."""
    for result in schemathesis.openapi.from_dict(contract).get_all_operations():
        operation = result.ok()
        seen = set()
        for mode, most in counts.items():
            count = COSTLY.get(operation.definition.raw["operationId"], most)
            for case in cases(operation.as_strategy(generation_mode=mode), count):
                wire = requests.Request(**case.as_transport_kwargs("http://localhost")).prepare()
                key = (wire.url, wire.body, tuple(wire.headers.items()))
                if key not in seen:
                    seen.add(key)
                    yield Prepared(case, wire)


def cases(strategy: Any, count: int) -> list[Case[Any]]:
    found: list[Case[Any]] = []

    @settings(
        max_examples=count, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    @given(strategy)
    def draw(case: Case[Any]) -> None:
        found.append(case)

    try:
        draw()
    except Unsatisfiable:  # an operation without fields has no request that is not allowed
        assert not found
    return found


def faults(request: Prepared, response: HttpResponse) -> list[str]:
    """In what the reply breaks the contract."""
    headers: dict[str, list[str]] = {}
    for name, value in response.all_headers:
        headers.setdefault(name.decode(), []).append(value.decode("latin-1"))
    reply = Response(
        status_code=response.status, headers=headers, content=response.body, request=request.wire,
        elapsed=0.0, verify=False,
    )  # fmt: skip
    found = []
    try:
        request.case.validate_response(reply, checks=CHECKS)
    except BaseExceptionGroup as group:
        found += [f"{type(error).__name__}: {error}"[:600] for error in group.exceptions]
    if b'"code":"internal"' in response.body:
        found.append("a defect, perhaps in an item of a batch")
    if response.status >= 500:
        found.append(f"status {response.status}")
    if response.status >= 400:
        problem = json.loads(response.body)
        known = ALL_ERRORS.get(problem["code"])
        if known is None or known.status != response.status:
            found.append(f"code {problem['code']!r} with status {response.status}")
    return found


async def place_order(desk: WholeDesk, role: str, number: int) -> None:
    body = {
        "order_id": f"018cc252-2e93-7000-8000-{number:012x}", "instrument": "SOL-USDC",
        "side": "buy", "type": "market", "quantity": "1",
    }  # fmt: skip
    data_of(await desk.ask("POST", "/v1/trading/orders", json.dumps(body).encode(), role=role))


async def begin_execution(desk: WholeDesk, role: str, number: int) -> str:
    body = {
        "execution_id": f"018cc252-2e93-7000-9000-{number:012x}", "instrument": "SOL-USDC",
        "side": "buy", "quantity": "1", "algorithm": "twap", "slices": 2,
    }  # fmt: skip
    sent = json.dumps(body).encode()
    begun = data_of(await desk.ask("POST", "/v1/trading/executions", sent, role=role))
    return str(begun["execution_id"])


async def register_strategy(desk: WholeDesk) -> dict[str, list[str]]:
    """One of the examples, in the desk's own folder."""
    folder = desk.desk.folder / "strategies"
    folder.mkdir(exist_ok=True)
    (folder / EXAMPLE.name).write_bytes(EXAMPLE.read_bytes())
    body = json.dumps({"file": EXAMPLE.name}).encode()
    registered = data_of(await desk.ask("POST", "/v1/strategies", body, role="admin"))
    return {name: [registered[name]] for name in ("strategy", "version")}


async def what_exists(desk: WholeDesk) -> dict[str, list[str]]:
    """Field → values that are there to be found."""
    for number, role in enumerate(("trader", "admin")):
        await place_order(desk, role, number)
    executions = [
        await begin_execution(desk, role, number) for number, role in enumerate(("trader", "admin"))
    ]
    await desk.move_market(30)
    orders = data_of(await desk.ask("GET", "/v1/trading/orders", role="trader"))["orders"]
    sent = data_of(await desk.ask("GET", "/v1/chain/transactions", role="admin"))["transactions"]
    models = data_of(await desk.ask("GET", "/v1/ml/models", role="admin"))["models"]
    proposals = []
    for name in ("SOL-USDC", "BTC-USDC"):
        body = json.dumps({"instrument": name}).encode()
        proposal = data_of(await desk.ask("POST", "/v1/ai/recommendations", body, role="trader"))
        proposals.append(proposal["recommendation_id"])
    strategy = await register_strategy(desk)
    balances = data_of(await desk.ask("GET", "/v1/chain/balances", role="admin"))
    instruments = list(INSTRUMENTS)
    return {
        "instrument": instruments,
        "symbol": instruments,
        "order_id": [order["order_id"] for order in orders],
        "execution_id": executions,
        "signature": [transaction["signature"] for transaction in sent][:20],
        "recommendation_id": proposals,
        "name": [model["name"] for model in models],
        "address": [balances["wallet"]],
        **strategy,
    }


class Attack:
    """Sends each request as everybody, and keeps what came of it."""

    def __init__(self, desk: WholeDesk) -> None:
        self.desk = desk
        self.statuses: Counter[int] = Counter()
        self.served: set[str] = set()
        self.broken: dict[tuple[str, str], str] = {}

    async def send(self, request: Prepared) -> None:
        wire = request.wire
        url, body = urlsplit(str(wire.url)), _bytes(wire.body or b"")
        headers = [(name.lower().encode(), _bytes(value)) for name, value in wire.headers.items()]
        for role in ASKERS:
            response = await self.desk.ask(
                str(wire.method), url.path, body, query=url.query, role=role, headers=headers
            )
            self.statuses[response.status] += 1
            if response.status == 200:
                self.served.add(request.operation_id)
            found = faults(request, response)
            if role == NOBODY and request.needs_sign_in and response.status != 401:
                found.append(f"nobody gets {response.status}")
            for fault in found:
                told = f"{role}: {wire.method} {wire.url} {body[:300]!r}\n{fault}"
                self.broken.setdefault((request.operation_id, fault.split("\n")[0]), told)
            if self.statuses.total() % PER_MARKET_STEP == 0:
                await self.desk.move_market()
        if request.operation_id.startswith("identity"):
            await self.desk.keep_signed_in()


def _bytes(value: str | bytes) -> bytes:
    return value.encode("latin-1") if isinstance(value, str) else value


def needs_proof(contract: dict[str, Any], operation: dict[str, Any]) -> bool:
    """Whether its request holds something that only the owner of a secret can make."""
    content = operation.get("requestBody", {}).get("content", {})
    names = {reference.rpartition("/")[2] for reference in _references(content)}
    schemas = contract["components"]["schemas"]
    return any(PROOFS & set(schemas[name].get("properties", ())) for name in names)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


async def test_the_contract_holds(tmp_path: Path) -> None:
    async with whole_desk(tmp_path) as desk:
        attack = Attack(desk)
        declared = [op for path in desk.contract["paths"].values() for op in path.values()]
        each = MARGIN * REQUESTS_MIN / len(declared) / len(ASKERS)
        existing = drawable(desk.contract, await what_exists(desk))
        for request in prepared(existing, {GenerationMode.POSITIVE: int(EXISTING * each)}):
            await attack.send(request)
        anything = drawable(desk.contract, {})
        counts = {
            GenerationMode.POSITIVE: int(ALLOWED * each),
            GenerationMode.NEGATIVE: int(NOT_ALLOWED * each),
        }
        for request in prepared(anything, counts):
            await attack.send(request)
    assert "\n\n".join(attack.broken.values()) == ""
    assert attack.statuses.total() >= REQUESTS_MIN
    assert {200, 400, 401, 403, 404, 409, 422} <= set(attack.statuses)
    declared = [op for path in desk.contract["paths"].values() for op in path.values()]
    guessable = {op["operationId"] for op in declared if not needs_proof(desk.contract, op)}
    unserved = sorted(guessable - attack.served)
    assert len(unserved) < 0.2 * len(guessable), unserved


async def test_faults_are_found(tmp_path: Path) -> None:
    """What the attack would say to replies that break the contract."""
    async with whole_desk(tmp_path) as desk:
        drawn = prepared(drawable(desk.contract, {}), {GenerationMode.POSITIVE: 1})
        request = next(r for r in drawn if r.operation_id == "trading_get_risk")
        good = await desk.ask("GET", "/v1/trading/risk", role="viewer")
        bad = await desk.ask("GET", "/v1/trading/risk")
    assert faults(request, good) == []
    assert faults(request, bad) == []
    less = good.body.replace(b'"kill_switch"', b'"other"')
    plain = [(n, b"text/plain" if n == b"content-type" else v) for n, v in good.all_headers]
    assert any("kill_switch" in f for f in faults(request, replace(good, body=less)))
    other_kind = replace(good, headers=plain, fixed=NO_HEADERS)
    assert any("Content-Type" in f for f in faults(request, other_kind))
    assert any("Undocumented" in f for f in faults(request, replace(bad, status=418)))
    assert any("500" in f for f in faults(request, replace(bad, status=500)))
    unknown = replace(bad, body=bad.body.replace(b'"unauthenticated"', b'"oops"'))
    assert faults(request, unknown) == ["code 'oops' with status 401"]
