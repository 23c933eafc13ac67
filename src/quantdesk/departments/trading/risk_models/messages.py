"""What a portfolio's risk is asked with, and what it says: money exactly, statistics as floats."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from quantdesk.kernel import Amount, Instrument, Price

HOLDINGS_MAX = 200
OPTIONS_MAX = 200
SCENARIOS_MAX = 5_000
SCENARIOS_MIN = 20
STRESSES_MAX = 200

Ppm = Annotated[int, Meta(ge=0, le=10_000_000)]
Leverage = Annotated[int, Meta(ge=1, le=1_000)]
Return = Annotated[float, Meta(ge=-1, le=100)]
Loss = Annotated[float, Meta(ge=-1e15, le=1e15)]


class RiskHolding(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`quantity` of the base is negative if short; `price` is the mark. Without an `entry_price`
    the holding has no profit yet. Open orders count in the margin's worst case."""

    instrument: Instrument
    quantity: Amount
    price: Price
    entry_price: Price | None = None
    open_buys: Amount | None = None
    open_sells: Amount | None = None


class OptionHolding(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A European option on an instrument, after Black and Scholes (1973) with continuous `rate`
    and `carry` (dividend or foreign rate); a year has 365 days. With a `market_price` of the
    option its implied volatility is told too."""

    underlying: Instrument
    right: Literal["call", "put"]
    quantity: Amount
    price: Price
    strike: Price
    days: Annotated[float, Meta(ge=0.001, le=36_500)]
    volatility: Annotated[float, Meta(ge=0.0001, le=20)]
    market_price: Price | None = None
    rate: Annotated[float, Meta(ge=-1, le=1)] = 0.0
    carry: Annotated[float, Meta(ge=-1, le=1)] = 0.0


class ReturnSeries(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Simple returns of one instrument, one per scenario; the same scenarios in every series."""

    instrument: Instrument
    returns: Annotated[tuple[Return, ...], Meta(min_length=SCENARIOS_MIN, max_length=SCENARIOS_MAX)]


class CollateralBalance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`price` in the unit of account; weights are used by the drift model only."""

    asset: Annotated[str, Meta(min_length=1, max_length=16)]
    amount: Amount
    price: Price
    initial_weight_ppm: Ppm = 1_000_000
    maintenance_weight_ppm: Ppm = 1_000_000


class MarginRate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Leverages are for the hyperliquid model, ratios for the drift model.

    `size_premium` (drift's IMF factor) raises the ratio to 0.8 × ratio + factor × √quantity.
    """

    instrument: Instrument
    leverage: Leverage = 10
    leverage_max: Leverage = 20
    initial_ppm: Ppm = 100_000
    maintenance_ppm: Ppm = 50_000
    size_premium: Annotated[float, Meta(ge=0, le=1)] = 0.0


class Stress(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One scenario of a portfolio margin: every price moves by `price`, every volatility by
    `volatility` (both relative); `weight` dampens the loss."""

    price: Annotated[float, Meta(ge=-1, le=100)]
    volatility: Annotated[float, Meta(ge=-1, le=100)] = 0.0
    weight: Annotated[float, Meta(ge=0, le=1)] = 1.0


class MarginTerms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How margin is asked for. An instrument without a rate has the defaults of `MarginRate`.

    hyperliquid: notional / leverage, maintenance half of that at the highest leverage. drift:
    ratios of the worst case with open orders, against weighted collateral. portfolio: the largest
    loss over `stresses` (a grid of our own if left out).
    """

    model: Literal["hyperliquid", "drift", "portfolio"]
    collateral: Annotated[tuple[CollateralBalance, ...], Meta(max_length=50)] = ()
    rates: Annotated[tuple[MarginRate, ...], Meta(max_length=HOLDINGS_MAX)] = ()
    stresses: Annotated[tuple[Stress, ...], Meta(max_length=STRESSES_MAX)] = ()


class AssessPortfolio(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Holdings, options and return scenarios of every instrument among them.

    `own` adds the caller's own positions at the desk's marks; `candidate` is one more holding
    whose incremental risk is asked for.
    """

    holdings: Annotated[tuple[RiskHolding, ...], Meta(max_length=HOLDINGS_MAX)] = ()
    options: Annotated[tuple[OptionHolding, ...], Meta(max_length=OPTIONS_MAX)] = ()
    own: bool = False
    candidate: RiskHolding | None = None
    returns: Annotated[tuple[ReturnSeries, ...], Meta(max_length=HOLDINGS_MAX)] = ()
    confidence_bps: Annotated[int, Meta(ge=5_000, le=9_999)] = 9_900
    margin: MarginTerms | None = None


class TailRisk(Struct, frozen=True, kw_only=True):
    """Losses over one scenario period, positive. `reliable` is false where the method's own
    conditions do not hold (Cornish-Fisher: the expansion falls somewhere within six deviations)."""

    method: Literal["historical", "variance_covariance", "cornish_fisher"]
    value_at_risk: float
    expected_shortfall: float
    reliable: bool = True


class IncrementalRisk(Struct, frozen=True, kw_only=True):
    """Historical, with the candidate less without it."""

    value_at_risk: float
    expected_shortfall: float


class OptionGreeks(Struct, frozen=True, kw_only=True):
    """Of one option, times its quantity: per unit of price, of volatility (1 is 100 %), of a
    year, of the rate. `implied_volatility` is that of its market price; None without one, or
    where no volatility up to 2,000 % gives that price."""

    value: float
    delta: float
    gamma: float
    vega: float
    theta: float
    rho: float
    implied_volatility: float | None


class LiquidationLevel(Struct, frozen=True, kw_only=True):
    """The mark of this instrument at which the account is liquidated, the others standing still;
    None where no price does that."""

    instrument: str
    price: Amount | None


class MarginFigures(Struct, frozen=True, kw_only=True):
    """`equity` is collateral and profit; `initial_collateral` and `maintenance_collateral` are
    what counts of it against the two requirements. `transfer_requirement` is what must stay in
    (hyperliquid), `worst_stress` the scenario behind a portfolio margin.
    """

    model: str
    equity: Amount
    initial_requirement: Amount
    maintenance_requirement: Amount
    initial_collateral: Amount
    maintenance_collateral: Amount
    free_collateral: Amount
    liquidatable: bool
    transfer_requirement: Amount | None
    worst_stress: Stress | None
    liquidation: tuple[LiquidationLevel, ...]


class PortfolioRisk(Struct, frozen=True, kw_only=True):
    """`gross` and `net` are notionals at the marks. Without returns there are no tail risks."""

    gross: Amount
    net: Amount
    scenarios: int
    confidence_bps: int
    tails: tuple[TailRisk, ...]
    incremental: IncrementalRisk | None
    greeks: tuple[OptionGreeks, ...]
    margin: MarginFigures | None
    methods: dict[str, str]


class ValidateVar(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Losses as they came, oldest first, and the value at risk that was told for each."""

    losses: Annotated[tuple[Loss, ...], Meta(min_length=SCENARIOS_MIN, max_length=SCENARIOS_MAX)]
    values_at_risk: Annotated[
        tuple[Loss, ...], Meta(min_length=SCENARIOS_MIN, max_length=SCENARIOS_MAX)
    ]
    confidence_bps: Annotated[int, Meta(ge=5_000, le=9_999)] = 9_900


class VarTest(Struct, frozen=True, kw_only=True):
    """A likelihood ratio and its p-value: small means that the VaR does not hold."""

    statistic: float
    p_value: float


class VarTests(Struct, frozen=True, kw_only=True):
    """`kupiec` (1995): are there as many exceedances as there should be? `christoffersen` (1998):
    that, and one does not make the next more likely."""

    observations: int
    exceedances: int
    expected: float
    kupiec: VarTest
    christoffersen: VarTest
