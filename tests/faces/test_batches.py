"""Many in one call: derived from one declaration, each item under the rules of one sent alone."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any, Protocol
from uuid import UUID

import pytest
from msgspec import Meta, Struct

from quantdesk.faces.contract import document
from quantdesk.faces.http import HttpCore, HttpRequest
from quantdesk.kernel import (
    GET,
    INTERNAL,
    POST,
    Batch,
    Call,
    Caller,
    CallerKind,
    Effect,
    Forbidden,
    Gateway,
    Misconfigured,
    NotFound,
    OutcomeUnknown,
    Refused,
    Seam,
    current_caller,
    current_request_id,
    encode,
    operation,
)
from quantdesk.policies import (
    Auditing,
    AuditLog,
    Authorise,
    Idempotency,
    MemoryAnswers,
    Metrics,
    RateLimit,
    RateLimiting,
)
from quantdesk.services.database.sqlite import SqliteDatabase
from quantdesk.services.database.stores import DatabaseAuditStore

from .shop import Answer

pytestmark = [pytest.mark.spec("PRF-4"), pytest.mark.spec("NEW-1"), pytest.mark.spec("STD-1")]
ITEMS_MAX = 8


class PutJar(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    jar_id: UUID
    grams: Annotated[int, Meta(ge=1, le=1_000)] = 100


class GetJar(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    jar_id: UUID


class Jar(Struct, frozen=True, kw_only=True):
    jar_id: UUID
    grams: int
    owner: str
    puts: int


class Pantry(Protocol):
    """Jars on a shelf."""

    @operation(
        POST("/jars"), Effect.ONCE, "pantry.put", RateLimit(calls=20, per_s=1.0),
        Batch("/jars/batch", items_max=ITEMS_MAX),
    )  # fmt: skip
    async def put_jar(self, request: PutJar) -> Jar:
        """Put a jar on the shelf."""
        ...

    @operation(GET("/jars/{jar_id}"), Effect.READ, "pantry.read", Batch("/jars/lookups"))
    async def get_jar(self, request: GetJar) -> Jar:
        """Return a jar."""
        ...


pantry = Gateway(Pantry)
PutJars: Any = pantry.operations["put_jar_batch"].request
ADA = Caller(
    caller_id="ada", kind=CallerKind.PERSON, account="ada",
    permissions=frozenset({"pantry.put", "pantry.read"}),
)  # fmt: skip


class Shelf:
    """Implements `Pantry`. 13 g is bad luck, 666 g a defect, 999 g nobody knows."""

    def __init__(self) -> None:
        self.jars: dict[UUID, Jar] = {}
        self.puts = 0
        self.request_ids: set[object] = set()
        self.at_once = self.at_once_most = 0

    async def put_jar(self, request: PutJar) -> Jar:
        self.puts += 1
        self.request_ids.add(current_request_id())
        self.at_once += 1
        self.at_once_most = max(self.at_once_most, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if request.grams == 13:
            raise Refused("bad luck", where="/grams", detail={"grams": "13"})
        if request.grams == 666:
            raise RuntimeError("a secret of ours")
        if request.grams == 999:
            raise OutcomeUnknown("nobody knows")
        jar = Jar(
            jar_id=request.jar_id, grams=request.grams, owner=current_caller().account,
            puts=self.puts,
        )  # fmt: skip
        self.jars[request.jar_id] = jar
        return jar

    async def get_jar(self, request: GetJar) -> Jar:
        if request.jar_id not in self.jars:
            raise NotFound(f"no jar {request.jar_id}", where="/jar_id")
        return self.jars[request.jar_id]


class House:
    """A pantry behind every policy that has a say, and its HTTP core."""

    def __init__(self, seam: Seam, *more: Any) -> None:
        self.shelf, self.metrics, self.caller = Shelf(), Metrics(), ADA
        policies = (
            self.metrics, RateLimiting(seam, RateLimit(calls=1_000, per_s=1.0)), Authorise(),
            Idempotency(MemoryAnswers()), *more,
        )  # fmt: skip
        self.served = pantry.serve(self.shelf, policies)
        self.contract = document([pantry], "1")
        self.core = HttpCore(
            [self.served], self._authenticate, seam, readiness=self._ready, metrics=str,
            openapi=encode(self.contract),
        )  # fmt: skip

    async def _authenticate(self, _token: str) -> Caller:
        return self.caller

    async def _ready(self) -> dict[str, str]:
        return {}

    async def ask(self, path: str, items: list[Any], key: str | None = None) -> Answer:
        headers = [(b"authorization", b"Bearer t"), (b"content-type", b"application/json")]
        if key is not None:
            headers.append((b"idempotency-key", key.encode()))
        body = json.dumps({"items": items}).encode()
        request = HttpRequest(method="POST", path=path, headers=headers, body=body)
        return Answer(await self.core.handle(request))

    async def put(self, *grams: Any, first: int = 0, key: str | None = None) -> Answer:
        jars = [{"jar_id": jar_id(first + i), "grams": g} for i, g in enumerate(grams)]
        return await self.ask("/v1/pantry/jars/batch", jars, key)


def jar_id(number: int) -> str:
    return f"01912f4e-7a00-7000-8000-{number:012x}"


@pytest.fixture
def house(seam: Seam) -> House:
    return House(seam)


async def test_results_come_in_the_order_of_the_items(house: House) -> None:
    items = (await house.put(5, 6, 7)).data["items"]
    assert [item["data"]["grams"] for item in items] == [5, 6, 7]
    assert [item["problem"] for item in items] == [None] * 3
    assert {item["data"]["owner"] for item in items} == {"ada"}
    assert house.shelf.at_once_most == 3


async def test_one_item_s_problem_is_its_own(house: House) -> None:
    answer = await house.put(5, 13, 999, 7)
    good, refused, unknown, last = answer.data["items"]
    assert (good["data"]["grams"], last["data"]["grams"]) == (5, 7)
    assert refused["data"] is None
    assert refused["problem"] == {
        "status": 422, "code": "refused", "detail": "bad luck", "where": "/grams",
        "advice": Refused.advice, "details": {"grams": "13"},
    }  # fmt: skip
    assert unknown["problem"]["code"] == "outcome_unknown"
    assert len(house.shelf.jars) == 2


async def test_a_defect_in_one_is_reported_and_tells_nothing(house: House) -> None:
    seen: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: seen.append(context))
    answer = await house.put(666, 5)
    assert answer.data["items"][0]["problem"]["code"] == "internal"
    assert answer.data["items"][1]["data"]["grams"] == 5
    assert b"secret" not in answer.response.body
    assert [str(context["exception"]) for context in seen] == ["a secret of ours"]


async def test_a_malformed_item_refuses_the_whole(house: House) -> None:
    answer = await house.put(5, 0, 7)
    assert (answer.status, answer.json["where"]) == (400, "/items/1/grams")
    unknown = await house.ask("/v1/pantry/jars/batch", [{"jar_id": jar_id(1), "x": 1}])
    assert (unknown.status, unknown.json["where"]) == (400, "/items/0/x")
    assert house.shelf.puts == 0


async def test_as_many_as_allowed_and_one_more(house: House) -> None:
    assert (await house.put(*[1] * ITEMS_MAX)).status == 200
    assert (await house.put(*[1] * (ITEMS_MAX + 1))).status == 400
    assert (await house.put()).status == 400
    assert house.shelf.puts == ITEMS_MAX


async def test_each_item_is_counted_and_limited(house: House) -> None:
    answers = [await house.put(*[1] * ITEMS_MAX, first=8 * batch) for batch in range(3)]
    problems = [item["problem"] for answer in answers for item in answer.data["items"]]
    codes = [problem and problem["code"] for problem in problems]
    assert codes == [None] * 20 + ["rate_limited"] * 4
    assert house.metrics.calls("pantry", "put_jar") == 24
    assert house.metrics.calls("pantry", "put_jar_batch") == 3


async def test_one_key_covers_all(house: House) -> None:
    answers = await asyncio.gather(*(house.put(5, 13, 7, key="k") for _ in range(16)))
    assert house.shelf.puts == 3
    assert len({json.dumps(answer.data) for answer in answers}) == 1
    other = await house.put(5, 13, 8, key="k")
    assert (other.status, other.code) == (409, "conflict")
    assert house.shelf.puts == 3


async def test_half_a_batch_is_not_done_twice() -> None:
    """The answer was lost, the items' own answers were not: the same key goes on from there."""
    shelf = Shelf()
    lost = pantry.serve(shelf, (Authorise(), Idempotency(MemoryAnswers())))
    request = PutJars(items=tuple(PutJar(jar_id=UUID(jar_id(n))) for n in range(3)))
    batch, single = pantry.operations["put_jar_batch"], pantry.operations["put_jar"]
    await lost.call(Call(single, ADA, request.items[0], None, "k/0"))
    reply: Any = await lost.call(Call(batch, ADA, request, None, "k"))
    assert shelf.puts == 3
    assert reply.items[0].data.puts == 1
    assert [item.problem for item in reply.items] == [None] * 3


async def test_rights_are_those_of_one(house: House) -> None:
    house.caller = Caller(
        caller_id="eve",
        kind=CallerKind.PERSON,
        account="eve",
        permissions=frozenset({"pantry.read"}),
    )
    assert (await house.put(5)).status == 403
    found = await house.ask("/v1/pantry/jars/lookups", [{"jar_id": jar_id(1)}])
    assert found.data["items"][0]["problem"]["code"] == "not_found"
    with pytest.raises(Forbidden):
        await house.served.open(house.caller).put_jar_batch(PutJars(items=()))  # type: ignore[attr-defined]


async def test_reads_by_many_ids(house: House) -> None:
    await house.put(5, 6)
    ids = [{"jar_id": jar_id(number)} for number in (1, 9, 0)]
    items = (await house.ask("/v1/pantry/jars/lookups", ids)).data["items"]
    assert [item["data"] and item["data"]["grams"] for item in items] == [6, None, 5]


async def test_every_item_stands_in_the_audit_trail(seam: Seam, tmp_path: Any) -> None:
    database = SqliteDatabase(tmp_path / "desk.sqlite3", seam)
    await database.start()
    trail = DatabaseAuditStore(database)
    await trail.start()
    house = House(seam, Auditing(AuditLog(trail, seam)))
    answer = await house.put(5, 13)
    assert answer.status == 200
    rows = [json.loads(row.body) async for row in trail.read()]
    told = sorted((r["operation"], r["phase"], r["outcome"]) for r in rows)
    assert told == [
        ("pantry.put_jar", "intent", ""), ("pantry.put_jar", "intent", ""),
        ("pantry.put_jar", "outcome", "ok"), ("pantry.put_jar", "outcome", "refused"),
        ("pantry.put_jar_batch", "intent", ""), ("pantry.put_jar_batch", "outcome", "ok"),
    ]  # fmt: skip
    assert len({r["request_id"] for r in rows}) == 1
    await database.close()


@pytest.mark.spec("PRF-3")
async def test_a_desk_elsewhere_gets_the_batch_whole() -> None:
    """Where the policies are, the key of the whole and the limits of the items are."""
    sent: list[Any] = []

    class Elsewhere(Shelf):
        async def put_jar_batch(self, request: Any) -> Any:
            sent.append(request)
            return pantry.operations["put_jar_batch"].reply(items=[])

    request = PutJars(items=(PutJar(jar_id=UUID(jar_id(1))),))
    call = Call(pantry.operations["put_jar_batch"], ADA, request)
    elsewhere = Elsewhere()
    await pantry.serve(elsewhere).call(call)
    assert (sent, elsewhere.puts) == ([request], 0)
    await pantry.serve(elsewhere, [Authorise()]).call(call)
    assert (sent, elsewhere.puts) == ([request], 1)


def test_the_contract_is_derived() -> None:
    contract = document([pantry], "1")
    told = contract["paths"]["/v1/pantry/jars/batch"]["post"]
    assert (told["x-effect"], told["x-permission"]) == ("once", "pantry.put")
    assert [p["name"] for p in told["parameters"]] == ["Idempotency-Key"]
    schemas = contract["components"]["schemas"]
    assert schemas["PutJarBatch"]["properties"]["items"] == {
        "type": "array", "items": {"$ref": "#/components/schemas/PutJar"}, "minItems": 1,
        "maxItems": ITEMS_MAX,
    }  # fmt: skip
    assert set(schemas["PutJarOutcome"]["properties"]) == {"data", "problem"}
    read = contract["paths"]["/v1/pantry/jars/lookups"]["post"]
    assert (read["x-effect"], read["parameters"]) == ("read", [])


def test_what_cannot_come_in_batches() -> None:
    class Inner(Protocol):
        """No route."""

        @operation(INTERNAL, Effect.ONCE, "x", Batch("/jars/batch"))
        async def put(self, request: PutJar) -> Jar:
            """Put."""
            ...

    class Placed(Protocol):
        """A path of one."""

        @operation(POST("/jars"), Effect.ONCE, "x", Batch("/jars/{jar_id}/batch"))
        async def put(self, request: PutJar) -> Jar:
            """Put."""
            ...

    for protocol in (Inner, Placed):
        with pytest.raises(Misconfigured, match="batches"):
            Gateway(protocol)
