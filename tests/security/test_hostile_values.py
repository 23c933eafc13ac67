"""Every scalar of every request of the desk against 300 hostile values, through the real door.

Whatever is sent: a reply or a problem that the contract declares, never a fault of ours, in
bounded work. What is refused changes nothing: it leaves an audit entry where it got as far as a
department, an order that the gate refused leaves its record, and that is all.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from quantdesk.departments.identity.passwords import _secret
from quantdesk.faces.contract import ALL_ERRORS, example_of, path_of
from quantdesk.faces.http import HttpResponse
from quantdesk.gateways import GATEWAYS
from quantdesk.kernel import PUBLIC, Operation
from quantdesk.policies import ROLES, RateLimit
from quantdesk.services.database import HealthQuery

from .hostile import VALUES, text_of
from .whole_desk import NOBODY, WholeDesk, whole_desk

pytestmark = [pytest.mark.spec("TST-4"), pytest.mark.spec("BE-3"), pytest.mark.spec("DB-3")]
VALUES_MIN = 300
CPU_S_MAX = 1.0
"""For one request; the dearest, a password hash, takes a tenth of it."""
BATCH_S = 0.1
DESK_LIMIT = RateLimit(calls=200, per_s=1.0)
MAY_GROW = {"audit_entries", "audit_checkpoints"}
REFUSED_ORDERS = {"trading_orders", "trading_order_events"}
ROUTED = [o for gateway in GATEWAYS for o in gateway.operations.values() if o.route is not None]
Pointer = tuple[str | int, ...]


class Field:
    """One scalar of a request: where it stands and how a request with a value there is made."""

    def __init__(self, operation: Operation, contract: dict[str, Any], place: str, at: Pointer):
        self.operation = operation
        path, self.method = path_of(operation)
        told = contract["paths"][path][self.method.lower()]
        self._template, self._place, self._at = path, place, at
        self._schemas = contract["components"]["schemas"]
        self._parameters = [p for p in told["parameters"] if p["in"] in {"path", "query"}]
        content = told.get("requestBody", {}).get("content", {}).get("application/json", {})
        self._body = content.get("schema")
        self.statuses = {int(status) for status in told["responses"]}

    def __str__(self) -> str:
        return f"{self.operation.id} {self._place} {'.'.join(map(str, self._at))}"

    def request(self, value: str, known: dict[str, Any]) -> tuple[str, str, bytes]:
        """Path, query and body with `value` in this field and good ones everywhere else."""
        path, query = self._template, []
        for parameter in self._parameters:
            name = parameter["name"]
            here = self._place == parameter["in"] and self._at == (name,)
            if not here and not parameter["required"]:
                continue
            good = known.get(name) or example_of(parameter["schema"], self._schemas)
            text = quote(text_of(value) if here else str(good), safe="", errors="surrogatepass")
            if parameter["in"] == "path":
                path = path.replace(f"{{{name}}}", text)
            else:
                query.append(f"{name}={text}")
        if self._place != "body":
            body = b"" if self._body is None else json.dumps(self._good(known)).encode()
        else:
            body = self._with(value, self._good(known))
        return path, "&".join(query), body

    def _good(self, known: dict[str, Any]) -> Any:
        found = example_of(self._body, self._schemas)
        return {name: known.get(name, value) for name, value in found.items()}

    def _with(self, value: str, good: Any) -> bytes:
        spot = good
        for part, then in zip(self._at, (*self._at[1:], None), strict=True):
            if then is None:
                spot[part] = "@here@"
            elif isinstance(then, int):
                spot[part] = [None]
                spot = spot[part]
            else:
                spot[part] = {}
                spot = spot[part]
        return json.dumps(good).replace('"@here@"', value).encode("utf-8", "surrogatepass")


def fields(operation: Operation, contract: dict[str, Any]) -> Iterator[Field]:
    path, method = path_of(operation)
    told = contract["paths"][path][method.lower()]
    for parameter in told["parameters"]:
        if parameter["in"] in {"path", "query"}:
            yield Field(operation, contract, parameter["in"], (parameter["name"],))
    content = told.get("requestBody", {}).get("content", {}).get("application/json")
    if content is not None:
        for at in scalars(content["schema"], contract["components"]["schemas"]):
            yield Field(operation, contract, "body", at)


def scalars(schema: dict[str, Any], schemas: dict[str, Any], at: Pointer = ()) -> Iterator[Pointer]:
    """Where the scalars of a schema are; one element stands for all of a list or a mapping."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].split("/")[-1]]
    for kind in schema.get("anyOf", [schema]):
        if kind.get("type") == "object":
            for name, inner in kind.get("properties", {}).items():
                yield from scalars(inner, schemas, (*at, name))
            if isinstance(kind.get("additionalProperties"), dict):
                yield from scalars(kind["additionalProperties"], schemas, (*at, "key"))
        elif kind.get("type") == "array":
            inner = (kind.get("prefixItems") or [kind.get("items", {})])[0]
            yield from scalars(inner, schemas, (*at, 0))
        elif kind.get("type") != "null" and "$ref" not in kind:
            yield at
            return
        elif "$ref" in kind:
            yield from scalars(kind, schemas, at)


class Sweep:
    """Sends the values and keeps account of what came back and of what was written."""

    def __init__(self, desk: WholeDesk) -> None:
        self.desk = desk
        self.sent: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.faults: dict[str, str] = {}
        self._door = desk.desk.own_doors.database
        self._commits, self._rows = -1, dict[str, int]()
        self._orders = 0

    async def field(self, field: Field) -> None:
        limit = field.operation.setting(RateLimit) or DESK_LIMIT
        step = max(1, int(limit.calls / limit.per_s * BATCH_S))
        for index, value in enumerate(values_for(len(self.sent))):
            if index % step == 0:
                await self.desk.move_market()
            await self._send(field, value)
        await self.desk.keep_signed_in()

    async def _send(self, field: Field, value: str) -> None:
        self._orders += 1
        known = {
            "instrument": "SOL-USDC", "symbol": "SOL-USDC", "quantity": "1",
            "roles": ["viewer"], "name": "microprice", "rows": [[0.0]],
            "order_id": f"018cc252-2e93-7000-9000-{self._orders:012x}",
        }  # fmt: skip
        path, query, body = field.request(value, known)
        before = await self._written()
        if before != self._commits:
            self._commits, self._rows = before, await self.desk.row_counts()
        started = time.process_time()
        response = await self.desk.ask(
            field.method, path, body, query=query, role=role_for(field.operation)
        )
        took = time.process_time() - started
        self.sent[str(field)] += 1
        self.statuses[response.status] += 1
        fault = wrong(field, response)
        if took > CPU_S_MAX:
            fault = f"took {took:.1f} s of CPU"
        if response.status >= 400 and await self._written() != before:
            grown = {
                name for name, n in (await self.desk.row_counts()).items() if n != self._rows[name]
            }
            if grown - allowed(response):
                fault = f"refused with {response.status}, yet written: {sorted(grown)}"
        if fault:
            told = f"{field} = {value[:80]!r}: {fault} {response.body[:300]!r}"
            self.faults.setdefault(f"{field} {fault[:20]}", told)

    async def _written(self) -> int:
        return (await self._door.health(HealthQuery())).commits


def values_for(number: int) -> list[str]:
    """300 spread over all, beginning elsewhere for each field."""
    step = len(VALUES) / VALUES_MIN
    return [VALUES[(int(index * step) + number) % len(VALUES)] for index in range(VALUES_MIN)]


def role_for(operation: Operation) -> str:
    if operation.permission == PUBLIC:
        return NOBODY
    return next(r for r in ("admin", *ROLES) if operation.permission in ROLES[r])


def allowed(response: HttpResponse) -> set[str]:
    """Tables that a refused call may leave a trace in: the audit trail, and a refused order."""
    code = json.loads(response.body)["code"]
    return MAY_GROW | (REFUSED_ORDERS if code == "risk_refused" else set())


def wrong(field: Field, response: HttpResponse) -> str:
    if response.status >= 500:
        return f"status {response.status}"
    if response.status not in field.statuses:
        return f"undeclared status {response.status}"
    if response.status >= 400 and json.loads(response.body)["code"] not in ALL_ERRORS:
        return "unknown code"
    return ""


def test_there_are_enough_values() -> None:
    assert len(set(VALUES)) == len(VALUES)
    assert len(set(values_for(0))) == len(set(values_for(7))) == VALUES_MIN
    assert len(set(values_for(0)) | set(values_for(1))) == len(VALUES)
    assert len(set(map(text_of, VALUES))) >= VALUES_MIN


def test_every_kind_of_scalar_is_found() -> None:
    schemas = {"Inner": {"type": "object", "properties": {"x": {"type": "integer"}}}}
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": "string"},
            "b": {"anyOf": [{"type": "null"}, {"type": "number"}]},
            "c": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
            "d": {"type": "object", "additionalProperties": {"type": "string"}},
            "e": {"$ref": "#/components/schemas/Inner"},
            "f": {"anyOf": [{"$ref": "#/components/schemas/Inner"}, {"type": "null"}]},
        },
    }
    found = list(scalars(schema, schemas))
    assert found == [("a",), ("b",), ("c", 0, 0), ("d", "key"), ("e", "x"), ("f", "x")]


@pytest.mark.parametrize("gateway", GATEWAYS, ids=lambda gateway: gateway.name)
async def test_every_scalar_holds(gateway: Any, tmp_path: Path) -> None:
    operations = [o for o in gateway.operations.values() if o.route is not None]
    async with whole_desk(tmp_path) as desk:
        sweep = Sweep(desk)
        swept = [field for o in operations for field in fields(o, desk.contract)]
        for field in swept:
            await sweep.field(field)
    assert "\n".join(sweep.faults.values()) == ""
    assert len(sweep.sent) == len(swept)
    assert min(sweep.sent.values(), default=VALUES_MIN) >= VALUES_MIN


def test_any_text_can_be_a_password() -> None:
    """Hashing one takes a tenth of a second; what is hashed is made by this."""
    texts = [t for t in map(text_of, VALUES) if not any("\ud800" <= c <= "\udfff" for c in t)]
    assert len(texts) >= VALUES_MIN
    for text in texts:
        assert isinstance(_secret(text), bytes)
