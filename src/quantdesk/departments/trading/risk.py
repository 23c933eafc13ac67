"""The pre-trade gate: a pure function from a snapshot of integers to the verdict of every check.

It reads nothing and decides nothing else, so a compiled kernel can take its place. All checks are
evaluated; one that has nothing to measure (a collar without a reference price) fails with the
check that says why.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

from quantdesk.kernel import UNIT
from quantdesk.kernel.money import UNITS_MAX

from . import OPEN_ORDERS_MAX, RiskCheck
from .config import BPS, GateLimits


class Verdict(NamedTuple):
    """One check. `value` and `limit` are in units of 1e-8 where `unit` is an asset or "bps",
    0 or 1 for a "flag", else plain counts. `note` stands for the number where there is none."""

    check: str
    passed: bool
    value: int
    limit: int
    unit: str
    note: str = ""


class Snapshot(Struct, frozen=True, kw_only=True):
    """All that the gate looks at, as of one moment. Amounts in units of 1e-8.

    `price` is the worst at which the order may execute, `required` what it takes out of `asset`
    at worst, fees included. `executes_at` is the average price of what would execute at once, 0
    where nothing would. `waits`: nothing executes before a trigger comes.

    `position` counts what was traded; `open_same_side` is what open
    orders of this side may add to it.
    """

    kill_switch: bool
    permitted: bool
    account_open: bool
    tradable: bool
    known_before: bool
    sign: int
    base: str
    quote: str
    tick: int
    lot: int
    quantity: int
    price: int
    waits: bool
    notional: int
    reference: int
    reference_age_ms: int
    oracle_agrees: bool
    oracle_deviation_bps: int
    oracle_note: str
    oracle_price: int
    executes_at: int
    position: int
    open_same_side: int
    required: int
    available: int
    rests: bool
    open_orders: int
    open_orders_desk: int
    orders_last_s: int
    settlements_pending: int


def evaluate(limits: GateLimits, seen: Snapshot) -> tuple[Verdict, ...]:
    """Every check of the gate, in the order in which it is told."""
    return (
        *_standing(seen),
        *_order(limits, seen),
        *_market(limits, seen),
        *_account(limits, seen),
    )


def _standing(seen: Snapshot) -> tuple[Verdict, ...]:
    """May this caller trade this at all?"""
    return (
        _flag("kill_switch", is_=seen.kill_switch, must_be=False),
        _flag("permission", is_=seen.permitted, must_be=True),
        _flag("account_open", is_=seen.account_open, must_be=True),
        _flag("tradable", is_=seen.tradable, must_be=True),
        _flag("duplicate", is_=seen.known_before, must_be=False),
    )


def _flag(check: str, *, is_: bool, must_be: bool) -> Verdict:
    return Verdict(check, is_ is must_be, int(is_), int(must_be), "flag")


def _order(limits: GateLimits, seen: Snapshot) -> tuple[Verdict, ...]:
    """Is the order itself of a sane shape and size?"""
    off_tick, off_lot = seen.price % seen.tick, seen.quantity % seen.lot
    size_min, size_max = limits.order_lots_min * seen.lot, limits.order_lots_max * seen.lot
    quantity, notional = seen.quantity, seen.notional
    return (
        Verdict("tick", off_tick == 0, off_tick, 0, seen.quote),
        Verdict("lot", off_lot == 0, off_lot, 0, seen.base),
        Verdict("size_min", quantity >= size_min, quantity, _cap(size_min), seen.base),
        Verdict("size_max", quantity <= size_max, quantity, _cap(size_max), seen.base),
        Verdict(
            "notional_max", notional <= limits.order_notional_max,
            _cap(notional), limits.order_notional_max, seen.quote,
        ),
    )  # fmt: skip


def _market(limits: GateLimits, seen: Snapshot) -> tuple[Verdict, ...]:
    """Is there a price to judge by, and is the order's near it?"""
    reference, limit_bps = seen.reference, limits.price_collar_bps
    oracle_limit = limits.oracle_deviation_bps_max * UNIT
    if reference:
        through = seen.sign * (seen.price - reference)
        fresh = Verdict(
            "reference_fresh", seen.reference_age_ms <= limits.reference_age_ms_max,
            _cap(seen.reference_age_ms), limits.reference_age_ms_max, "ms",
        )  # fmt: skip
        collar = Verdict(
            "price_collar", seen.waits or through * BPS <= limit_bps * reference,
            _cap(through * BPS * UNIT // reference), limit_bps * UNIT, "bps",
            "waits for its trigger" if seen.waits else "",
        )  # fmt: skip
    else:
        note = "no market price yet"
        fresh = Verdict(
            "reference_fresh", False, 0, limits.reference_age_ms_max, "ms", note
        )  # fmt: skip
        collar = Verdict("price_collar", False, 0, limit_bps * UNIT, "bps", note)
    return (
        fresh,
        collar,
        Verdict(
            "oracle", seen.oracle_agrees, _cap(seen.oracle_deviation_bps), oracle_limit, "bps",
            seen.oracle_note,
        ),
        _settlement(limits, seen),
    )  # fmt: skip


def _settlement(limits: GateLimits, seen: Snapshot) -> Verdict:
    """Would the chain settle what executes at once? It refuses prices far from the oracle's."""
    limit_bps, oracle = limits.settlement_deviation_bps_max, seen.oracle_price
    if not (oracle and seen.executes_at):
        note = "nothing executes at once" if oracle else "no oracle price"
        return Verdict("settlement_price", True, 0, limit_bps * UNIT, "bps", note)
    off = abs(seen.executes_at - oracle)
    return Verdict(
        "settlement_price", off * BPS <= limit_bps * oracle,
        _cap(off * BPS * UNIT // oracle), limit_bps * UNIT, "bps",
    )  # fmt: skip


def _account(limits: GateLimits, seen: Snapshot) -> tuple[Verdict, ...]:
    """Can the account carry it, in the worst case?"""
    worst = seen.sign * seen.position + seen.open_same_side + seen.quantity
    # A worst case that only reduces the position is never above the limit.
    exposure = max(0, worst * seen.reference)
    open_orders = seen.open_orders + seen.rests
    open_desk = seen.open_orders_desk + seen.rests
    pending = seen.settlements_pending + 1
    return (
        Verdict(
            "position_max", exposure <= limits.position_notional_max * UNIT,
            _cap(exposure // UNIT), limits.position_notional_max, seen.quote,
        ),
        Verdict(
            "balance", seen.required <= seen.available,
            _cap(seen.required), _cap(seen.available), seen.quote if seen.sign > 0 else seen.base,
        ),
        Verdict("open_orders_max", open_orders <= limits.open_orders_max,
                open_orders, limits.open_orders_max, "orders"),
        Verdict("open_orders_desk_max", open_desk <= OPEN_ORDERS_MAX,
                open_desk, OPEN_ORDERS_MAX, "orders"),
        Verdict("message_rate", seen.orders_last_s <= limits.orders_per_s_max,
                seen.orders_last_s, limits.orders_per_s_max, "orders/s"),
        Verdict("settlements_pending_max", pending <= limits.settlements_pending_max,
                pending, limits.settlements_pending_max, "settlements"),
    )  # fmt: skip


def failed(verdicts: tuple[Verdict, ...]) -> list[Verdict]:
    return [verdict for verdict in verdicts if not verdict.passed]


def check_of(verdict: Verdict) -> RiskCheck:
    """A verdict as a face shows it."""
    text = _text(verdict.value, verdict.unit)
    return RiskCheck(
        check=verdict.check,
        passed=verdict.passed,
        value=verdict.note or text,
        limit=_text(verdict.limit, verdict.unit),
        unit="" if verdict.unit == "flag" else verdict.unit,
    )


def detail_of(verdicts: tuple[Verdict, ...]) -> dict[str, str]:
    """Failed check → its number and limit, for the caller who was refused."""
    shown = (check_of(verdict) for verdict in failed(verdicts))
    return {c.check: f"{c.value} (limit {c.limit}{' ' + c.unit if c.unit else ''})" for c in shown}


def _text(value: int, unit: str) -> str:
    if unit == "flag":
        return "yes" if value else "no"
    if unit in {"ms", "orders", "orders/s", "settlements"}:
        return str(value)
    whole, part = divmod(abs(value), UNIT)
    digits = f"{whole}.{part:08d}".rstrip("0").rstrip(".")
    return f"-{digits}" if value < 0 and digits != "0" else digits


def _cap(value: int) -> int:
    """Held within int64, for the record; the comparison was exact."""
    return max(-UNITS_MAX, min(UNITS_MAX, value))
