"""Executions: plans carried out. A part of the Trading Protocol."""

from collections.abc import AsyncIterator
from typing import Protocol

from quantdesk.kernel import DELETE, GET, POST, Effect, operation
from quantdesk.policies import Outbox, RateLimit, Snapshot

from .messages import (
    BeginExecution,
    CancelExecution,
    Execution,
    ExecutionReport,
    Executions,
    ExecutionsQuery,
    GetExecution,
    WatchExecutions,
)


class Executing(Protocol):
    """Orders worked off in slices, over time."""

    @operation(POST("/executions"), Effect.ONCE, "trading.place", RateLimit(calls=20, per_s=1.0))
    async def begin_execution(self, request: BeginExecution) -> Execution:
        """Work an order off in slices: TWAP, VWAP, POV, iceberg or Almgren-Chriss.

        Beginning it again returns the execution as it is now."""
        ...

    @operation(DELETE("/executions/{execution_id}"), Effect.REPEATABLE, "trading.place")
    async def cancel_execution(self, request: CancelExecution) -> Execution:
        """Send no more of an execution, and cancel its child on the market."""
        ...

    @operation(GET("/executions/{execution_id}"), Effect.READ, "trading.read")
    async def get_execution(self, request: GetExecution) -> ExecutionReport:
        """Return an execution with its slices, benchmark prices and implementation shortfall."""
        ...

    @operation(GET("/executions"), Effect.READ, "trading.read")
    async def list_executions(self, request: ExecutionsQuery) -> Executions:
        """List the caller's executions, newest first."""
        ...

    @operation(
        GET("/executions/stream"), Effect.READ, "trading.read",
        Outbox("disconnect", events_max=1_024), Snapshot("list_executions"),
    )  # fmt: skip
    def watch_executions(self, request: WatchExecutions) -> AsyncIterator[Execution]:
        """Follow the caller's executions as they change."""
        ...
