"""The compiled gate against the plain one, verdict by verdict and number by number."""

from __future__ import annotations

from math import isqrt

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quantdesk.departments.trading.gate import Asked, Bounds, Gate
from quantdesk.departments.trading.gate import model as m
from quantdesk.departments.trading.gate._exact import try_bps, try_margin, try_product
from quantdesk.kernel import INSTRUMENTS

from .reference.gate import ReferenceGate, Trade, Waiting

pytestmark = pytest.mark.spec("TRD-3", "NEW-6")

SPECS = [INSTRUMENTS[name] for name in ("SOL-USDC", "BTC-USDC", "ETH-USDC")]
LIMITS = {
    "order_lots_min": st.integers(0, 20),
    "order_lots_max": st.integers(1, 10**6),
    "order_notional_min": st.integers(0, 10**9),
    "order_notional_max": st.integers(1, 10**13),
    "price_collar_bps": st.integers(1, 10_000),
    "reference_age_ms_max": st.integers(1, 10_000),
    "oracle_deviation_bps_max": st.integers(1, 500),
    "participation_bps_max": st.integers(1, 10_000),
    "position_notional_max": st.integers(1, 10**13),
    "gross_notional_max": st.integers(1, 10**13),
    "net_notional_max": st.integers(1, 10**13),
    "daily_loss_max": st.integers(1, 10**12),
    "drawdown_max": st.integers(1, 10**12),
    "open_orders_max": st.integers(1, 4),
    "orders_per_s_max": st.integers(1, 4),
    "repeated_orders_max": st.integers(1, 4),
}
ALWAYS = {"price_collar_bps", "reference_age_ms_max", "oracle_deviation_bps_max"}
FLAGS = m.PERMITTED | m.IS_OPEN | m.IS_TRADABLE | m.AGREES


def limits(*, complete: bool) -> st.SearchStrategy[dict[str, int]]:
    """Limits of a book; the desk's always has those without which no order is judged."""
    needed = {name: LIMITS[name] for name in ALWAYS} if complete else {}
    other = {name: value for name, value in LIMITS.items() if name not in needed}
    return st.fixed_dictionaries(needed, optional=other)


SIGNS = st.sampled_from((1, -1))
PLACES = st.integers(0, 2)
WHO = st.tuples(st.integers(2, 3), st.sampled_from((-1, 4)))
PRICES = st.integers(1, 10**13)
SIZES = st.integers(1, 10**11)
ACTS = st.one_of(
    st.tuples(st.just("mark"), PLACES, PRICES),
    st.tuples(st.just("volume"), PLACES, st.integers(0, 10**12)),
    st.tuples(st.just("fill"), WHO, PLACES, SIGNS, SIZES, PRICES),
    st.tuples(st.just("open"), WHO, PLACES, SIGNS, SIZES, st.integers(0, 10**11)),
    st.tuples(st.just("close"), st.integers(0, 5)),
    st.tuples(st.just("reduce"), st.integers(0, 4), st.booleans()),
    st.tuples(st.just("restrict"), st.integers(0, 4), PLACES, st.booleans()),
    st.tuples(st.just("switch"), st.booleans(), st.integers(0, 12)),
    st.tuples(st.just("day"), st.integers(0, 4), st.integers(-(10**12), 10**12)),
    st.tuples(st.just("margin"), PLACES, st.integers(0, 10**6), st.sampled_from((0, 10**9))),
    st.tuples(
        st.just("ask"), WHO, PLACES, SIGNS, SIZES, PRICES,
        st.sampled_from((0, 10**10, 10**10 + 1, 3 * 10**12)), st.integers(0, 20_000),
        st.tuples(st.integers(0, 10**12), st.integers(0, 10**13), st.integers(-5, 10**13)),
        st.sampled_from((0, 10**8, 3 * 10**8, m.NS_PER_S, 5 * m.NS_PER_S)),
        st.one_of(st.just(FLAGS), st.integers(0, 511)),
    ),
)  # fmt: skip


class Pair:
    """Both gates, told the same."""

    def __init__(self, books: list[dict[str, int]], margined: bool) -> None:
        unset = dict.fromkeys(m.LIMITS, m.NO_LIMIT) | {"order_lots_min": 0, "order_notional_min": 0}
        self.gate = Gate(
            SPECS, account_limits={}, desk_limits=books[0], bounds=Bounds(messages_max=1_024)
        )
        named = (("account", "a"), ("account", "b"), ("strategy", "s"))
        for row, (kind, name) in enumerate(named, start=2):
            assert self.gate.row(kind, name) == row  # type: ignore[arg-type]  # kinds of scopes
            self.gate.set_limits(row, {**unset, **books[row - 1]})
        told = {0: books[0], 1: {}, 2: books[1], 3: books[2], 4: books[3]}
        self.plain = ReferenceGate(
            [spec.tick for spec in SPECS], [spec.lot for spec in SPECS],
            {row: {**unset, **own} for row, own in told.items()},
        )  # fmt: skip
        hub = self.gate.hub
        hub["settlements_pending_max"], hub["settlement_bps_max"] = 10, 100
        if margined:
            self.gate.on_margin(2, collateral=10**12)
            self.plain.margined[2] = 10**12
        self.now = 10**18
        self.numbers = 0

    def act(self, act: tuple[object, ...]) -> None:
        getattr(self, f"_{act[0]}")(*act[1:])
        self.plain.settle_peaks()

    def _mark(self, place: int, price: int) -> None:
        self.gate.mark(place, price)
        self.plain.marks[place] = price

    def _volume(self, place: int, volume: int) -> None:
        self.gate.state.markets[place]["volume"] = volume
        self.plain.volumes[place] = volume

    def _fill(self, who: tuple[int, int], place: int, sign: int, size: int, price: int) -> None:
        cash = -sign * (size * price // m.UNIT)
        self.gate.fill(*who, place, sign * size, cash)
        self.plain.trades.append(Trade(_books(who), place, sign * size, cash))

    def _open(self, who: tuple[int, int], place: int, sign: int, size: int, price: int) -> None:
        order_id = str(self.numbers % 6)
        self.numbers += 1
        self.gate.count(
            order_id, account=who[0], strategy=who[1], place=place, sign=sign, size=size,
            price=price,
        )  # fmt: skip
        self.plain.waiting[order_id] = Waiting(_books(who), place, sign, size, price)

    def _close(self, number: int) -> None:
        self.gate.forget(str(number))
        self.plain.waiting.pop(str(number), None)

    def _reduce(self, book: int, on: bool) -> None:
        self.gate.state.books[book]["reducing"] = on
        (self.plain.reducing.add if on else self.plain.reducing.discard)(book)

    def _restrict(self, book: int, place: int, on: bool) -> None:
        self.gate.restrict(book, [SPECS[place].instrument] if on else [])
        self.plain.restricted = {key for key in self.plain.restricted if key[0] != book}
        self.plain.restricted |= {(book, place)} if on else set()

    def _switch(self, on: bool, pending: int) -> None:
        self.gate.hub["kill_switch"], self.gate.hub["settlements_pending"] = on, pending
        self.plain.kill_switch, self.plain.pending = on, pending

    def _day(self, book: int, start: int) -> None:
        self.gate.state.books[book]["day_start"] = start
        self.plain.starts[book] = start

    def _margin(self, place: int, initial_ppm: int, premium: int) -> None:
        self.gate.margin_rate(place, initial_ppm=initial_ppm, premium=premium)
        self.plain.rates[place] = (initial_ppm, premium)
        if 2 in self.plain.margined:
            self.gate.on_margin(2, collateral=self.plain.margined[2])

    def _ask(  # noqa: PLR0917 - as they were drawn
        self, who: tuple[int, int], place: int, sign: int, quantity: int, price: int,
        reference: int, age_ms: int, numbers: tuple[int, int, int], later: int, said: int,
    ) -> None:  # fmt: skip
        self.now += later
        required, available, executes_at = numbers
        asked = Asked(
            account=who[0], strategy=who[1], place=place, sign=sign, quantity=quantity,
            price=price, notional=-(-quantity * price // m.UNIT), required=required,
            available=available, executes_at=max(0, executes_at), reference=reference,
            age_ms=age_ms, oracle=reference, oracle_bps=age_ms * 10**6, now_ns=self.now, said=said,
        )  # fmt: skip
        expected = self.plain.judge(asked)
        names = {"": "", "desk": "0", "account": str(who[0]), "strategy": str(who[1])}
        found = [
            (v.check, v.passed, v.value, v.limit, names[v.scope] if v.check != "restricted" else "")
            for v in self.gate.verdicts(asked)
            if v.check != "value_at_risk"
        ]
        assert found == expected


def _books(who: tuple[int, int]) -> tuple[int, ...]:
    return (0, *who) if who[1] >= 0 else (0, who[0])


@settings(max_examples=300, deadline=None)
@given(
    st.tuples(limits(complete=True), *[limits(complete=False)] * 3),
    st.booleans(),
    st.lists(ACTS, min_size=1, max_size=25),
)
def test_both_gates_say_the_same(
    books: tuple[dict[str, int], ...], margined: bool, acts: list[tuple[object, ...]]
) -> None:
    pair = Pair(list(books), margined)
    for act in acts:
        pair.act(act)


INT64 = st.integers(0, m.INT64_MAX)


@settings(max_examples=2_000, deadline=None)
@given(INT64, INT64)
@example(m.INT64_MAX, m.INT64_MAX)
@example(m.INT64_MAX, m.UNIT)
@example(2**58, 10**8 + 1)
def test_products_are_exact_or_refused(a: int, b: int) -> None:
    whole, rest = divmod(a * b, m.UNIT)
    assert try_product(a, b) == ((whole, rest) if whole <= m.INT64_MAX else (-1, 0))


@settings(max_examples=2_000, deadline=None)
@given(INT64, st.integers(1, m.INT64_MAX))
@example(m.INT64_MAX, 1)
@example(1, m.INT64_MAX)
@example(2**61, 2**61 + 1)
def test_shares_are_exact_or_saturated(part: int, whole: int) -> None:
    value, rest = divmod(part * m.BPS * m.UNIT, whole)
    found, exact = try_bps(part, whole)
    if part // whole >= m.INT64_MAX // (m.BPS * m.UNIT):
        assert (found, exact) == (m.INT64_MAX, False)
    else:
        assert (found, exact) == (value, rest == 0)


@settings(max_examples=1_000, deadline=None)
@given(
    st.integers(0, 10**13), st.integers(0, 10**13), st.integers(0, 10**7),
    st.sampled_from((0, 1, 10**6, 10**9, 10**12)),
)  # fmt: skip
def test_margins_are_exact_or_refused(size: int, price: int, initial: int, premium: int) -> None:
    plain = ReferenceGate([1], [1], {})
    plain.rates[0] = (initial, premium)
    found = try_margin(size, price, initial, premium)
    expected = plain.margin(0, 0, price, size)
    if found == m.INT64_MAX:
        root = isqrt(size * 10**4) + 1
        far = size * price // m.UNIT * 40 < m.INT64_MAX and root * premium < m.INT64_MAX // 2
        assert not far, "this could have been computed"
    else:
        assert found == expected
