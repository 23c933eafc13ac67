"""Limits of the desk, its accounts and its strategies: what is asked, and what is told."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from quantdesk.kernel import Amount, Instrument, InvalidInput, Page, Paged

from .config import Bps, Count, Milliseconds

INSTRUMENTS_LISTED_MAX = 100
SCOPES_PAGE_MAX = 200
Scope = Literal["desk", "account", "strategy"]
ScopeName = Annotated[str, Meta(max_length=64)]
Instruments = Annotated[tuple[Instrument, ...], Meta(max_length=INSTRUMENTS_LISTED_MAX)]


class ScopeLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits as in the configuration's `trading.limits`, of one scope; None: none of its own.

    An account's are on that account, a strategy's on what that caller placed, the desk's on the
    whole desk. `instruments` are the only ones that the scope may trade, `restricted` those that it
    may not. Notionals, losses and the value at risk are in the quote asset.
    """

    order_lots_min: Count | None = None
    order_lots_max: Count | None = None
    order_notional_min: Amount | None = None
    order_notional_max: Amount | None = None
    price_collar_bps: Bps | None = None
    reference_age_ms_max: Milliseconds | None = None
    oracle_deviation_bps_max: Bps | None = None
    participation_bps_max: Bps | None = None
    position_notional_max: Amount | None = None
    gross_notional_max: Amount | None = None
    net_notional_max: Amount | None = None
    daily_loss_max: Amount | None = None
    drawdown_max: Amount | None = None
    open_orders_max: Count | None = None
    orders_per_s_max: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    repeated_orders_max: Count | None = None
    value_at_risk_max: Amount | None = None
    instruments: Instruments | None = None
    restricted: Instruments = ()

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, Amount) and value.to_units() <= 0:
                raise InvalidInput("a limit of nothing lets nothing through", where=f"/{name}")


class RiskScope(Struct, frozen=True, kw_only=True):
    """A scope with limits of its own, or in reduce-only mode. `name` is empty for the desk.

    `reason`, `set_by` and `set_at` are of the last change of either.
    """

    scope: Scope
    name: str
    limits: ScopeLimits
    reduce_only: bool
    reason: str
    set_by: str
    set_at: datetime


class RiskLimitsQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All scopes, those changed last first."""

    limit: Annotated[int, Meta(ge=1, le=SCOPES_PAGE_MAX)] = 50


class RiskScopes(Page, frozen=True, kw_only=True):
    """`configured` holds for every account, whatever its scope says."""

    configured: dict[str, str]
    scopes: list[RiskScope]


class SetRiskLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """These limits instead of those that the scope had. They can only tighten what is configured.

    A strategy is named by the caller id that its orders are placed with.
    """

    scope: Scope
    name: ScopeName = ""
    limits: ScopeLimits
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class SetReduceOnly(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Let a scope only reduce its positions, or let it trade again."""

    scope: Scope
    name: ScopeName = ""
    engaged: bool
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class RiskQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class RiskState(Struct, frozen=True, kw_only=True):
    """`halted`: the journal could not be written, and nothing new is taken until a restart.

    `reduce_only` is the whole desk's mode, `account_reduce_only` that of the caller's account.
    `scenarios` are those that the value at risk is taken over; with fewer than `scenarios_min` it
    stops nothing.
    """

    kill_switch: bool
    reason: str
    limits: dict[str, str]
    halted: bool = False
    reduce_only: bool = False
    account_reduce_only: bool = False
    scenarios: int = 0
    scenarios_min: int = 0


class SetKillSwitch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    engaged: bool
    reason: Annotated[str, Meta(min_length=1, max_length=256)]
