"""The kernel against the reference: the same reports, fill for fill, on generated markets."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from quantdesk.departments.trading.engine import model as m

from .reference.market import Kernel, Op, compare, play
from .reference.venue import Reference, Spec

pytestmark = pytest.mark.spec("TRD-1", "TRD-5")

TICK, LOT = 1_000_000, 10_000_000
"""0.01 and 0.1."""
QUICK = settings(
    max_examples=150, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip

prices = some.integers(95, 105).map(lambda n: n * TICK)
sizes = some.one_of(some.integers(1, 12).map(lambda n: n * LOT), some.integers(1, 30 * LOT))
lots = some.integers(1, 12).map(lambda n: n * LOT)
sides = some.sampled_from((1, -1))
instruments = some.integers(0, 1)


@some.composite
def quote(draw: Any) -> dict[str, int]:
    bid = draw(some.integers(94, 104))
    ask = draw(some.integers(bid, 106))  # now and then crossed
    empty = draw(some.sampled_from((0, 0, 0, 0, 0, 0, 1, 2)))
    return {
        "kind": m.QUOTE, "price": 0 if empty == 1 else bid * TICK, "size": draw(sizes),
        "price2": 0 if empty == 2 else ask * TICK, "size2": draw(sizes),
    }  # fmt: skip


@some.composite
def market_event(draw: Any) -> dict[str, int]:
    kind = draw(
        some.sampled_from(
            ["quote", "level", "level", "trade", "trade", "funding", "clear", "clock", "odd"]
        )
    )
    if kind == "quote":
        return draw(quote())
    if kind == "level":
        size = draw(some.one_of(some.just(0), sizes))
        side = draw(sides)
        low, high = (94, 101) if side > 0 else (99, 106)
        price = draw(some.integers(low, high)) * TICK
        more = draw(some.sampled_from((0, 0, 1)))
        return {"kind": m.LEVEL, "side": side, "price": price, "size": size, "more": more}
    if kind == "trade":
        side = draw(some.sampled_from((1, -1, 0)))
        return {"kind": m.TRADE, "side": side, "price": draw(prices), "size": draw(sizes)}
    if kind == "funding":
        return {"kind": m.FUNDING, "price": draw(prices), "size": draw(some.integers(-9999, 9999))}
    if kind == "odd":
        return {"kind": m.TRADE, "side": 2, "price": -TICK, "size": 1}
    return {"kind": m.CLEAR if kind == "clear" else m.CLOCK}


@some.composite
def order(draw: Any, kinds: tuple[int, ...], number: int, linked: bool) -> dict[str, int]:
    kind = draw(some.sampled_from(kinds))
    tif = draw(some.sampled_from((m.GTC, m.GTC, m.GTC, m.IOC, m.FOK, m.GTD, m.DAY)))
    flags = draw(some.sampled_from((0, 0, 0, m.POST_ONLY, m.REDUCE_ONLY, m.BY_TRADE)))
    limited = kind in (m.LIMIT, m.STOP_LIMIT, m.TOUCHED_LIMIT)
    trails = kind >= m.TRAILING_MARKET
    waits = kind in (m.STOP_MARKET, m.TOUCHED_MARKET)
    quantity = draw(lots)
    if flags == m.POST_ONLY and (tif in (m.IOC, m.FOK) or kind not in (m.LIMIT, m.STOP_LIMIT)):
        flags = 0
    if kind == m.MARKET and tif in (m.GTD, m.DAY):
        tif = m.GTC
    iceberg = limited and tif in (m.GTC, m.DAY, m.GTD) and draw(some.integers(0, 3)) == 0
    found = {
        "kind": m.NEW, "account": draw(some.integers(0, 1)), "instrument": draw(instruments),
        "side": draw(sides), "type": kind, "tif": tif, "flags": flags, "quantity": quantity,
        "price": draw(prices) if limited else 0,
        "trigger": draw(prices) if kind >= m.STOP_MARKET and not trails else 0,
        "trail": draw(some.integers(1, 4)) * TICK if trails else 0,
        "offset": draw(some.integers(0, 2)) * TICK if trails or waits else 0,
        "display": LOT if iceberg else 0, "parent": -1, "group": -1, "gtd": int(tif == m.GTD),
    }  # fmt: skip
    if linked and number > 0:
        if draw(some.integers(0, 2)) == 0:
            found["parent"] = draw(some.integers(max(0, number - 4), number - 1))
        if draw(some.booleans()):
            found["flags"] |= draw(some.sampled_from((m.OCO, m.OUO)))
            found["group"] = draw(some.integers(max(0, number - 4), number - 1))
        elif draw(some.booleans()):
            found["flags"] |= draw(some.sampled_from((m.OCO, m.OUO)))
    return found


@some.composite
def market(draw: Any, kinds: tuple[int, ...], linked: bool = False) -> list[Op]:
    ops: list[Op] = []
    now, orders = 1_000, []
    for instrument in (0, 1):
        first = {"ts": now, "instrument": instrument, "side": 0, "more": 0, "size2": 0, "price2": 0}
        ops.append(("event", {**first, **draw(quote())}))
    for _ in range(draw(some.integers(5, 40))):
        what = draw(
            some.sampled_from(
                ["event", "event", "event", "submit", "submit", "cancel", "amend", "all"]
            )
        )
        if what == "event":
            now += draw(some.sampled_from((0, 1, 1, 5, 20, m.DAY_NS // 3)))
            empty = {
                "ts": now,
                "side": 0,
                "price": 0,
                "size": 0,
                "price2": 0,
                "size2": 0,
                "more": 0,
            }
            ops.append(
                ("event", {**empty, "instrument": draw(instruments), **draw(market_event())})
            )
        elif what == "submit":
            terms = draw(order(kinds, len(ops), linked))
            terms["expire_ns"] = now + draw(some.integers(1, 40)) if terms.pop("gtd") else 0
            orders.append(len(ops))
            ops.append(("submit", terms))
        elif what == "all":
            if draw(some.integers(0, 4)) == 0:
                terms = {
                    "account": draw(some.integers(0, 1)),
                    "instrument": draw(some.integers(-1, 1)),
                }
                ops.append(("cancel all", terms))
        elif orders:
            number = orders[-draw(some.integers(1, min(4, len(orders))))]
            terms = {"number": number}
            if what == "amend":
                terms["quantity"] = draw(some.one_of(some.just(0), lots))
                terms["price"] = draw(some.one_of(some.just(0), prices))
                terms["trigger"] = draw(some.one_of(some.just(0), some.just(0), prices))
            ops.append((what, terms))
    return ops


specs = some.lists(
    some.builds(
        Spec, tick=some.just(TICK), lot=some.just(LOT), fee_step=some.sampled_from((1, 100)),
        maker=some.integers(-20_000, 20_000), taker=some.integers(0, 60_000),
        depth=some.sampled_from((1, 2)), queue=some.integers(0, m.QUEUE_MODELS - 1),
        power=some.sampled_from((1.0, 2.0, 3.0)),
    ), min_size=2, max_size=2,
)  # fmt: skip
jitters = some.one_of(
    some.none(), some.lists(some.tuples(some.integers(0, 15), some.just(0)), min_size=1, max_size=3)
)
manners = some.fixed_dictionaries({
    # with the smallest room the kernel pauses after each order that it executes, and goes on
    "reports_max": some.sampled_from((m.ROOM + 1, 4_096)),
    "stp": some.integers(0, 3), "entry_ns": some.sampled_from((0, 3)), "jitter": jitters,
})  # fmt: skip


def both(ops: list[Op], specs: list[Spec], reports_max: int, **how: Any) -> Kernel:
    kernel = Kernel(specs, accounts=2, cash=10**14, reports_max=reports_max, **how)
    reference = Reference(specs, accounts=2, cash=10**14, **how)
    play(ops, kernel, reference)
    compare(kernel, reference)
    return kernel


@given(ops=market((m.MARKET, m.LIMIT, m.LIMIT, m.LIMIT)), specs=specs, how=manners)
@QUICK
def test_market_and_limit_orders(ops: list[Op], specs: list[Spec], how: dict[str, Any]) -> None:
    both(ops, specs, **how)


@given(ops=market(tuple(range(m.ORDER_TYPES))), specs=specs, how=manners)
@QUICK
def test_conditional_orders(ops: list[Op], specs: list[Spec], how: dict[str, Any]) -> None:
    both(ops, specs, **how)


@given(ops=market(tuple(range(m.ORDER_TYPES)), linked=True), specs=specs, how=manners)
@QUICK
def test_linked_orders(ops: list[Op], specs: list[Spec], how: dict[str, Any]) -> None:
    both(ops, specs, **how)
