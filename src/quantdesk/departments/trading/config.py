"""The limits of the pre-trade gate and the fees of the paper venue, as a person sets them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from quantdesk.kernel import Amount, InvalidInput, to_builtins

BPS = 10_000
RATE_PER_PPM = 100
"""A fee rate of the kernel (units of 1e-8) per part per million."""

Count = Annotated[int, Meta(ge=1, le=10_000_000)]
Bps = Annotated[int, Meta(ge=1, le=BPS)]
Milliseconds = Annotated[int, Meta(ge=1, le=86_400_000)]
QueueModel = Literal[
    "none", "risk_averse", "power_prob", "log_prob", "power_prob_2", "log_prob_2", "power_prob_3",
]  # fmt: skip
FeePpm = Annotated[int, Meta(ge=0, le=100_000)]


class RiskLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the gate allows, and how settlement behaves. Notionals are in the quote asset.

    `price_collar_bps` bounds how far *through* the mid an order may reach (a buy above it, a sell
    below it); a passive limit price may be as far away as it likes. `order_lots_*` count lots of
    the instrument. `position_notional_max` bounds the worst case: the position as if every open
    order of that side had filled. These are limits of every account; `gate/limits.py` says which
    may be tightened, for whom. `None` is no limit. More than 10,000 orders per second are not
    counted. The value at risk is over scenarios of `value_at_risk_interval_s` each.
    """

    order_lots_min: Count = 1
    order_lots_max: Count = 1_000_000
    order_notional_min: Amount | None = None
    order_notional_max: Amount = Amount("250000")
    position_notional_max: Amount = Amount("1000000")
    gross_notional_max: Amount = Amount("5000000")
    net_notional_max: Amount = Amount("5000000")
    daily_loss_max: Amount = Amount("100000")
    drawdown_max: Amount = Amount("200000")
    value_at_risk_max: Amount = Amount("100000")
    value_at_risk_confidence_bps: Annotated[int, Meta(ge=9_000, le=9_990)] = 9_900
    value_at_risk_interval_s: Annotated[int, Meta(ge=1, le=86_400)] = 60
    price_collar_bps: Bps = 500
    reference_age_ms_max: Milliseconds = 5_000
    oracle_deviation_bps_max: Bps = 100
    open_orders_max: Count = 200
    orders_per_s_max: Count = 100
    repeated_orders_max: Count = 1_000
    participation_bps_max: Bps | None = None
    settlements_pending_max: Count = 10_000
    settlement_attempts_max: Annotated[int, Meta(ge=1, le=1_000)] = 5
    settlement_backoff_ms_min: Milliseconds = 500
    settlement_backoff_ms_max: Milliseconds = 30_000
    settlement_deviation_bps_max: Bps = 100

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, Amount) and value.to_units() <= 0:
                raise InvalidInput("a limit of nothing lets nothing through", where=f"/{name}")

    def shown(self) -> dict[str, str]:
        """Every limit as text, for a face."""
        shown = to_builtins(self).items()
        return {name: str(value) for name, value in shown if value is not None}


class FeeSchedule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the paper venue charges, in the quote asset, as parts per million of the notional
    (100 ppm is one basis point). An order pays the rates in force when it was placed."""

    maker_ppm: FeePpm = 200
    taker_ppm: FeePpm = 500


class PaperModel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the paper venue sees what it cannot know. `queue`: how much of a price level stands
    before an order that rests there (names as in hftbacktest); `none` is as if it were first."""

    queue: QueueModel = "risk_averse"
