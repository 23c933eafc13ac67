"""Runs at work: started on the desk's host, looked at, stopped with their orders cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from quantdesk.departments.trading import CancelOrders, OpenTradingAccount, Trading
from quantdesk.departments.trading.engine.setup import Market
from quantdesk.kernel import (
    ASSETS,
    UNIT,
    Amount,
    DeskError,
    InvalidInput,
    Seam,
    department,
    spec_of,
    utc,
)
from quantdesk.services.database import Statement
from quantdesk.services.ml import ML

from .authoring import Strategy, load_models, load_source
from .capping import PPM, Capped
from .deployment_messages import Run
from .hosting import Host, Hosted, HostedRun
from .measuring import Curve, equity_of
from .registry import Registry
from .runs import RunRow, RunStore

BALANCE_UNITS_MAX = 10**9 * UNIT
OpenTrading = Callable[[str], Trading]
"""The trading door of a trading account."""


class Idle:
    """What is not hosted, as where a run could not be resumed."""

    is_running = False

    def stop(self) -> None:
        """Nothing wakes it."""


class Working:
    """A run that trades, with its curve. `failure` is why it was put out."""

    def __init__(self, row: RunRow, curve: Curve, hosted: Hosted) -> None:
        self.row = row
        self.curve = curve
        self.failure: DeskError | None = None
        self.deviation_bps: float | None = None
        self._hosted = hosted

    def stop(self) -> None:
        """Wake it no more."""
        self._hosted.stop()

    def shown(self) -> Run:
        row, curve = self.row, self.curve
        return Run(
            run_id=row.run_id, stage=row.stage, version=row.version,
            instruments=list(row.instruments), params=row.params, share=row.share_ppm / PPM,
            trading_account=row.trading_account, venue=row.venue, started_at=utc(row.started_ns),
            balance=Amount.from_units(row.balance),
            equity=None if curve.last is None else Amount.from_units(curve.last),
            total_return=curve.total_return, drawdown=curve.drawdown,
            deviation_bps=self.deviation_bps,
        )  # fmt: skip


class Workshop:
    """Makes runs work, and takes them off."""

    def __init__(
        self,
        *,
        host: Host,
        registry: Registry,
        ml: ML,
        store: RunStore,
        trading_for: OpenTrading,
        seam: Seam,
        funding: Mapping[str, int],
    ) -> None:
        self._seam = seam
        self._host = host
        self._registry = registry
        self._ml = ml
        self._store = store
        self._funding = funding
        self.trading_for = trading_for

    async def made(self, row: RunRow) -> Strategy[Any]:
        """A fresh strategy of the registered source, its models at hand. Raises `NotFound` for a
        missing model, `InvalidInput` for parameters that do not fit."""
        source = await self._registry.source_bytes(row.version)
        place = f"{row.strategy}@{row.version[:12]}"
        # Not on the loop: a file may take its time.
        loaded = await asyncio.to_thread(load_source, source, place, row.params)
        if "callback" not in loaded.modes:
            raise InvalidInput(
                f"{loaded.name} has the modes {', '.join(loaded.modes)}, and a market as it comes"
                " needs callback", where="/version", advice="Give the strategy on_wake.",
            )  # fmt: skip
        predictors = await load_models(self._ml, loaded.models)
        return loaded.make(tuple(_market(name) for name in row.instruments), predictors)

    async def open_account(self, row: RunRow) -> None:
        """An account of the run's own: what it begins with, and stock to sell from as any paper
        account has it."""
        funding = {**self._funding, _quote(row.instruments): row.balance}
        door = self.trading_for(row.trading_account)
        request = OpenTradingAccount(account=row.trading_account, funding=funding)
        await door.open_account(request)

    async def begin(
        self, row: RunRow, strategy: Strategy[Any], failed: Callable[[RunRow, DeskError], None]
    ) -> Working:
        """Put it to work. It begins without a memory: of a run that was under way before a restart
        the positions and the curve are there, what it kept in itself is not."""
        seen = Capped(strategy, [spec_of(n).lot for n in row.instruments], row.share_ppm)
        run = HostedRun(
            replace(department("strategies", "trading.place"), account=row.trading_account),
            row.instruments,
            strategy if row.share_ppm == PPM else seen,
            lambda error: failed(row, error),
            on_paper=row.stage == "paper",
        )
        curve = Curve(row, await self._store.curve(row.run_id))
        if not curve.points:
            equity = await equity_of(self.trading_for(row.trading_account), row)
            await self._store.write(*curve.add(row.started_ns, equity))
        return Working(row, curve, self._host.host(run))

    async def measure(self, run: Working) -> list[Statement]:
        """A new point of its curve, and the statements that keep it."""
        equity = await equity_of(self.trading_for(run.row.trading_account), run.row)
        return run.curve.add(self._seam.now_ns(), equity)

    async def cancel_orders(self, row: RunRow) -> int:
        """Every open order of the run; how many there were."""
        door = self.trading_for(row.trading_account)
        return len((await door.cancel_orders(CancelOrders())).cancelled)


def check_instruments(names: tuple[str, ...]) -> None:
    """Raises `InvalidInput` where they cannot be traded from one balance."""
    specs = [spec_of(name) for name in names]
    for spec in specs:
        if not spec.tradable:
            raise InvalidInput(f"{spec.instrument} cannot be traded here", where="/instruments")
    if len(set(names)) < len(names):
        raise InvalidInput("an instrument is named twice", where="/instruments")
    if len({spec.quote for spec in specs}) > 1:
        raise InvalidInput("the instruments have several quote assets", where="/instruments")


def balance_of(names: tuple[str, ...], balance: Amount) -> int:
    """A balance in units, in whole steps of its asset. Raises `InvalidInput`."""
    units = balance.to_units()
    if not 0 < units <= BALANCE_UNITS_MAX or units % ASSETS[_quote(names)].step:
        raise InvalidInput(
            f"{balance} is no balance of {_quote(names)}, from above 0 to a thousand million",
            where="/balance",
        )
    return units


def scaled(units: int, names: tuple[str, ...], share_ppm: int) -> int:
    """A share of a balance, in whole steps of its asset, at least one."""
    step = ASSETS[_quote(names)].step
    return max(step, units * share_ppm // (PPM * step) * step)


def _quote(names: tuple[str, ...]) -> str:
    return spec_of(names[0]).quote


def _market(name: str) -> Market:
    spec = spec_of(name)
    return Market(name=name, tick=spec.tick, lot=spec.lot)
