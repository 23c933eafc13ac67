"""`quantdesk serve`: one instance of some gateways, in a process of its own.

What it needs of the desk, such as the database, it reaches over links too, with the same rights
as within the desk. Limits and the audit trail are the desk's, which calls; here a call is
authorised again, and one key is one effect over all instances and the desk.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

from quantdesk.config import Config
from quantdesk.departments.analytics import analytics
from quantdesk.departments.analytics.department import AnalyticsDepartment
from quantdesk.desk.edge import tls_of
from quantdesk.desk.elsewhere import COME_UP_S_MAX, HERE, Elsewhere, secret_of
from quantdesk.desk.logs import set_up
from quantdesk.desk.rights import RIGHTS
from quantdesk.faces.link import ANY, Grant, LinkServer, Pool, address_of, remote
from quantdesk.kernel import (
    Gateway,
    Misconfigured,
    Seam,
    Served,
    department,
    settle_collector,
)
from quantdesk.policies import Authorise, Idempotency, Metrics
from quantdesk.services.database import Database, database
from quantdesk.services.database.stores import DatabaseAnswerStore, DatabaseClaims
from quantdesk.services.ml import ml
from quantdesk.services.ml.onnx import OnnxModels

P = TypeVar("P")
PPM_PER_BPS = 100


def _analytics(config: Config, door: Database, seam: Seam) -> AnalyticsDepartment:
    fee_bps = config.fees.taker_ppm / PPM_PER_BPS
    path = Path(config.data_dir) / "market.duckdb"
    return AnalyticsDepartment(path, door, seam, taker_fee_bps=fee_bps)


def _ml(_config: Config, door: Database, seam: Seam) -> OnnxModels:
    return OnnxModels(door, seam, shared=True)


Maker = Callable[[Config, Database, Seam], Any]
MAKERS: dict[str, tuple[Gateway[Any], Maker]] = {
    "analytics": (analytics, _analytics),
    "ml": (ml, _ml),
}


async def serve_instance(
    config: Config, names: Sequence[str], listen: Sequence[str], told: Callable[[str], None]
) -> bool:
    """Serve until SIGINT or SIGTERM, then drain. False if something was left unfinished."""
    makers = [_maker(name) for name in names]
    addresses = [address_of(url) for url in listen]
    desk = config.services.get("database")
    if desk is None:
        raise Misconfigured(
            "an instance reaches the desk's database", where="services.database.urls",
            advice="Set it to an address in the desk's links.listen.",
        )  # fmt: skip
    seam, stop, loop = Seam.live(), asyncio.Event(), asyncio.get_running_loop()
    settings = config.telemetry
    set_up(seam, log_format=settings.log_format, level=settings.log_level)
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    Path(config.data_dir).mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - before anything runs
    async with AsyncExitStack() as closing:
        elsewhere = Elsewhere(config, seam)
        closing.push_async_callback(elsewhere.close)
        pool = elsewhere.pool("database", desk.urls)
        await pool.connected(COME_UP_S_MAX)
        tables = database.serve(remote(database, pool))
        served = await _parts(config, seam, tables, makers, closing)
        settle_collector()
        grant = Grant(secret=secret_of(config, seam, make=False))
        server = LinkServer(served, {ANY: grant}, seam, readiness=_readiness(pool))
        closing.push_async_callback(server.close)
        for address in addresses:
            told(str(await server.listen(address, tls_of(config.http))))
        await stop.wait()
        return await server.drain()


def _maker(name: str) -> tuple[Gateway[Any], str, Maker]:
    found = MAKERS.get(name)
    if found is None:
        reason = HERE.get(name, "there is no such gateway")
        raise Misconfigured(
            f"{name} is not served elsewhere: {reason}", where="GATEWAY",
            advice=f"Use some of {', '.join(MAKERS)}.",
        )  # fmt: skip
    return found[0], name, found[1]


async def _parts(
    config: Config,
    seam: Seam,
    tables: Served[Database],
    makers: Sequence[tuple[Gateway[Any], str, Maker]],
    closing: AsyncExitStack,
) -> list[Served[Any]]:
    door = tables.open(department("policies", *RIGHTS["policies"]))
    answers = DatabaseAnswerStore(door)
    await answers.start()
    policies = [Metrics(), Authorise(), Idempotency(answers, DatabaseClaims(door, seam))]
    served: list[Served[Any]] = []
    for gateway, name, make in makers:
        part = make(config, tables.open(department(name, *RIGHTS[name])), seam)
        await part.start()
        closing.push_async_callback(part.close)
        served.append(gateway.serve(part, policies))
    return served


def _readiness(pool: Pool) -> Callable[[], Any]:
    async def readiness() -> dict[str, str]:
        return pool.states()

    return readiness
