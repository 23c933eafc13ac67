"""What the kernel found, as it is stored with an order and told to people."""

from __future__ import annotations

from typing import NamedTuple

from quantdesk.kernel import UNIT

from . import model as m


class Verdict(NamedTuple):
    """One check. `value` and `limit` are in units of 1e-8 where `unit` is an asset or "bps",
    0 or 1 for a "flag", else plain counts. `note` stands for the number where there is none.
    `scope` is whose limit it is: desk, account or strategy; empty where the desk has but one."""

    check: str
    passed: bool
    value: int
    limit: int
    unit: str
    note: str = ""
    scope: str = ""


_COUNTS = {
    m.REFERENCE_FRESH: "ms", m.OPEN_ORDERS: "orders", m.OPEN_ORDERS_DESK: "orders",
    m.MESSAGE_RATE: "orders/s", m.REPEATED: "orders", m.SETTLEMENTS: "settlements",
}  # fmt: skip
_FLAGS = {
    m.KILL_SWITCH, m.PERMISSION, m.ACCOUNT_OPEN, m.TRADABLE, m.RESTRICTED, m.DUPLICATE,
}  # fmt: skip
_SHARES = {m.PRICE_COLLAR, m.ORACLE, m.SETTLEMENT_PRICE, m.PARTICIPATION}
_SIZES = {m.LOT, m.SIZE_MIN, m.SIZE_MAX_, m.REDUCING, m.REDUCE_ONLY}
_SCOPED = {
    m.RESTRICTED, m.REDUCING, m.SIZE_MIN, m.SIZE_MAX_, m.NOTIONAL_MIN, m.NOTIONAL_MAX,
    m.REFERENCE_FRESH, m.PRICE_COLLAR, m.PARTICIPATION, m.POSITION_MAX, m.GROSS, m.NET,
    m.DAILY_LOSS, m.DRAWDOWN, m.OPEN_ORDERS, m.OPEN_ORDERS_DESK, m.MESSAGE_RATE, m.REPEATED,
    m.VALUE_AT_RISK,
}  # fmt: skip
_NOTES = {
    m.UNLIMITED: "no limit is set",
    m.NO_PRICE: "no market price yet",
    m.NOTHING_EXECUTES: "nothing executes at once",
    m.NO_ORACLE_PRICE: "no oracle price",
    m.OVERFLOW: "larger than can be counted",
    m.NORMAL_MODE: "not in reduce-only mode",
    m.NOT_REDUCE_ONLY: "not a reduce-only order",
    m.AT_EXECUTION: "judged when it executes",
    m.AT_TRIGGER: "waits for its trigger",
    m.NO_VOLUME: "nothing has traded of late",
    m.NOT_MARGINED: "paid in full, not on margin",
    m.NO_OWN_ORDER: "no own order on the other side",
}


def unit_of(check: int, base: str, quote: str, *, buys: bool) -> str:
    """The unit of one check's numbers."""
    if check in _FLAGS:
        return "flag"
    if check in _COUNTS:
        return _COUNTS[check]
    if check in _SHARES:
        return "bps"
    if check in _SIZES or (check == m.BALANCE and not buys):
        return base
    return quote


def note_of(note: int, scenarios: int, scenarios_min: int, oracle: str) -> str:
    """A note of the kernel in words."""
    if note == m.BY_ORACLE:
        return oracle
    if note == m.FEW_SCENARIOS:
        return f"{scenarios} of {scenarios_min} scenarios"
    return _NOTES.get(note, "")


def scope_of(check: int, scope: str, note: int) -> str:
    """Whose limit a verdict is of, where that can differ."""
    return scope if check in _SCOPED and note not in {m.UNLIMITED, m.NORMAL_MODE} else ""


def failed(verdicts: tuple[Verdict, ...]) -> list[Verdict]:
    return [verdict for verdict in verdicts if not verdict.passed]


def number_text(value: int, unit: str) -> str:
    """A number of a verdict, as people read it."""
    if unit == "flag":
        return "yes" if value else "no"
    if unit in {"ms", "orders", "orders/s", "settlements"}:
        return str(value)
    whole, part = divmod(abs(value), UNIT)
    digits = f"{whole}.{part:08d}".rstrip("0").rstrip(".")
    return f"-{digits}" if value < 0 and digits != "0" else digits
