"""Operation × role × whose object it is, generated over every routed operation of a real desk.

`ann` trades: she gets orders, fills, a ledger, recommendations, transactions on chain, a wallet, an
API key and a passkey. Then everybody else asks for hers, in every role and with an API key. Each
operation is declared in `CELLS`; one that is not fails the test.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from msgspec import Struct
from tests.conftest import START_NS
from tests.security.authenticator import Authenticator
from tests.security.rooms import PASSWORD
from tests.security.test_matrix import example_request
from tests.security.test_wallets import Phantom
from tests.strategies.rooms import quiet

from quantdesk.config import load
from quantdesk.departments.identity import (
    CreateApiKey,
    CreatePasskeyOptions,
    CreateSession,
    CreateUser,
    CreateWalletChallenge,
    LinkWallet,
)
from quantdesk.departments.ingestion.sources import open_feed
from quantdesk.departments.strategies import RegisterStrategy
from quantdesk.departments.trading import BeginExecution, GetOrder, PlaceOrder
from quantdesk.desk import Desk
from quantdesk.faces.contract import document, path_of
from quantdesk.faces.http import HttpCore, HttpRequest
from quantdesk.flows.running import run_through
from quantdesk.flows.user_trading import UserTrading
from quantdesk.gateways import GATEWAYS
from quantdesk.kernel import (
    PUBLIC,
    Effect,
    Operation,
    Price,
    Quantity,
    Seam,
    department,
    encode,
)
from quantdesk.policies import ROLES

pytestmark = [pytest.mark.spec("SEC-2"), pytest.mark.spec("TST-4")]
ORIGIN = "http://localhost:8080"
FRAMES = 6_000
KEY = "trader's key"
ASKERS = (*ROLES, KEY)
OPERATIONS = {
    operation.id: operation
    for gateway in GATEWAYS
    for operation in gateway.operations.values()
    if operation.route is not None
}


class Own(Struct, frozen=True):
    """Names no object: it is about the caller's own account, whatever is sent."""


class Shared(Struct, frozen=True):
    """What it names or shows belongs to nobody, for this reason."""

    why: str


class WholeDesk(Struct, frozen=True):
    """About the whole desk, by permission alone. `shows` may name users."""

    shows: bool = False


class Proof(Struct, frozen=True):
    """Reaches an object only by a proof or a secret; attacked in the named tests."""

    tested: str


class Named(Struct, frozen=True):
    """Names one of ann's objects: refused with one of `answers`, 403 where the right is missing.
    Who has `seen_with` may see everybody's. `besides` makes the request whole."""

    objects: dict[str, str]
    answers: tuple[int, ...] = (404,)
    seen_with: str | None = None
    besides: dict[str, str] = {}


class Batched(Struct, frozen=True):
    """Many requests of another operation at once: each item is answered as there."""

    of: str


class Filtered(Struct, frozen=True):
    """A list that may be narrowed to one of ann's objects: empty for others."""

    objects: dict[str, str]
    seen_with: str | None = None


ORDER = {"order_id": "order"}
PROPOSAL = {"recommendation_id": "proposal"}
EXECUTION = {"execution_id": "execution"}
MARKET, MODEL = Shared("market data of public venues"), Shared("models of the desk")
STRATEGY = Shared("strategies of the desk; what somebody made of them is deployed apart")
DEPLOYED = Shared("names a strategy of the desk; of it the caller has a deployment of their own")
PUBLIC_CHAIN = Shared("what stands on a chain is public; it names no account but the caller's")
CELLS: dict[str, Own | Shared | WholeDesk | Proof | Named | Filtered | Batched] = {
    "identity.create_session": Proof("tests/identity/test_identity_department.py"),
    "identity.refresh_session": Proof("tests/security/test_sessions.py"),
    "identity.end_session": Own(),
    "identity.rotate_key": WholeDesk(),
    "identity.jwks": Shared("public keys"),
    "identity.create_ticket": Own(),
    "identity.me": Own(),
    "identity.create_user": WholeDesk(),
    "identity.list_users": WholeDesk(shows=True),
    "identity.create_wallet_challenge": Proof("tests/security/test_wallets.py"),
    "identity.create_wallet_session": Proof("tests/security/test_wallets.py"),
    "identity.link_wallet": Proof("tests/security/test_wallets.py"),
    "identity.list_wallets": Own(),
    "identity.remove_wallet": Named({"address": "wallet"}),
    "identity.create_api_key": Own(),
    "identity.list_api_keys": Own(),
    "identity.revoke_api_key": Named({"key_id": "key"}, answers=(404, 403)),
    "identity.enrol_totp": Own(),
    "identity.confirm_totp": Own(),
    "identity.disable_totp": Own(),
    "identity.create_step_up": Own(),
    "identity.get_second_factors": Own(),
    "identity.create_passkey_options": Own(),
    "identity.register_passkey": Proof("tests/security/test_passkeys.py"),
    "identity.remove_passkey": Named({"passkey_id": "passkey"}),
    "identity.create_passkey_challenge": Proof("tests/security/test_passkeys.py"),
    "identity.create_passkey_session": Proof("tests/security/test_passkeys.py"),
    "identity.create_step_up_challenge": Own(),
    "ingestion.list_sources": MARKET,
    "ingestion.get_quote": MARKET,
    "ingestion.get_quote_batch": MARKET,
    "ingestion.get_book": MARKET,
    "ingestion.list_quarantine": MARKET,
    "ingestion.watch_quotes": MARKET,
    "oracle.get_price": MARKET,
    "oracle.get_price_batch": MARKET,
    "operations.get_checkpoint": WholeDesk(),
    "operations.search_audit": WholeDesk(shows=True),
    "operations.summary": WholeDesk(),
    "oracle.submit_update": WholeDesk(),
    "oracle.submit_account": WholeDesk(),
    "oracle.list_prices": MARKET,
    "chain.get_transaction": Named({"signature": "signature"}, seen_with="operations.read"),
    "chain.list_transactions": Filtered(ORDER, seen_with="operations.read"),
    "chain.get_account": PUBLIC_CHAIN,
    "chain.get_balances": Own(),
    "chain.status": PUBLIC_CHAIN,
    "trading.place_order": Named(ORDER, answers=(409,), besides={"limit_price": "1"}),
    "trading.place_order_batch": Batched("trading.place_order"),
    "trading.place_orders": Proof("tests/trading/test_linked.py"),
    "trading.amend_order": Named(ORDER, besides={"quantity": "1"}),
    "trading.cancel_orders": Own(),
    "trading.cancel_after": Own(),
    "trading.list_venues": WholeDesk(),
    "trading.cancel_order": Named(ORDER),
    "trading.cancel_order_batch": Batched("trading.cancel_order"),
    "trading.get_order": Named(ORDER, seen_with="risk.manage"),
    "trading.get_order_batch": Batched("trading.get_order"),
    "trading.list_orders": Own(),
    "trading.get_order_story": Named(ORDER, seen_with="risk.manage"),
    "trading.list_fills": Filtered(ORDER),
    "trading.get_positions": Own(),
    "trading.get_ledger": Filtered(ORDER),
    "trading.get_risk": Shared("limits and kill switch hold for everybody"),
    "trading.set_kill_switch": WholeDesk(),
    "trading.list_risk_limits": Proof("tests/trading/test_risk.py"),
    "trading.set_risk_limits": WholeDesk(),
    "trading.set_reduce_only": WholeDesk(),
    "trading.watch_orders": Own(),
    "trading.begin_execution": Named(EXECUTION, answers=(409,)),
    "trading.cancel_execution": Named(EXECUTION),
    "trading.get_execution": Named(EXECUTION, seen_with="risk.manage"),
    "trading.list_executions": Own(),
    "trading.watch_executions": Own(),
    "trading.plan_route": Shared("a plan over venues that the caller sends, and the market's book"),
    "trading.plan_schedule": Shared("a plan from what the caller sends"),
    "trading.assess_portfolio": Own(),
    "trading.validate_var": Shared("figures of what the caller sends"),
    "analytics.measure_shortfall": Shared("figures of what the caller sends"),
    "analytics.get_markouts": Filtered(ORDER),
    "analytics.get_performance": Own(),
    "analytics.get_candles": MARKET,
    "analytics.measure_returns": Shared("figures of what the caller sends"),
    "analytics.assess_overfitting": Shared("figures of what the caller sends"),
    "strategies.register_strategy": WholeDesk(),
    "strategies.list_strategies": STRATEGY,
    "strategies.get_strategy": STRATEGY,
    "strategies.list_versions": STRATEGY,
    "strategies.get_version_source": WholeDesk(shows=True),
    "strategies.promote": DEPLOYED,
    "strategies.assess_promotion": DEPLOYED,
    "strategies.list_decisions": DEPLOYED,
    "strategies.roll_back": DEPLOYED,
    "strategies.list_deployments": Own(),
    "strategies.get_deployment": DEPLOYED,
    "strategies.list_history": DEPLOYED,
    "strategies.watch_deployments": Own(),
    "strategies.start_backtest": DEPLOYED,
    "strategies.list_backtests": Own(),
    "strategies.get_backtest": Named({"backtest_id": "backtest"}),
    "strategies.cancel_backtest": Named({"backtest_id": "backtest"}),
    "ai.recommend": Own(),
    "ai.get_recommendation": Named(PROPOSAL),
    "ai.list_recommendations": Own(),
    "ai.approve": Named(PROPOSAL),
    "ai.chat": Own(),
    "ai.list_lessons": Filtered(ORDER),
    "ai.search_memory": Shared("what MIKEY learned, in words that name nobody"),
    "flows.tell": Named(ORDER, seen_with="risk.manage"),
    "database.health": WholeDesk(),
    "cache.stats": WholeDesk(),
    "queue.list_queues": WholeDesk(),
    "queue.list_dead": WholeDesk(),
    "stream.list_topics": WholeDesk(),
    "events.stats": WholeDesk(),
    "ml.infer": MODEL,
    "ml.list_models": MODEL,
}
REFUSED_TO_KEYS = {
    "identity.remove_wallet", "identity.remove_passkey", "identity.revoke_api_key", "ai.approve",
}  # fmt: skip
"""For people, whatever the scopes of a key."""
NAMED = [name for name, cell in CELLS.items() if isinstance(cell, Named)]
BATCHED = {name: cell.of for name, cell in CELLS.items() if isinstance(cell, Batched)}
FILTERED = [name for name, cell in CELLS.items() if isinstance(cell, Filtered)]
READS = [
    name
    for name, operation in OPERATIONS.items()
    if operation.effect is Effect.READ and not operation.streams and name not in NAMED
]


class House:
    """A desk on which ann has traded, and a token for everybody."""

    def __init__(self, desk: Desk, core: HttpCore) -> None:
        self.desk = desk
        self.core = core
        self.tokens: dict[str, str] = {}
        self.granted: dict[str, frozenset[str]] = dict(ROLES)
        self.objects: dict[str, str] = {}

    async def sign_in(self, name: str) -> str:
        session = await self.desk.own_doors.identity.create_session(
            CreateSession(username=name, password=PASSWORD)
        )
        return session.access_token

    async def ask(
        self, operation: Operation, asker: str, **fields: Any
    ) -> tuple[int, dict[str, Any]]:
        """Send the example request with these fields instead of its own."""
        assert operation.route is not None
        path, query, body = example_request(operation)
        in_path = {name: fields[name] for name in operation.route.path_fields if name in fields}
        if in_path:
            path = path_of(operation)[0].format(**in_path)
        rest: dict[str, Any] = {
            name: value for name, value in fields.items() if name not in in_path
        }
        if operation.route.method in {"POST", "PUT"}:
            body = json.dumps({**json.loads(body or b"{}"), **rest}).encode()
        elif rest:
            query = "&".join([query, *(f"{k}={v}" for k, v in rest.items())]).lstrip("&")
        response = await self.core.handle(
            HttpRequest(
                method=operation.route.method, path=path, query=query, body=body,
                headers=[
                    (b"content-type", b"application/json"),
                    (b"authorization", f"Bearer {self.tokens[asker]}".encode()),
                ],
            )
        )  # fmt: skip
        return response.status, json.loads(response.body)

    async def hers(self) -> list[Any]:
        """What ann has, as she sees it: nothing of it may change."""
        seen = []
        await self.desk.seam.clock.sleep(0.005)  # her limits are not what is tested
        for name in (
            "trading.get_order", "ai.get_recommendation", "identity.list_wallets",
            "identity.list_api_keys", "identity.get_second_factors", "trading.get_positions",
            "trading.get_execution",
        ):  # fmt: skip
            operation = OPERATIONS[name]
            status, answer = await self.ask(operation, "ann", **self.of_ann(operation))
            assert status == 200, answer
            seen.append(answer["data"])
        return seen

    def of_ann(self, operation: Operation) -> dict[str, str]:
        cell = CELLS[operation.id]
        named = cell.objects if isinstance(cell, Named | Filtered) else {}
        besides = cell.besides if isinstance(cell, Named) else {}
        return {name: self.objects[what] for name, what in named.items()} | besides


async def _ready() -> dict[str, str]:
    return {}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder: Path = tmp_path_factory.mktemp("desk")
    seam = Seam.replay(7, START_NS)
    flags = {"feed": "simulated", "strategies.recordings": str(folder)}
    config = load(None, {}, flags)
    source = await open_feed("simulated", seam, limit=FRAMES)
    async with await Desk.open(config, seam, folder, admin_password=PASSWORD) as desk:
        desk.ingestion.attach(source)
        flow = UserTrading(
            desk.own_doors, desk.doors_for, seam, username="ann-q7", trade_every_s=10.0,
            holding_s=5.0,
        )  # fmt: skip
        flow._password = PASSWORD
        await run_through(flow, source, seam, lambda _done: None)
        await source.close()
        core = HttpCore(
            desk.served, desk.authenticate, seam, readiness=_ready, metrics=str,
            openapi=encode(document(GATEWAYS, "1")),
        )  # fmt: skip
        made = House(desk, core)
        await _furnish(made)
        yield made


async def _furnish(house: House) -> None:
    """Users of every role, and what ann owns beside her trades."""
    for role in ROLES:
        user = CreateUser(username=f"{role}-user", password=PASSWORD, roles=(role,))
        await house.desk.own_doors.identity.create_user(user)
        house.tokens[role] = await house.sign_in(user.username)
    scopes = tuple(sorted(ROLES["trader"]))
    trader = house.desk.doors(await house.desk.authenticate(house.tokens["trader"]))
    made = await trader.identity.create_api_key(CreateApiKey(name="robot", scopes=scopes))
    house.tokens[KEY], house.granted[KEY] = made.secret, ROLES["trader"]

    house.tokens["ann"] = await house.sign_in("ann-q7")
    ann = house.desk.doors(await house.desk.authenticate(house.tokens["ann"]))
    wallet = Phantom(77)
    asked = await ann.identity.create_wallet_challenge(
        CreateWalletChallenge(address=wallet.address, link_to="ann-q7")
    )
    await ann.identity.link_wallet(
        LinkWallet(
            nonce=asked.nonce, address=wallet.address, signed_message=asked.text.encode(),
            signature=wallet.sign(asked.text),
        )
    )  # fmt: skip
    key = await ann.identity.create_api_key(CreateApiKey(name="hers", scopes=("trading.read",)))
    device = Authenticator(77, origin=ORIGIN, rp_id="localhost")
    options = await ann.identity.create_passkey_options(CreatePasskeyOptions())
    passkey = await ann.identity.register_passkey(device.create(options))
    later = house.desk.seam.now() + timedelta(days=1)
    execution = BeginExecution(
        execution_id=house.desk.seam.uuid7(), instrument="SOL-USDC", side="buy",
        quantity=Quantity("1"), algorithm="twap", start_at=later,
    )  # fmt: skip
    begun = await ann.trading.begin_execution(execution)
    house.objects = {
        "execution": str(begun.execution_id), "wallet": wallet.address,
        "key": str(key.key.key_id), "passkey": str(passkey.passkey_id),
        **await _traded(house), "backtest": await _backtested(house),
    }  # fmt: skip


async def _traded(house: House) -> dict[str, str]:
    """An order of ann's that was filled, settled and learned from, and what belongs to it."""
    lessons = (await house.ask(OPERATIONS["ai.list_lessons"], "ann"))[1]["data"]["lessons"]
    proposals = (await house.ask(OPERATIONS["ai.list_recommendations"], "ann"))[1]["data"]
    order_id = lessons[0]["order_id"]
    narrowed = await house.ask(OPERATIONS["chain.list_transactions"], "ann", order_id=order_id)
    return {
        "order": order_id,
        "proposal": proposals["recommendations"][0]["recommendation_id"],
        "signature": narrowed[1]["data"]["transactions"][0]["signature"],
    }


async def _backtested(house: House) -> str:
    """A backtest of ann's, over a recording that is none."""
    (house.desk.folder / "strategies").mkdir()
    (house.desk.folder / "strategies" / "quiet.py").write_text(quiet())
    (house.desk.folder / "none.bin").write_bytes(b"")
    served = next(s for s in house.desk.served if s.gateway.name == "strategies")
    manage = served.open(department("tests", "strategies.manage"))
    await manage.register_strategy(RegisterStrategy(file="quiet.py"))
    status, answer = await house.ask(
        OPERATIONS["strategies.start_backtest"], "ann", strategy="quiet",
        recordings=["none.bin"], version=None,
    )  # fmt: skip
    assert status == 200, answer
    return str(answer["data"]["backtest_id"])


def test_every_operation_is_declared_and_no_other() -> None:
    assert sorted(OPERATIONS) == sorted(CELLS)


@pytest.mark.parametrize("name", CELLS)
def test_what_a_path_names_has_an_owner_or_a_reason_for_none(name: str) -> None:
    operation, cell = OPERATIONS[name], CELLS[name]
    assert operation.route is not None
    if operation.route.path_fields:
        assert isinstance(cell, Named | Shared | WholeDesk)
    if isinstance(cell, Named | Filtered):
        assert set(cell.objects) <= set(operation.request.__struct_fields__)
    if isinstance(cell, Proof):
        assert (Path(__file__).parents[2] / cell.tested).is_file()
    if "items" in operation.request.__struct_fields__:
        assert isinstance(cell, Batched | Shared)
    ids = {field for field in operation.request.__struct_fields__ if field.endswith("_id")}
    if ids and not isinstance(cell, Proof):
        assert isinstance(cell, Named | Filtered | WholeDesk), f"{name} takes {ids}"


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    "name", [name for name in (*NAMED, *FILTERED) if OPERATIONS[name].effect is Effect.READ]
)
async def test_she_reaches_her_own(house: House, name: str) -> None:
    """What refuses others does not refuse her: the objects exist."""
    operation = OPERATIONS[name]
    status, answer = await house.ask(operation, "ann", **house.of_ann(operation))
    assert status == 200, answer
    if isinstance(CELLS[name], Filtered):
        assert _rows(answer), answer


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("asker", ASKERS)
@pytest.mark.parametrize("name", NAMED)
async def test_nobody_reaches_an_object_of_hers(house: House, name: str, asker: str) -> None:
    operation, cell = OPERATIONS[name], CELLS[name]
    assert isinstance(cell, Named)
    before = await house.hers()
    status, answer = await house.ask(operation, asker, **house.of_ann(operation))
    granted = house.granted[asker]
    if operation.permission not in granted:
        assert status == 403, answer
    elif cell.seen_with in granted:
        assert status == 200, answer
    elif asker == KEY and status == 403:
        assert name in REFUSED_TO_KEYS, answer
    else:
        assert status in cell.answers, answer
        assert "ann-q7" not in json.dumps(answer)
    assert await house.hers() == before


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("asker", ASKERS)
@pytest.mark.parametrize("name", BATCHED)
async def test_nobody_reaches_an_object_of_hers_in_a_batch(
    house: House, name: str, asker: str
) -> None:
    operation, single = OPERATIONS[name], OPERATIONS[BATCHED[name]]
    cell, before = CELLS[single.id], await house.hers()
    assert isinstance(cell, Named)
    example = json.loads(example_request(single)[2] or b"{}")
    item = {**example, **house.of_ann(single)}
    status, answer = await house.ask(operation, asker, items=[item])
    granted = house.granted[asker]
    if operation.permission not in granted:
        assert status == 403, answer
    elif cell.seen_with in granted:
        assert answer["data"]["items"][0]["data"]["order_id"] == house.objects["order"]
    else:
        (answered,) = answer["data"]["items"]
        assert answered["problem"]["status"] in cell.answers, answer
        assert "ann-q7" not in json.dumps(answer)
    assert await house.hers() == before


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("asker", ASKERS)
@pytest.mark.parametrize("name", FILTERED)
async def test_nobody_is_listed_what_is_hers(house: House, name: str, asker: str) -> None:
    operation, cell = OPERATIONS[name], CELLS[name]
    assert isinstance(cell, Filtered)
    status, answer = await house.ask(operation, asker, **house.of_ann(operation))
    assert status == 200, answer
    sees = cell.seen_with is not None and cell.seen_with in house.granted[asker]
    assert bool(_rows(answer)) == sees, answer


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("asker", ASKERS)
@pytest.mark.parametrize("name", READS)
async def test_no_answer_mentions_her(house: House, name: str, asker: str) -> None:
    """Whatever is read, with whatever rights: neither her name nor an id of hers is in it."""
    operation, cell = OPERATIONS[name], CELLS[name]
    _, answer = await house.ask(operation, asker)
    sees = isinstance(cell, Filtered) and cell.seen_with in house.granted[asker]
    if sees or (isinstance(cell, WholeDesk) and cell.shows):
        return
    text = json.dumps(answer)
    for what, mark in {**house.objects, "name": "ann-q7"}.items():
        assert mark not in text, f"{name} tells {asker} of her {what}"


@pytest.mark.asyncio(loop_scope="module")
async def test_nobody_cancels_an_open_order_of_hers(house: House) -> None:
    ann = house.desk.doors(await house.desk.authenticate(house.tokens["ann"]))
    placed = await ann.trading.place_order(
        PlaceOrder(
            order_id=house.desk.seam.uuid7(), instrument="SOL-USDC", side="buy", type="limit",
            quantity=Quantity("1"), limit_price=Price("1"),
        )
    )  # fmt: skip
    request = GetOrder(order_id=placed.order_id)
    for asker in ASKERS:
        status, _ = await house.ask(
            OPERATIONS["trading.cancel_order"], asker, order_id=str(placed.order_id)
        )
        assert status in {403, 404}
        assert (await ann.trading.get_order(request)).state == placed.state
    status, _ = await house.ask(
        OPERATIONS["trading.cancel_order"], "ann", order_id=str(placed.order_id)
    )
    assert status == 200


def test_public_operations_name_no_object() -> None:
    for name, operation in OPERATIONS.items():
        if operation.permission == PUBLIC:
            assert isinstance(CELLS[name], Proof | Shared), name


def _rows(answer: dict[str, Any]) -> list[Any]:
    """The one list in a reply."""
    (rows,) = (value for value in answer["data"].values() if isinstance(value, list))
    return list(rows)
