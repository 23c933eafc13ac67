"""Operation × role, generated: who may do what is what `ROLES` says, through the whole door.

Real users sign in to a real identity department; each operation of each gateway in the checkout
is asked over the HTTP core by every role and by nobody. A policy behind the authorisation ends a
call that was let through, so that the answer tells admission from refusal and nothing happens.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import pytest
import pytest_asyncio

import quantdesk.departments
import quantdesk.flows
import quantdesk.services
from quantdesk.departments.identity import CreateSession, CreateUser
from quantdesk.departments.identity.department import IdentityDepartment
from quantdesk.faces.contract import document, example_of, path_of
from quantdesk.faces.http import HttpCore, HttpLimits, HttpRequest
from quantdesk.gateways import GATEWAYS as SERVED
from quantdesk.kernel import (
    PUBLIC,
    Call,
    Caller,
    CallerKind,
    Forbidden,
    Gateway,
    Handler,
    Operation,
    Policy,
    Refused,
    Seam,
    Stage,
    encode,
)
from quantdesk.policies import ROLES, Authorise, Metrics, RateLimit, RateLimiting
from quantdesk.services.database.sqlite import SqliteDatabase

pytestmark = [pytest.mark.spec("SEC-2"), pytest.mark.spec("TST-4")]
NOBODY = "nobody"
ASKERS = (*ROLES, NOBODY)
PASSWORD = "a password for everybody"


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
OPERATIONS = [o for gateway in GATEWAYS for o in gateway.operations.values()]
ROUTED = [operation for operation in OPERATIONS if operation.route is not None]
CONTRACT = document(GATEWAYS, "1")


class LetThrough(Policy):
    """Ends every call that came this far: behind the authorisation, before the implementation."""

    stage = Stage.PROTECT

    def wrap(self, operation: Operation, proceed: Handler) -> Handler:
        async def end(call: Call) -> object:
            raise Refused("let through", detail={"operation": operation.id})

        return end


class Door:
    """The HTTP core over every gateway, and a token for each role."""

    def __init__(self, core: HttpCore, tokens: dict[str, str]) -> None:
        self.core = core
        self.tokens = tokens

    async def ask(self, operation: Operation, asker: str) -> tuple[int, dict[str, Any]]:
        headers = [(b"content-type", b"application/json")]
        if asker != NOBODY:
            headers.append((b"authorization", f"Bearer {self.tokens[asker]}".encode()))
        path, query, body = example_request(operation)
        assert operation.route is not None
        response = await self.core.handle(
            HttpRequest(
                method=operation.route.method, path=path, query=query, body=body, headers=headers
            )
        )
        return response.status, json.loads(response.body)


def example_request(operation: Operation) -> tuple[str, str, bytes]:
    """A request that is well formed, made from the contract: path, query, body."""
    path, method = path_of(operation)
    told = CONTRACT["paths"][path][method.lower()]
    schemas = CONTRACT["components"]["schemas"]
    query = []
    for parameter in told["parameters"]:
        if parameter["in"] == "header" or not parameter["required"]:
            continue
        value = quote(str(example_of(parameter["schema"], schemas)), safe="")
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", value)
        else:
            query.append(f"{parameter['name']}={value}")
    if "requestBody" not in told:
        return path, "&".join(query), b""
    return (
        path,
        "",
        json.dumps(told["requestBody"]["content"]["application/json"]["example"]).encode(),
    )


def bare(gateway: Gateway[Any]) -> Any:
    """The Protocol itself: nothing behind it is ever reached."""
    return type(gateway.protocol.__name__, (gateway.protocol,), {})()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    seam = Seam.replay(7, 1_700_000_000_000_000_000)
    folder: Path = tmp_path_factory.mktemp("identity")
    database = SqliteDatabase(folder / "desk.sqlite", seam)
    await database.start()
    department = IdentityDepartment(database, seam)
    await department.start(PASSWORD)
    tokens = {}
    for role in ROLES:
        name = f"{role}-user"
        await department.create_user(CreateUser(username=name, password=PASSWORD, roles=(role,)))
        session = await department.create_session(CreateSession(username=name, password=PASSWORD))
        tokens[role] = session.access_token
    policies: Sequence[Policy] = (
        Metrics(), RateLimiting(seam, RateLimit(calls=10_000, per_s=1.0)), Authorise(),
        LetThrough(),
    )  # fmt: skip
    core = HttpCore(
        [gateway.serve(bare(gateway), policies) for gateway in GATEWAYS],
        department.caller_of,
        seam,
        readiness=_ready,
        metrics=str,
        openapi=encode(CONTRACT),
        limits=HttpLimits(),
    )
    yield Door(core, tokens)
    await database.close()


async def _ready() -> dict[str, str]:
    return {}


def test_the_matrix_covers_the_whole_house() -> None:
    assert len(ROUTED) > 40
    assert set(ROLES) == {"viewer", "trader", "risk", "admin", "agent"}
    assert {gateway.name for gateway in GATEWAYS} == {gateway.name for gateway in SERVED}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("asker", ASKERS)
@pytest.mark.parametrize("operation", ROUTED, ids=lambda o: o.id)
async def test_a_cell(door: Door, operation: Operation, asker: str) -> None:
    status, answer = await door.ask(operation, asker)
    granted = ROLES.get(asker, frozenset[str]())
    if operation.permission == PUBLIC or operation.permission in granted:
        assert (status, answer["detail"]) == (422, "let through"), answer
        assert answer["details"] == {"operation": operation.id}
    elif asker == NOBODY:
        assert (status, answer["code"]) == (401, "unauthenticated")
    else:
        assert (status, answer["code"]) == (403, "forbidden")


@pytest.mark.spec("NEW-8")
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("operation", ROUTED, ids=lambda o: o.id)
async def test_an_agent_may_what_both_it_and_its_person_may(
    operation: Operation, role: str
) -> None:
    person = Caller(
        caller_id="ann", kind=CallerKind.PERSON, permissions=ROLES[role], account="ann",
        roles=frozenset({role}), session_id="a session", expires_ns=1, stepped_up_ns=1,
    )  # fmt: skip
    agent = person.acting_as_agent("mikey", ROLES["agent"])
    assert (agent.account, agent.session_id, agent.stepped_up_ns) == ("ann", "a session", None)
    gateway = next(g for g in GATEWAYS if g.name == operation.gateway)
    served = gateway.serve(bare(gateway), [Authorise(), LetThrough()])
    both = ROLES[role] & ROLES["agent"]
    let_through = operation.permission == PUBLIC or operation.permission in both
    expected = Refused if let_through else Forbidden
    with pytest.raises(expected):
        await served.call(Call(operation, agent, cast(Any, None)))


@pytest.mark.parametrize("operation", ROUTED, ids=lambda o: o.id)
def test_every_permission_is_granted_by_some_role(operation: Operation) -> None:
    if operation.permission != PUBLIC:
        holders = [role for role, granted in ROLES.items() if operation.permission in granted]
        assert holders, f"{operation.id}: no role grants {operation.permission!r}"


def test_public_operations_are_these() -> None:
    public = {operation.id for operation in ROUTED if operation.permission == PUBLIC}
    assert public == {
        "identity.create_session", "identity.refresh_session", "identity.jwks",
        "identity.create_wallet_challenge", "identity.create_wallet_session",
        "identity.create_passkey_challenge", "identity.create_passkey_session",
    }  # fmt: skip


def test_what_roles_grant_is_what_operations_ask_for() -> None:
    asked = {operation.permission for operation in OPERATIONS}
    granted = frozenset[str]().union(*ROLES.values())
    assert granted - asked == set()


@pytest.mark.spec("NEW-8")
def test_no_role_reaches_what_only_departments_do() -> None:
    """An internal operation has no route, and the rights that only internal ones ask for are
    given to no role."""
    inside = {o.permission for o in OPERATIONS if o.route is None} - {o.permission for o in ROUTED}
    granted = frozenset[str]().union(*ROLES.values())
    assert inside & granted == set()


@pytest.mark.spec("NEW-8")
def test_an_agent_cannot_trade_approve_or_manage() -> None:
    assert not ROLES["agent"] & {"trading.place", "ai.approve", "risk.manage", "identity.manage"}
