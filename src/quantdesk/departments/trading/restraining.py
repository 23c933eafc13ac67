"""Limits and modes of scopes, by operation. A part of the Trading Protocol."""

from typing import Protocol

from quantdesk.kernel import GET, POST, PUT, Effect, operation
from quantdesk.policies import StepUp

from .limit_messages import (
    RiskLimitsQuery,
    RiskQuery,
    RiskScope,
    RiskScopes,
    RiskState,
    SetKillSwitch,
    SetReduceOnly,
    SetRiskLimits,
)


class Restraining(Protocol):
    """What the gate holds the desk, accounts and strategies to."""

    @operation(GET("/risk"), Effect.READ, "trading.read")
    async def get_risk(self, request: RiskQuery) -> RiskState:
        """Return the limits and the state of the kill switch."""
        ...

    @operation(
        POST("/risk/kill-switch"), Effect.REPEATABLE, "risk.manage", StepUp(when=("engaged", False))
    )  # fmt: skip
    async def set_kill_switch(self, request: SetKillSwitch) -> RiskState:
        """Stop or allow new orders. Survives a restart; to allow them again takes a fresh proof."""
        ...

    @operation(GET("/risk/limits"), Effect.READ, "trading.read")
    async def list_risk_limits(self, request: RiskLimitsQuery) -> RiskScopes:
        """List scopes with limits of their own; without risk.manage, only the caller's."""
        ...

    @operation(PUT("/risk/limits"), Effect.REPEATABLE, "risk.manage", StepUp())
    async def set_risk_limits(self, request: SetRiskLimits) -> RiskScope:
        """Set the limits of the desk, an account or a strategy. They survive a restart."""
        ...

    @operation(
        POST("/risk/reduce-only"), Effect.REPEATABLE, "risk.manage",
        StepUp(when=("engaged", False)),
    )  # fmt: skip
    async def set_reduce_only(self, request: SetReduceOnly) -> RiskScope:
        """Let a scope only reduce its positions. Survives a restart; ending it needs a proof."""
        ...
