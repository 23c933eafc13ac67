"""What the pre-trade gate costs: `run()` gives its figures, `python -m benchmarks.trading.gate`
prints them.

Each is the median of repetitions, CPU time of this thread, compiled parts warm. The gate has 200
accounts in 200 instruments with positions and open orders; orders change from call to call,
because repeated ones would be foretold by the processor. Limits are where a desk has them by
default: with the accounts. The value at risk has its own figure.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import cycle
from statistics import median

import numpy as np
from msgspec.structs import replace

from quantdesk.departments.trading.engine.jit import jit_here
from quantdesk.departments.trading.engine.model import Ints, Rows
from quantdesk.departments.trading.gate import Asked, Gate, _checks
from quantdesk.departments.trading.gate import model as m
from quantdesk.departments.trading.risk_models import _options
from quantdesk.kernel import INSTRUMENTS, UNIT

Figure = tuple[str, float, str]
REPETITIONS = 15
ACCOUNTS, INSTRUMENTS_HELD, SCENARIOS, OPTIONS, ORDERS = 200, 200, 1_000, 10_000, 4_096
ORDER_EVERY_NS = 10**7
LIMITS = {
    "order_lots_min": 1, "order_lots_max": 10**6, "order_notional_max": 250_000 * UNIT,
    "price_collar_bps": 500, "reference_age_ms_max": 5_000, "oracle_deviation_bps_max": 100,
    "position_notional_max": 10**7 * UNIT, "gross_notional_max": 10**8 * UNIT,
    "net_notional_max": 10**8 * UNIT, "daily_loss_max": 10**7 * UNIT, "drawdown_max": 10**7 * UNIT,
    "open_orders_max": 10_000, "orders_per_s_max": 100, "repeated_orders_max": 1_000,
    "participation_bps_max": 10_000,
}  # fmt: skip
DESK_LIMITS = {
    name: LIMITS[name]
    for name in (
        "price_collar_bps", "reference_age_ms_max", "oracle_deviation_bps_max", "open_orders_max"
    )
}  # fmt: skip
"""What the desk as a whole is held to by default."""
SAID = m.PERMITTED | m.IS_OPEN | m.IS_TRADABLE | m.AGREES | m.RESTS


def desk() -> Gate:
    """A gate whose books are full."""
    spec = INSTRUMENTS["SOL-USDC"]
    specs = [replace(spec, instrument=f"SOL-USDC-{i}") for i in range(INSTRUMENTS_HELD)]
    gate = Gate(specs, account_limits=LIMITS, desk_limits=DESK_LIMITS)
    gate.hub["settlements_pending_max"], gate.hub["settlement_bps_max"] = 10_000, 100
    chance = np.random.default_rng(1)
    for place in range(INSTRUMENTS_HELD):
        gate.state.markets[place]["volume"] = 10**6 * UNIT
        gate.mark(place, 150 * UNIT)
    for number in range(ACCOUNTS):
        row = gate.row("account", str(number))
        for place in range(INSTRUMENTS_HELD if number == 0 else 6):
            size = int(chance.integers(-100, 100)) * UNIT
            gate.fill(row, m.NO_STRATEGY, place, size, -size * 150)
            gate.count(
                f"{number} {place}", account=row, strategy=m.NO_STRATEGY, place=place,
                sign=1, size=UNIT, price=140 * UNIT,
            )  # fmt: skip
    return gate


def orders() -> list[Asked]:
    """Orders of all accounts: sides, sizes and prices around the market."""
    chance = np.random.default_rng(2)
    made = []
    for number in range(ORDERS):
        quantity = int(chance.integers(1, 100)) * UNIT // 10
        price = 150 * UNIT + int(chance.integers(-140, 140)) * UNIT // 100
        made.append(
            Asked(
                account=2 + int(chance.integers(0, ACCOUNTS)), strategy=m.NO_STRATEGY,
                place=int(chance.integers(0, 6)), sign=int(chance.choice((1, -1))),
                quantity=quantity, price=price, notional=quantity * price // UNIT,
                required=quantity * 150, available=10**6 * UNIT, executes_at=price,
                reference=150 * UNIT, age_ms=3, oracle=150 * UNIT + 7, oracle_bps=1_000,
                now_ns=10**18 + number * ORDER_EVERY_NS, said=SAID,
            )
        )  # fmt: skip
    return made


_check = jit_here(_checks.check, allocates=False)


def loop(hub: Rows, books: Rows, cells: Rows, markets: Rows, sent: Ints, out: Rows,  # noqa: PLR0917 - compiled functions have no keyword-only parameters
         asked: Ints) -> int:  # fmt: skip
    """The kernel over many orders, compiled; each run is later than the one before."""
    refused = 0
    for i in range(len(asked)):
        a = asked[i]
        a[14] += len(asked) * ORDER_EVERY_NS
        bits = _check(
            hub, books, cells, markets, sent, out, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7],
            a[8], a[9], a[10], a[11], a[12], a[13], a[14], a[15],
        )  # fmt: skip
        if bits:
            refused += 1
    return refused


def cpu_us(work: Callable[[], object], times: int) -> float:
    """CPU µs per call over `times` calls."""
    started = time.thread_time_ns()
    for _ in range(times):
        work()
    return (time.thread_time_ns() - started) / times / 1_000


def greeks() -> Callable[[], object]:
    chance = np.random.default_rng(3)
    columns = (
        chance.choice([1.0, -1.0], OPTIONS), chance.uniform(50, 200, OPTIONS),
        chance.uniform(50, 200, OPTIONS), chance.uniform(0.02, 2, OPTIONS),
        chance.uniform(0, 0.05, OPTIONS), chance.uniform(0, 0.05, OPTIONS),
        chance.uniform(0.1, 1, OPTIONS),
    )  # fmt: skip
    return lambda: _options.greeks(*columns)


def run() -> list[Figure]:
    """(name, value, how it was measured)."""
    gate, tailed, asked = desk(), desk(), orders()
    table, compiled = np.array(asked, np.int64), jit_here(loop, allocates=False)
    tailed.set_scenarios(
        np.random.default_rng(4).standard_t(4, (INSTRUMENTS_HELD, SCENARIOS)) * 0.01,
        minimum=100, confidence_bps=9_900,
    )  # fmt: skip
    tailed.set_limits(2, {"value_at_risk_max": 10**9 * UNIT})
    kernel, plain, tails = gate.state[:6], cycle(asked), cycle(asked)
    first = {"account": 2}
    works: dict[str, tuple[Callable[[], object], int]] = {
        "kernel": (lambda: compiled(*kernel, table), 12),
        "python": (lambda: gate.decide(next(plain)), 2_000),
        "tails": (lambda: tailed.decide_tails(next(tails)._replace(**first)), 500),
        "replace": (lambda: next(tails)._replace(**first), 500),
        "greeks": (greeks(), 5),
    }
    measured: dict[str, list[float]] = {name: [] for name in works}
    for work, _ in works.values():
        work()
    assert compiled(*kernel, table) < ORDERS // 10, "most orders pass"
    for _ in range(REPETITIONS):
        for name, (work, times) in works.items():
            measured[name].append(cpu_us(work, times))
    found = {name: median(values) for name, values in measured.items()}
    how = f"CPU of {len(m.CHECKS) - 1} checks in two scopes"
    return [
        ("gate_kernel_ns", found["kernel"] * 1_000 / ORDERS, f"{how}, in a compiled loop"),
        ("gate_python_us", found["python"], f"{how}, from Python, the decision"),
        ("var_incremental_us", found["tails"] - found["replace"],
         f"CPU, from Python, {INSTRUMENTS_HELD} positions × {SCENARIOS} scenarios, one order more"),
        ("greeks_10k_ms", found["greeks"] / 1_000, "CPU, price and five Greeks each"),
    ]  # fmt: skip


if __name__ == "__main__":
    for name, value, told in run():
        print(f"{name:<20}  {value:>10.3f}  {told}")
