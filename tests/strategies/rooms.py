"""A strategies department over a real trading desk, and files to register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
from msgspec.structs import replace
from tests.trading.desk import FUNDS, Desk, open_desk

from quantdesk.departments.strategies import (
    Gates,
    RegisterStrategy,
    StageGates,
    StartBacktest,
    Strategies,
    StrategiesConfig,
    StrategyVersion,
    WatchRuns,
    strategies,
)
from quantdesk.departments.strategies.authoring import load_source
from quantdesk.departments.strategies.backtest_store import BacktestStore
from quantdesk.departments.strategies.backtests import BacktestRequest
from quantdesk.departments.strategies.backtests.running import run_backtest
from quantdesk.departments.strategies.department import StrategiesDepartment, Surroundings
from quantdesk.departments.strategies.promoting import HasVenue
from quantdesk.departments.strategies.testing import Tested, evidence_of
from quantdesk.departments.trading import Trading, trading
from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine.model import Rows
from quantdesk.kernel import UNIT, Caller, CallerKind, Seam, department
from quantdesk.policies import ROLES, Authorise, SteppingUp
from quantdesk.services.database import Database
from quantdesk.services.ml.onnx import OnnxModels

NS = 10**9
INSTRUMENT = "SOL-USDC"
OPEN_GATES = StageGates(
    trades_min=0, drawdown_max=None, sharpe_min=None, errors_max=None, deflated_sharpe_min=None
)
"""Every version passes that has been measured at all."""
LAX = Gates(paper=OPEN_GATES, canary=OPEN_GATES, live=OPEN_GATES)

QUIET = '''"""Does nothing."""
from quantdesk.strategy import Context, Parameters, Strategy


class Settings(Parameters):
    size: int = 1


class Quiet(Strategy[Settings]):
    """Watches, and does nothing{more}."""

    def on_wake(self, context: Context) -> None:
        pass
'''
TURNS = '''"""Buys and sells in turn, or holds."""
from quantdesk.strategy import BUY, IOC, LIMIT, SELL, Ticket
from quantdesk.strategy import Context, Parameters, Quantity, Strategy


class Settings(Parameters):
    size: Quantity = Quantity("0.1")
    hold: bool = False
    rest: bool = False
    raise_at: int = 0


class Turns(Strategy[Settings]):
    """Trades at every event{more}."""

    def on_start(self, context: Context) -> None:
        self.wakes = 0

    def on_wake(self, context: Context) -> None:
        self.wakes += 1
        if self.wakes == self.p.raise_at:
            raise RuntimeError("it was told to")
        side = BUY if self.wakes % 2 else SELL
        size = self.p.size.to_units()
        if self.p.rest:
            if self.wakes == 1:
                context.submit(Ticket(side=BUY, quantity=size, type=LIMIT, price=100 * 10**8))
        elif not self.p.hold or self.wakes == 1:
            context.submit(Ticket(side=side, quantity=size, tif=IOC))
'''


def quiet(more: str = "") -> str:
    """The text of a strategy; `more` makes it another version."""
    return QUIET.replace("{more}", more)


def turns(more: str = "") -> str:
    return TURNS.replace("{more}", more)


def quotes(count: int = 200) -> Rows:
    """A market that goes up and down by a tick a second."""
    rows = np.zeros(count, m.EVENT)
    rows["ts"] = np.arange(1, count + 1) * NS
    rows["kind"] = m.QUOTE
    move = np.arange(count) // 2 % 5 * (UNIT // 100)
    rows["price"], rows["price2"] = 149_99 * UNIT // 100 + move, 150_01 * UNIT // 100 + move
    rows["size"] = rows["size2"] = 10 * UNIT
    return rows


async def keep_tested(  # noqa: PLR0917 - what a backtest is of, in a row
    tables: Database,
    seam: Seam,
    account: str,
    text: str,
    params: Mapping[str, str] | None,
    events: int,
) -> UUID:
    """Run a text over made events, here, and keep it as a backtest of this account."""
    loaded = load_source(text.encode(), "a test", params)
    request = BacktestRequest(
        feed="replay:made", instruments=(INSTRUMENT,), params=dict(params or {}), mode="callback"
    )
    backtest_id = seam.uuid7()
    ran = run_backtest(request, loaded, quotes(events))
    store = BacktestStore(tables, seam)
    asked = StartBacktest(strategy=loaded.name, recordings=("made",), instruments=(INSTRUMENT,))
    await store.add(backtest_id, account, loaded.version, asked)
    await store.move(backtest_id, "running", None)
    shown = evidence_of(backtest_id, ran)
    await store.finish(backtest_id, Tested(result=ran.result, evidence=shown, params=loaded.given))
    return backtest_id


@dataclass
class Room:
    """The department behind its authorisation, and the desk that it trades on."""

    department: StrategiesDepartment
    desk: Desk
    ml: OnnxModels
    folder: Path

    @property
    def seam(self) -> Seam:
        return self.desk.seam

    def door(self, name: str = "ann", role: str = "admin", *, proven: bool = True) -> Strategies:
        who = Caller(
            caller_id=name, kind=CallerKind.PERSON, permissions=ROLES[role], account=name,
            roles=frozenset({role}), stepped_up_ns=self.seam.now_ns() if proven else None,
        )  # fmt: skip
        policies = [Authorise(), SteppingUp(self.seam)]
        return strategies.serve(self.department, policies).open(who)

    def put(self, text: str, name: str = "quiet.py") -> None:
        (self.folder / name).write_text(text, "utf-8")

    async def register(
        self, text: str, name: str = "quiet.py", gates: Gates | None = None
    ) -> StrategyVersion:
        self.put(text, name)
        return await self.door().register_strategy(RegisterStrategy(file=name, gates=gates))

    async def tested(
        self,
        text: str,
        params: Mapping[str, str] | None = None,
        *,
        account: str = "ann",
        events: int = 200,
    ) -> UUID:
        """Keep what a real run over made events shows, as a backtest of this text."""
        return await keep_tested(self.desk.database, self.seam, account, text, params, events)

    async def pass_time(self, quotes: int, *, bid: str = "149.99", ask: str = "150.01") -> None:
        """So many quotes, a second apart, each looked at."""
        for _ in range(quotes):
            await self.desk.quote(bid, ask)
            await self.department.watch_runs(WatchRuns())
        await self.department.settled()

    async def close(self) -> None:
        await self.department.close()
        await self.ml.close()
        await self.desk.close()


async def open_room(
    data: Path,
    seam: Seam,
    *,
    config: StrategiesConfig | None = None,
    has_venue: HasVenue = lambda _instrument: False,
) -> Room:
    """Opening it again is a restart."""
    desk = await open_desk(data / "desk.sqlite3", seam)
    ml = OnnxModels(desk.database, seam)
    await ml.start()

    def trading_for(account: str) -> Trading:
        rights = ("trading.read", "trading.place", "trading.open_account")
        who = replace(department("strategies", *rights), account=account)
        return trading.open(desk.department, who)

    around = Surroundings(
        desk.database, ml, desk.events, desk.department, trading_for, FUNDS, has_venue
    )
    made = StrategiesDepartment(around, seam, config=config or StrategiesConfig(), data=data)
    (data / "strategies").mkdir(exist_ok=True)
    await made.start()
    return Room(made, desk, ml, data / "strategies")
