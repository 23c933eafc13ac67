"""What an execution schedule is asked with, and what it says."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from quantdesk.kernel import Amount, Instrument, Quantity

SLICES_MAX = 1_000

Positive = Annotated[float, Meta(ge=1e-15, le=1e15)]
NotNegative = Annotated[float, Meta(ge=0, le=1e15)]


class CostModel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The market of Almgren and Chriss (2001): a random walk with linear impact.

    `volatility` is in quote per √unit of time, `temporary_impact` (η) in quote per base / unit of
    time, `permanent_impact` (γ) in quote per base, `half_spread` (ε, with fees) in quote per base;
    the unit of time is `unit_s`. `risk_aversion` (λ) weighs the variance of the cost.
    """

    volatility: NotNegative
    temporary_impact: Positive
    permanent_impact: NotNegative = 0.0
    half_spread: NotNegative = 0.0
    risk_aversion: NotNegative = 0.0
    unit_s: Positive = 86_400.0


class PlanSchedule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Cut an order into slices.

    `style` twap: even in time. vwap: in proportion to `profile`, the volume expected in each
    interval (which also says how many there are). pov: `participation_bps` of each of those
    volumes until it is done. iceberg: `display` at a time, each when the one before has filled.
    almgren_chriss: the least expected cost + risk aversion × variance under `model`; a model
    gives every other style its expected cost and variance too.

    `start_at` is now if left out; `lot` is the listed instrument's.
    """

    instrument: Instrument
    side: Literal["buy", "sell"]
    quantity: Quantity
    style: Literal["twap", "vwap", "pov", "iceberg", "almgren_chriss"]
    duration_s: Annotated[int, Meta(ge=1, le=86_400 * 366)] = 3_600
    slices: Annotated[int, Meta(ge=1, le=SLICES_MAX)] = 10
    start_at: Annotated[datetime, Meta(tz=True)] | None = None
    lot: Quantity | None = None
    profile: Annotated[tuple[Amount, ...], Meta(max_length=SLICES_MAX)] = ()
    participation_bps: Annotated[int, Meta(ge=1, le=10_000)] = 1_000
    display: Quantity | None = None
    model: CostModel | None = None


class ScheduleSlice(Struct, frozen=True, kw_only=True):
    """`at` is None for an iceberg's slices: each follows the fill of the one before."""

    at: datetime | None
    quantity: Amount
    remaining: Amount


class ExecutionSchedule(Struct, frozen=True, kw_only=True):
    """Slices in whole lots that add up to `scheduled`; intervals with nothing to do are left out.

    `unscheduled` is what a pov schedule does not reach. Of cost (quote, against the price at the
    start) `expected_cost` and `cost_deviation` (a standard deviation) are those of the slices as
    they stand, under the model; None without one. `kappa` is Almgren-Chriss' urgency per unit.
    """

    style: str
    instrument: str
    side: str
    slices: tuple[ScheduleSlice, ...]
    scheduled: Amount
    unscheduled: Amount
    expected_cost: float | None
    cost_deviation: float | None
    kappa: float | None
