"""What implementation shortfall is measured from, and its parts."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from quantdesk.kernel import Amount, Price, Quantity

FILLS_MAX = 10_000


class ShortfallFill(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`fee` is in the quote asset."""

    price: Price
    quantity: Quantity
    fee: Amount | None = None


class MeasureShortfall(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One order and its fills.

    `decision_price` is the mid when it was decided, `arrival_price` the mid when it was sent (the
    decision's if left out), `last_price` the mid at the end, which what was not filled is held
    against (needed only then).
    """

    side: Literal["buy", "sell"]
    quantity: Quantity
    decision_price: Price
    arrival_price: Price | None = None
    last_price: Price | None = None
    fills: Annotated[tuple[ShortfallFill, ...], Meta(max_length=FILLS_MAX)] = ()


class ImplementationShortfall(Struct, frozen=True, kw_only=True):
    """What the order cost against a paper trade at the decision price, in the quote asset,
    positive where it cost money; exact, and `total` is the sum of its four parts.

    delay = filled × (arrival - decision), impact = Σ fill × (price - arrival), opportunity =
    unfilled × (last - decision), each signed by side, and fees (Perold 1988; the split is that of
    Wagner and Edwards 1993). `total_bps` is of quantity × decision price.
    """

    filled: Amount
    unfilled: Amount
    average_price: Amount | None
    delay: Amount
    impact: Amount
    opportunity: Amount
    fees: Amount
    total: Amount
    total_bps: float
