"""What a route is asked of, and what it says."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from quantdesk.kernel import Amount, Instrument, Price, Quantity

VENUES_MAX = 64
LEVELS_MAX = 1_000
RANGES_MAX = 256

VenueName = Annotated[str, Meta(min_length=1, max_length=64, examples=["book"])]
FeePpm = Annotated[int, Meta(ge=0, le=100_000, description="Parts per million: 100 is one bp.")]


class LadderLevel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    price: Price
    quantity: Quantity


class LadderVenue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A limit order book, best level first. Its fee is taken in the quote asset.

    `instrument` is the route's own unless it says otherwise; `fixed_cost`, in the route's quote
    asset, is paid once if the venue is used at all.
    """

    venue: VenueName
    instrument: Instrument | None = None
    bids: Annotated[tuple[LadderLevel, ...], Meta(max_length=LEVELS_MAX)] = ()
    asks: Annotated[tuple[LadderLevel, ...], Meta(max_length=LEVELS_MAX)] = ()
    taker_fee_ppm: FeePpm = 0
    fixed_cost: Amount | None = None


class PoolVenue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A constant-product pool (x · y = k). Its fee is taken from what goes in."""

    venue: VenueName
    instrument: Instrument | None = None
    base_reserve: Quantity
    quote_reserve: Quantity
    fee_ppm: FeePpm = 3_000
    fixed_cost: Amount | None = None


class LiquidityRange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`liquidity` L between two prices: the base in it is L · (1/√lower - 1/√upper)."""

    lower: Price
    upper: Price
    liquidity: Quantity


class RangePoolVenue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A concentrated-liquidity pool: ranges in ascending order that do not overlap."""

    venue: VenueName
    instrument: Instrument | None = None
    price: Price
    ranges: Annotated[tuple[LiquidityRange, ...], Meta(min_length=1, max_length=RANGES_MAX)]
    fee_ppm: FeePpm = 3_000
    fixed_cost: Amount | None = None


class PlanRoute(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Split `quantity` of the base asset over the venues, at the least cost.

    Venues of X in the middle (base-X and X-quote) make a path of two legs over it, which is
    weighed against the instrument's own venues as one more of them; without fixed costs.

    `own_book` adds the desk's own view of the instrument, at the desk's taker fee. Every split is
    a multiple of `lot` (0.00000001 if left out).
    """

    instrument: Instrument
    side: Literal["buy", "sell"]
    quantity: Quantity
    lot: Quantity | None = None
    own_book: bool = False
    books: Annotated[tuple[LadderVenue, ...], Meta(max_length=VENUES_MAX)] = ()
    pools: Annotated[tuple[PoolVenue, ...], Meta(max_length=VENUES_MAX)] = ()
    range_pools: Annotated[tuple[RangePoolVenue, ...], Meta(max_length=VENUES_MAX)] = ()


class RouteSplit(Struct, frozen=True, kw_only=True):
    """What goes to one venue. `quote` is paid (buy) or received (sell), its fee included.

    `fee` is in `fee_asset`. Every rounding, to 1e-8, is to the disadvantage of who trades.
    """

    venue: str
    kind: Literal["book", "pool", "range_pool"]
    instrument: str
    quantity: Amount
    quote: Amount
    fee: Amount
    fee_asset: str
    fixed_cost: Amount


class RouteCertificate(Struct, frozen=True, kw_only=True):
    """Why no other split is better, checkable without trust in the router.

    At the optimum every used venue has the same marginal price (fees included) and every unused
    one a worse price; `kkt_residual` is the largest relative violation over the venues, of the
    split as given (lots included). `bound` is the dual bound of the total at that price: no split
    whatever can be better; `gap_bps` is how far the total is from it. `optimal_subset` is false
    where venues with fixed costs were too many to try every subset of them: then `gap_bps`
    says how much better another choice of venues could be at most.
    """

    marginal_price: float
    kkt_residual: float
    bound: float
    gap_bps: float
    subsets_tried: int
    optimal_subset: bool


class Route(Struct, frozen=True, kw_only=True):
    """`total` is what is paid (or received) in the quote asset, fixed costs included.

    Splits of a path's first leg pay or bring the asset in the middle, which the second leg trades.
    `best_single_total` is what the best venue alone would give, None where none can take it all.
    """

    instrument: str
    side: Literal["buy", "sell"]
    quantity: Amount
    splits: tuple[RouteSplit, ...]
    total: Amount
    fixed_costs: Amount
    average_price: Amount
    best_single_venue: str | None
    best_single_total: Amount | None
    saving_bps: float | None
    certificate: RouteCertificate
