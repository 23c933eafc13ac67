"""Whether a desk is ready: the list of its parts that can be down, asked one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from quantdesk.departments.oracle import PriceQuery
from quantdesk.departments.trading import RiskQuery, Trading
from quantdesk.flows.doors import Doors
from quantdesk.kernel import Unavailable
from quantdesk.services.database import HealthQuery
from quantdesk.services.stream import TopicsQuery


async def readiness_of(
    doors: Doors, markets: Sequence[str], working: Mapping[str, asyncio.Task[None]]
) -> dict[str, str]:
    """Each part that can be down, with "ok" or what is wrong."""
    checks: dict[str, Callable[[], Awaitable[object]]] = {
        "database": lambda: doors.database.health(HealthQuery()),
        "stream": lambda: doors.stream.list_topics(TopicsQuery()),
        "trading": partial(_not_halted, doors.trading),
    }
    for symbol in markets:
        checks[f"market {symbol}"] = partial(doors.oracle.get_price, PriceQuery(symbol=symbol))
    states = {}
    for part, check in checks.items():
        try:
            await check()
            states[part] = "ok"
        except Exception as error:  # noqa: BLE001 - whatever it is, the part is not ready
            states[part] = str(error)
    for part, task in working.items():
        failed = task.done() and not task.cancelled() and task.exception() is not None
        states[part] = f"it has stopped: {task.exception()}" if failed else "ok"
    return states


async def _not_halted(door: Trading) -> None:
    """Trading halts when its journal cannot be written; a restart recovers."""
    state = await door.get_risk(RiskQuery())
    if state.halted:
        raise Unavailable(state.reason)
