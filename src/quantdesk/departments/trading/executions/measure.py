"""What an execution came to: its slices, the market's average prices, and its shortfall."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from quantdesk.departments.trading.routing import Route
from quantdesk.kernel import Amount, mul_units, utc

from .messages import ExecutedRoute, ExecutionBenchmark, ExecutionReport, ExecutionSlice
from .record import Child, ExecutionRecord, Tally
from .shortfall import shortfall_of
from .shortfall_messages import ImplementationShortfall

BPS = 10_000
NS_PER_S = 1_000_000_000
Fill = tuple[str, int, int, int]
"""(order id, price, quantity, fee)."""


def report_of(
    record: ExecutionRecord,
    fills: Sequence[Fill],
    tally: Tally,
    mid: int | None,
    route: Route | None,
) -> ExecutionReport:
    """`mid` now: what is not filled yet is held against it. `route`: what was planned."""
    return ExecutionReport(
        execution=record.message(),
        slices=_slices(record, fills),
        benchmark=benchmark_of(record.sign, fills, tally),
        shortfall=_shortfall(record, fills, mid),
        route=None if route is None else executed_route(record.sign, route, fills),
    )


def executed_route(sign: int, plan: Route, fills: Sequence[Fill]) -> ExecutedRoute:
    """The plan against the fills, for as much as was filled."""
    filled = sum(quantity for _, _, quantity, _ in fills)
    if not filled:
        return ExecutedRoute(plan=plan, achieved_total=None, slippage_bps=None)
    paid = sum(mul_units(price, quantity) for _, price, quantity, _ in fills)
    achieved = paid + sign * sum(fee for _, _, _, fee in fills)
    planned = plan.total.to_units() * filled / plan.quantity.to_units()
    return ExecutedRoute(
        plan=plan,
        achieved_total=Amount.from_units(achieved),
        slippage_bps=sign * (achieved - planned) / planned * BPS,
    )


def _shortfall(
    record: ExecutionRecord, fills: Sequence[Fill], mid: int | None
) -> ImplementationShortfall | None:
    decision = record.decision_price
    if decision is None:
        return None
    last = record.last_price if record.final else mid
    return shortfall_of(
        sign=record.sign,
        quantity=record.quantity,
        decision=decision,
        arrival=record.arrival_price or decision,
        last=last or decision,
        fills=[fill[1:] for fill in fills],
    )


def benchmark_of(sign: int, fills: Sequence[Fill], tally: Tally) -> ExecutionBenchmark:
    filled = sum(quantity for _, _, quantity, _ in fills)
    paid = sum(price * quantity for _, price, quantity, _ in fills)
    vwap = _mean(tally.value, tally.volume)
    twap = _mean(tally.area, tally.watched_ns)
    return ExecutionBenchmark(
        watched_s=tally.watched_ns / NS_PER_S,
        market_volume=Amount.from_units(tally.volume),
        vwap_price=None if vwap is None else Amount.from_units(vwap),
        twap_price=None if twap is None else Amount.from_units(twap),
        vwap_slippage_bps=_slippage(sign, paid, filled, vwap),
        twap_slippage_bps=_slippage(sign, paid, filled, twap),
        participation_bps=filled / tally.volume * BPS if tally.volume else None,
    )


def _mean(total: int, weight: int) -> int | None:
    """Rounded to the nearest unit."""
    return (2 * total + weight) // (2 * weight) if weight else None


def _slippage(sign: int, paid: int, filled: int, price: int | None) -> float | None:
    if not filled or not price:
        return None
    return sign * (paid - filled * price) / (filled * price) * BPS


def _slices(record: ExecutionRecord, fills: Sequence[Fill]) -> tuple[ExecutionSlice, ...]:
    of_order: dict[str, list[Fill]] = defaultdict(list)
    for fill in fills:
        of_order[fill[0]].append(fill)
    of_slice: dict[int, list[Child]] = defaultdict(list)
    for child in record.children:
        of_slice[child.slice].append(child)
    count = max(len(record.targets), max(of_slice, default=-1) + 1)
    return tuple(
        _slice(
            record,
            number,
            of_slice[number],
            [f for c in of_slice[number] for f in of_order[c.order_id]],
        )
        for number in range(count)
    )


def _slice(
    record: ExecutionRecord, number: int, children: list[Child], fills: list[Fill]
) -> ExecutionSlice:
    due_ns, planned = _planned(record, number)
    filled = sum(quantity for _, _, quantity, _ in fills)
    paid = sum(price * quantity for _, price, quantity, _ in fills)
    average = _mean(paid, filled)
    return ExecutionSlice(
        slice=number,
        due_at=None if due_ns is None else utc(due_ns),
        planned=None if planned is None else Amount.from_units(planned),
        filled=Amount.from_units(filled),
        average_price=None if average is None else Amount.from_units(average),
        fees=Amount.from_units(sum(fee for _, _, _, fee in fills)),
        order_ids=tuple(UUID(child.order_id) for child in children),
        reason=children[-1].reason if children else None,
    )


def _planned(record: ExecutionRecord, number: int) -> tuple[int | None, int | None]:
    """When slice `number` is due, and how much of it; None where that is not known ahead."""
    if number >= len(record.targets):
        return record.end_ns, None
    target = record.targets[number]
    before = record.targets[number - 1].quantity if number else 0
    due_ns = None if record.request.algorithm == "iceberg" else target.at_ns
    if target.quantity is None or before is None:
        return due_ns, None
    return due_ns, target.quantity - before
