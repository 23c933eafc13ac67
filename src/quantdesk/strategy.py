"""What strategy authors import: `from quantdesk.strategy import Strategy, Parameters, Context, …`.

One file holds one strategy; docs/backtests.md tells how to write one, docs/examples/strategies has
three. Prices, sizes and money are int64 units of 1e-8; sides are BUY (+1) and SELL (−1).
"""

from quantdesk.departments.strategies.authoring import Actions, Parameters, Predictor, Strategy
from quantdesk.departments.trading.engine.compiled import (
    amend,
    best,
    cancel,
    cancel_all,
    clear_order,
    limit_order,
    market_order,
    position_of,
    send_order,
)
from quantdesk.departments.trading.engine.engine import Ticket
from quantdesk.departments.trading.engine.model import (
    BUY,
    DAY,
    FILL,
    FOK,
    GTC,
    GTD,
    IOC,
    LEVEL,
    LIMIT,
    MARKET,
    OCO,
    OUO,
    POST_ONLY,
    QUOTE,
    REDUCE_ONLY,
    SELL,
    STOP_LIMIT,
    STOP_MARKET,
    TOUCHED_LIMIT,
    TOUCHED_MARKET,
    TRADE,
    TRAILING_LIMIT,
    TRAILING_MARKET,
)
from quantdesk.departments.trading.engine.modes import (
    WAKE_EVERY,
    WAKE_NEVER,
    WAKE_REPORTS,
    WAKE_TIMER,
    BatchView,
    Context,
    Event,
)
from quantdesk.departments.trading.engine.setup import Market
from quantdesk.kernel import UNIT, Amount, Price, Quantity

__all__ = [
    "BUY", "DAY", "FILL", "FOK", "GTC", "GTD", "IOC", "LEVEL", "LIMIT", "MARKET", "OCO", "OUO",
    "POST_ONLY", "QUOTE", "REDUCE_ONLY", "SELL", "STOP_LIMIT", "STOP_MARKET", "TOUCHED_LIMIT",
    "TOUCHED_MARKET", "TRADE", "TRAILING_LIMIT", "TRAILING_MARKET", "UNIT", "WAKE_EVERY",
    "WAKE_NEVER", "WAKE_REPORTS", "WAKE_TIMER", "Actions", "Amount", "BatchView", "Context",
    "Event", "Market", "Parameters", "Predictor", "Price", "Quantity", "Strategy", "Ticket",
    "amend", "best", "cancel", "cancel_all", "clear_order", "limit_order", "market_order",
    "position_of", "send_order", "units",
]  # fmt: skip


def units(number: str) -> int:
    """An exact number in units of 1e-8: `units("0.001")` is 100,000."""
    return Amount(number).to_units()
