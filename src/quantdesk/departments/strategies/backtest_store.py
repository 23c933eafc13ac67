"""Backtests as they are kept, and what they show to the gates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from quantdesk.kernel import NotFound, Seam, Sequence64, after, cut, decode, encode, utc
from quantdesk.services.database import Database, Query, Statement, Value, Write, where

from .backtest_messages import Backtest, BacktestsQuery, BacktestState, StartBacktest
from .backtests import BacktestResult
from .gates import Against, Evidence
from .testing import Tested

LOOKED_AT_MAX = 1_000
"""Newest backtests of a strategy among which one is looked for, and which count as trials."""
_COLUMNS = (
    "backtest_id, strategy, version, state, problem, created_ns, updated_ns, account, sequence"
)


class Shown(Struct, frozen=True, kw_only=True):
    """What the gates look at, and of what it was measured."""

    evidence: Evidence
    params: dict[str, str]
    instruments: list[str]


class BacktestStore:
    """Reads and writes the rows."""

    def __init__(self, database: Database, seam: Seam) -> None:
        self._database = database
        self._seam = seam

    async def add(
        self, backtest_id: UUID, account: str, version: str, request: StartBacktest
    ) -> None:
        now_ns = self._seam.now_ns()
        await self._write(
            "INSERT INTO strategies_backtests (backtest_id, account, strategy, version, state,"
            " request, attempts, created_ns, updated_ns) VALUES (?, ?, ?, ?, 'queued', ?, 0, ?, ?)",
            str(backtest_id), account, request.strategy, version, encode(request), now_ns, now_ns,
        )  # fmt: skip

    async def unfinished(self) -> list[tuple[UUID, StartBacktest, str, int]]:
        """(id, request, version, attempts) of those queued or under way, oldest first."""
        rows = await self._rows(
            "SELECT backtest_id, request, version, attempts FROM strategies_backtests"
            " WHERE state IN ('queued', 'running') ORDER BY sequence"
        )
        return [
            (UUID(str(i)), decode(_bytes(r), StartBacktest), str(v), int(str(n)))
            for i, r, v, n in rows
        ]

    async def move(self, backtest_id: UUID, state: BacktestState, problem: str | None) -> bool:
        """To another state; False where it had come to an end already."""
        sql = (
            "UPDATE strategies_backtests SET state = ?, problem = ?, updated_ns = ?,"
            " attempts = attempts + ? WHERE backtest_id = ? AND state IN ('queued', 'running')"
        )
        now_ns, begun = self._seam.now_ns(), int(state == "running")
        return await self._write(sql, state, problem, now_ns, begun, str(backtest_id)) == 1

    async def finish(self, backtest_id: UUID, tested: Tested) -> None:
        shown = Shown(
            evidence=tested.evidence, params=tested.params,
            instruments=list(tested.result.settings.instruments),
        )  # fmt: skip
        await self._write(
            "UPDATE strategies_backtests SET state = 'done', evidence = ?, result = ?,"
            " updated_ns = ? WHERE backtest_id = ? AND state = 'running'",
            encode(shown), encode(tested.result), self._seam.now_ns(), str(backtest_id),
        )  # fmt: skip

    async def get(self, backtest_id: UUID, account: str) -> tuple[Backtest, BacktestResult | None]:
        """Raises `NotFound`, also for another account's."""
        rows = await self._rows(
            f"SELECT {_COLUMNS}, result FROM strategies_backtests WHERE backtest_id = ?",  # noqa: S608 - columns of ours
            str(backtest_id),
        )
        if not rows or rows[0][7] != account:
            raise NotFound(f"no backtest {backtest_id}", where="/backtest_id")
        body = rows[0][9]
        return _backtest(rows[0]), None if body is None else decode(_bytes(body), BacktestResult)

    async def page(self, account: str, asked: BacktestsQuery) -> tuple[list[Backtest], str | None]:
        """Newest first."""
        chosen, params = where(
            ("account = ?", account),
            ("strategy = ?", asked.strategy),
            ("created_ns >= ?", asked.since_ns),
            ("created_ns < ?", asked.until_ns),
            ("sequence < ?", after(asked, Sequence64)),
        )
        rows = await self._rows(
            f"SELECT {_COLUMNS} FROM strategies_backtests {chosen}"  # noqa: S608 - conditions of ours
            " ORDER BY sequence DESC LIMIT ?",
            *params,
            asked.limit + 1,
        )
        kept, cursor = cut(asked, rows, asked.limit, lambda row: row[8])
        return [_backtest(row) for row in kept], cursor

    async def evidence(
        self,
        strategy: str,
        account: str,
        version: str,
        params: Mapping[str, str] | None = None,
        instruments: Sequence[str] = (),
    ) -> tuple[Evidence | None, Against]:
        """Of the version with these parameters and instruments: the newest backtest, against all
        that were tried of this strategy."""
        rows = await self._rows(
            "SELECT version, evidence FROM strategies_backtests WHERE strategy = ?"
            " AND account = ? AND state = 'done' ORDER BY sequence DESC LIMIT ?",
            strategy, account, LOOKED_AT_MAX,
        )  # fmt: skip
        trials: list[Evidence] = []
        found: Evidence | None = None
        for tested, body in rows:
            shown = decode(_bytes(body), Shown)
            trials.append(shown.evidence)
            fits = params is None or params == shown.params
            fits = fits and set(instruments) <= set(shown.instruments)
            if found is None and tested == version and fits:
                found = shown.evidence
        if found is None:
            return None, Against()
        return found, Against(slippage_bps=found.slippage_bps, trials=_sharpes(found, trials))

    async def _write(self, sql: str, *params: Value) -> int:
        done = await self._database.write(Write(statements=(Statement(sql, params),)))
        return done.rows_changed[0]

    async def _rows(self, sql: str, *params: Value) -> Sequence[tuple[Value, ...]]:
        return (await self._database.query(Query(sql=sql, params=params))).rows


def _sharpes(chosen: Evidence, trials: list[Evidence]) -> tuple[float, ...]:
    """Of all trials, per step of the chosen one."""
    if chosen.moments is None:
        return ()
    return tuple(
        trial.moments.sharpe * math.sqrt(chosen.moments.step_s / trial.moments.step_s)
        for trial in trials
        if trial.moments is not None
    )


def _backtest(row: Sequence[Value]) -> Backtest:
    return Backtest(
        backtest_id=UUID(str(row[0])), strategy=str(row[1]), version=str(row[2]),
        state=_state(str(row[3])), done=0, total=0,
        problem=None if row[4] is None else str(row[4]),
        created_at=utc(int(str(row[5]))), updated_at=utc(int(str(row[6]))),
    )  # fmt: skip


def _state(text: str) -> BacktestState:
    states: tuple[BacktestState, ...] = ("queued", "running", "done", "failed", "cancelled")
    return next(state for state in states if state == text)


def _bytes(value: Value) -> bytes:
    assert isinstance(value, bytes)
    return value
