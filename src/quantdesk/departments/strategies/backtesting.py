"""Operations on backtests: a part of the gateway `strategies`."""

from typing import Protocol

from quantdesk.kernel import DELETE, GET, POST, Effect, operation
from quantdesk.policies import RateLimit

from .backtest_messages import (
    Backtest,
    BacktestDetails,
    Backtests,
    BacktestsQuery,
    GetBacktest,
    StartBacktest,
)


class Backtesting(Protocol):
    """Registered versions over the desk's recordings, in processes of their own."""

    @operation(
        POST("/{strategy}/backtests"), Effect.ONCE, "strategies.deploy",
        RateLimit(calls=20, per_s=10.0),
    )  # fmt: skip
    async def start_backtest(self, request: StartBacktest) -> Backtest:
        """Queue a backtest of a registered version."""
        ...

    @operation(GET("/backtests"), Effect.READ, "strategies.read")
    async def list_backtests(self, request: BacktestsQuery) -> Backtests:
        """List the caller's backtests, newest first."""
        ...

    @operation(GET("/backtests/{backtest_id}"), Effect.READ, "strategies.read")
    async def get_backtest(self, request: GetBacktest) -> BacktestDetails:
        """Return a backtest: how far it is, or its result."""
        ...

    @operation(DELETE("/backtests/{backtest_id}"), Effect.REPEATABLE, "strategies.deploy")
    async def cancel_backtest(self, request: GetBacktest) -> Backtest:
        """End a backtest. One that has come to an end stays as it is."""
        ...
