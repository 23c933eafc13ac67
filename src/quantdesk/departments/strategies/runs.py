"""Runs as they are kept: rows, and the statements that write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from quantdesk.kernel import Seam, Sequence64, after, cut, decode, encode, utc
from quantdesk.services.database import Database, Query, Statement, Value, Write, where

from .deployment_messages import (
    Change,
    ChangeKind,
    Decision,
    Decisions,
    DecisionsQuery,
    History,
    HistoryQuery,
)
from .registry_messages import RunStage

RunState = Literal["running", "ended", "closed"]


class RunRow(Struct, frozen=True, kw_only=True):
    """A version in a stage, with everything that was frozen when it began. `balance` in units.

    `canary_ppm` is the share that a live one had as a canary; `previous` is the run that it
    replaced, and that a roll-back puts back.
    """

    run_id: UUID
    strategy: str
    account: str
    stage: RunStage
    version: str
    instruments: tuple[str, ...]
    params: dict[str, str]
    share_ppm: int
    canary_ppm: int = 0
    balance: int
    trading_account: str
    venue: str
    started_ns: int
    previous: RunRow | None = None


class RunStore:
    """Reads and writes runs, decisions and changes."""

    def __init__(self, database: Database, seam: Seam) -> None:
        self._database = database
        self._seam = seam

    async def unfinished(self) -> list[tuple[RunRow, RunState]]:
        """Running ones, and ended ones whose orders may still be open; oldest first."""
        rows = await self._rows(
            "SELECT body, state FROM strategies_runs WHERE state <> 'closed' ORDER BY sequence"
        )
        return [(decode(_bytes(body), RunRow), _state(state)) for body, state in rows]

    async def write(self, *statements: Statement) -> None:
        """Together or not at all."""
        await self._database.write(Write(statements=statements))

    @staticmethod
    def begin(run: RunRow) -> Statement:
        """The row of a new run. A second one in its stage is a `Conflict`."""
        return Statement(
            "INSERT INTO strategies_runs (run_id, strategy, account, stage, state, body,"
            " started_ns) VALUES (?, ?, ?, ?, 'running', ?, ?)",
            (str(run.run_id), run.strategy, run.account, run.stage, encode(run), run.started_ns),
        )

    def end(self, run: RunRow) -> Statement:
        """It trades no more; its orders are to be cancelled."""
        return Statement(
            "UPDATE strategies_runs SET state = 'ended', ended_ns = ?"
            " WHERE run_id = ? AND state = 'running'",
            (self._seam.now_ns(), str(run.run_id)),
        )

    async def close(self, run: RunRow) -> None:
        """Its orders are cancelled: nothing is left to do."""
        await self.write(
            Statement(
                "UPDATE strategies_runs SET state = 'closed' WHERE run_id = ?", (str(run.run_id),)
            )
        )

    @staticmethod
    def decided(decision: Decision, decided_ns: int) -> Statement:
        return Statement(
            "INSERT INTO strategies_decisions (strategy, account, decided_ns, body)"
            " VALUES (?, ?, ?, ?)",
            (decision.strategy, decision.account, decided_ns, encode(decision)),
        )

    def changed(
        self, run: RunRow, kind: ChangeKind, reason: str, by: str, *, automatic: bool
    ) -> Statement:
        now_ns = self._seam.now_ns()
        change = Change(
            change_id=0, run_id=run.run_id, strategy=run.strategy, version=run.version,
            stage=run.stage, kind=kind, automatic=automatic, reason=reason, by=by, at=utc(now_ns),
        )  # fmt: skip
        return Statement(
            "INSERT INTO strategies_changes (strategy, account, changed_ns, body)"
            " VALUES (?, ?, ?, ?)",
            (run.strategy, run.account, now_ns, encode(change)),
        )

    async def last_change(self, strategy: str, account: str) -> Change | None:
        rows = await self._rows(
            "SELECT sequence, body FROM strategies_changes WHERE account = ? AND strategy = ?"
            " ORDER BY sequence DESC LIMIT 1",
            account,
            strategy,
        )
        return _change(rows[0]) if rows else None

    async def deployed(self, account: str) -> list[str]:
        """Strategies of which the account has or had runs, by name."""
        rows = await self._rows(
            "SELECT DISTINCT strategy FROM strategies_runs WHERE account = ? ORDER BY strategy",
            account,
        )
        return [str(row[0]) for row in rows]

    async def history(self, account: str, asked: HistoryQuery) -> History:
        """Newest first."""
        chosen, params = where(
            ("account = ?", account),
            ("strategy = ?", asked.strategy),
            ("changed_ns >= ?", asked.since_ns),
            ("changed_ns < ?", asked.until_ns),
            ("sequence < ?", after(asked, Sequence64)),
        )
        rows = await self._rows(
            f"SELECT sequence, body FROM strategies_changes {chosen}"  # noqa: S608 - conditions of ours
            " ORDER BY sequence DESC LIMIT ?",
            *params,
            asked.limit + 1,
        )
        kept, cursor = cut(asked, rows, asked.limit, lambda row: row[0])
        return History(changes=[_change(row) for row in kept], next_cursor=cursor)

    async def decisions(self, account: str, asked: DecisionsQuery) -> Decisions:
        """Newest first."""
        chosen, params = where(
            ("account = ?", account),
            ("strategy = ?", asked.strategy),
            ("decided_ns >= ?", asked.since_ns),
            ("decided_ns < ?", asked.until_ns),
            ("sequence < ?", after(asked, Sequence64)),
        )
        rows = await self._rows(
            f"SELECT sequence, body FROM strategies_decisions {chosen}"  # noqa: S608 - conditions of ours
            " ORDER BY sequence DESC LIMIT ?",
            *params,
            asked.limit + 1,
        )
        kept, cursor = cut(asked, rows, asked.limit, lambda row: row[0])
        found = [decode(_bytes(row[1]), Decision) for row in kept]
        return Decisions(decisions=found, next_cursor=cursor)

    # Equity curves

    @staticmethod
    def point(run_id: UUID, at_ns: int, equity: int) -> Statement:
        return Statement(
            "INSERT INTO strategies_equity VALUES (?, ?, ?) ON CONFLICT (run_id, at_ns)"
            " DO UPDATE SET equity = excluded.equity",
            (str(run_id), at_ns, equity),
        )

    @staticmethod
    def thin(run_id: UUID, step_ns: int) -> Statement:
        """Let go of the points that lie between two steps."""
        return Statement(
            "DELETE FROM strategies_equity WHERE run_id = ? AND at_ns % ? <> 0",
            (str(run_id), step_ns),
        )

    async def curve(self, run_id: UUID) -> list[tuple[int, int]]:
        """(time, equity), oldest first."""
        rows = await self._rows(
            "SELECT at_ns, equity FROM strategies_equity WHERE run_id = ? ORDER BY at_ns",
            str(run_id),
        )
        return [(int(str(at)), int(str(equity))) for at, equity in rows]

    async def _rows(self, sql: str, *params: Value) -> Sequence[tuple[Value, ...]]:
        return (await self._database.query(Query(sql=sql, params=params))).rows


def _change(row: Sequence[Value]) -> Change:
    return replace(decode(_bytes(row[1]), Change), change_id=int(str(row[0])))


def _state(value: Value) -> RunState:
    return "running" if value == "running" else "ended"


def _bytes(value: Value) -> bytes:
    assert isinstance(value, bytes)
    return value
