"""What is told of an order afterwards: the gate's checks, the route it took, why it was refused."""

from __future__ import annotations

from quantdesk.kernel import Amount, RiskRefused, decode

from . import RiskCheck
from .gate import Verdict, failed, number_text
from .gate.model import NO_LIMIT
from .orders import OrderRecord, RouteTaken


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


def check_of(verdict: Verdict) -> RiskCheck:
    """A verdict as a face shows it."""
    text = number_text(verdict.value, verdict.unit)
    limit = "" if verdict.limit == NO_LIMIT else number_text(verdict.limit, verdict.unit)
    return RiskCheck(
        check=verdict.check,
        passed=verdict.passed,
        value=verdict.note or text,
        limit=limit,
        unit="" if verdict.unit == "flag" else verdict.unit,
        scope=verdict.scope,
    )


def detail_of(verdicts: tuple[Verdict, ...]) -> dict[str, str]:
    """Failed check → its number and limit, for the caller who was refused."""
    shown = (check_of(verdict) for verdict in failed(verdicts))
    return {c.check: f"{c.value} (limit {c.limit}{' ' + c.unit if c.unit else ''})" for c in shown}
