"""What is told of an order afterwards: the gate's checks, the route it took, why it was refused."""

from __future__ import annotations

from quantdesk.kernel import Amount, RiskRefused, decode

from . import RiskCheck
from .orders import OrderRecord, RouteTaken
from .risk import Verdict, check_of, detail_of


def checks_of(record: OrderRecord) -> list[RiskCheck]:
    return [check_of(verdict) for verdict in _verdicts(record)]


def refusal(record: OrderRecord) -> RiskRefused:
    """The answer to a refused order, the same each time. `detail` names the failed checks."""
    return RiskRefused(
        f"the order was refused; {record.reason}",
        detail=detail_of(_verdicts(record)),
    )


def route_of(record: OrderRecord) -> dict[str, str]:
    """Where the order went and the book that it met there."""
    route = decode(record.route, RouteTaken)
    units = Amount.from_units
    return {
        "venue": route.venue,
        "market": route.market,
        "bid": f"{units(route.bid)} × {units(route.bid_size)}",
        "ask": f"{units(route.ask)} × {units(route.ask_size)}",
        "quote_age_ms": str(route.quote_age_ms),
        "levels_taken": str(route.levels_taken),
        "beyond_known_book": str(units(route.beyond_book)),
        "oracle": route.oracle or "no price",
    }


def _verdicts(record: OrderRecord) -> tuple[Verdict, ...]:
    return decode(record.checks, tuple[Verdict, ...])
