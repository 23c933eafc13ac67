"""Routing: the best split of one order over books and pools, with the proof that it is best."""

from .messages import (
    LEVELS_MAX,
    RANGES_MAX,
    VENUES_MAX,
    LadderLevel,
    LadderVenue,
    LiquidityRange,
    PlanRoute,
    PoolVenue,
    RangePoolVenue,
    Route,
    RouteCertificate,
    RouteSplit,
)

__all__ = [
    "LEVELS_MAX", "RANGES_MAX", "VENUES_MAX", "LadderLevel", "LadderVenue", "LiquidityRange",
    "PlanRoute", "PoolVenue", "RangePoolVenue", "Route", "RouteCertificate", "RouteSplit",
]  # fmt: skip
