"""Matching against a live book, held against a plain reference in exact Decimals."""

from __future__ import annotations

import itertools
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantdesk.departments.ingestion import MarketBatch
from quantdesk.departments.trading import FeeSchedule, RiskLimits
from quantdesk.departments.trading.book import Books
from quantdesk.departments.trading.config import PaperModel, QueueModel
from quantdesk.departments.trading.core import Core
from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine.model import LEVELS_WALKED_MAX
from quantdesk.departments.trading.gating import OracleView
from quantdesk.departments.trading.orders import OrderRecord, new_record
from quantdesk.departments.trading.paper import PaperVenue
from quantdesk.departments.trading.tickets import Ticket, ticket_of
from quantdesk.kernel import UNIT, Amount, ManualClock, Seam, mul_units, spec_of

from .desk import FUNDS, NS, batch, caller, order, units

pytestmark = pytest.mark.spec("TRD-1", "GW-5")

SPEC = spec_of("SOL-USDC")
TICK, LOT = Decimal("0.01"), Decimal("0.001")
AGREES = OracleView(agrees=True)


def reference_walk(  # noqa: PLR0917 - a table row's columns
    side: str,
    kind: str,
    time_in_force: str,
    quantity: Decimal,
    limit: Decimal | None,
    levels: list[tuple[Decimal, Decimal]],
) -> tuple[list[tuple[Decimal, Decimal]], Decimal]:
    """The rules of the paper venue, as plainly as they can be written: fills, and what is left."""
    fills: list[tuple[Decimal, Decimal]] = []
    left, last = quantity, None
    for price, size in levels:
        if limit is not None and (price > limit if side == "buy" else price < limit):
            break
        last = price
        taken = min(left, size // LOT * LOT)
        if taken > 0:
            fills.append((price, taken))
            left -= taken
    if time_in_force == "FOK" and left:
        return [], quantity
    if kind == "market" and left and last is not None and time_in_force == "IOC":
        worse = last + TICK if side == "buy" else last - TICK
        if worse > 0:
            return [*fills, (worse, left)], Decimal(0)
    return fills, left


class Shown:
    """A venue that shows these levels of the side that an order takes from, best first."""

    def __init__(self, side: str, levels: list[tuple[int, int]]) -> None:
        self.venue = PaperVenue(FeeSchedule(), PaperModel(), accounts_max=1)
        self.venue.open_account("alice")
        events = np.zeros(len(levels), m.EVENT)
        events["ts"], events["kind"], events["side"] = 1, m.LEVEL, -1 if side == "buy" else 1
        events["price"] = [price for price, _ in levels]
        events["size"] = [size for _, size in levels]
        self.venue.play("SOL-USDC", events)

    def take(self, ticket: Ticket) -> tuple[list[tuple[int, int]], str]:
        """(price, quantity) of the fills, and the state after them. A preview tells the same."""
        before = self.venue.preview(ticket, quantity=ticket.quantity, price=ticket.limit_price)
        record = new_record(
            ticket, SPEC, FeeSchedule(), account="alice", placed_by="alice", sequence=1, now_ns=1
        )
        self.venue.send(record)
        self.venue.settle("SOL-USDC")
        reports = self.venue.take()
        fills = [(report.price, report.quantity) for report in reports if report.is_fill]
        assert before.filled == sum(quantity for _, quantity in fills)
        assert before.paid == sum(mul_units(price, quantity) for price, quantity in fills)
        assert before.worst_price == (fills[-1][0] if fills else 0)
        return fills, reports[-1].state_name


@st.composite
def ladders(draw: st.DrawFn, side: str) -> list[tuple[Decimal, Decimal]]:
    """Levels that an order of `side` meets, best first."""
    steps = draw(st.lists(st.integers(1, 30), min_size=1, max_size=12))
    sizes = draw(st.lists(st.integers(1, 50_000), min_size=len(steps), max_size=len(steps)))
    price = draw(st.integers(500, 20_000))
    levels = []
    for step, size in zip(steps, sizes, strict=True):
        levels.append((price * TICK, size * LOT / 10))  # sizes may be off the lot grid
        price += step if side == "buy" else -step
        if price <= 0:
            break
    return levels


@pytest.mark.spec("STD-7")
@settings(max_examples=200, deadline=None, database=None)
@given(data=st.data())
def test_walking_the_book_is_as_the_reference_has_it(data: st.DataObject) -> None:
    side = data.draw(st.sampled_from(["buy", "sell"]))
    levels = data.draw(ladders(side))
    kind = data.draw(st.sampled_from(["market", "limit"]))
    time_in_force = data.draw(
        st.sampled_from(["IOC", "FOK"] if kind == "market" else ["GTC", "IOC", "FOK"])
    )
    quantity = data.draw(st.integers(1, 60_000)) * LOT
    limit = None
    if kind == "limit":
        limit = max(TICK, levels[0][0] + data.draw(st.integers(-40, 200)) * TICK)
    ticket = ticket_of(
        order(1, side, str(quantity), None if limit is None else str(limit),
              time_in_force=time_in_force)
    )  # fmt: skip
    shown = [(units(str(p)), units(str(s))) for p, s in levels]
    taken, state = Shown(side, shown).take(ticket)
    fills, left = reference_walk(side, kind, time_in_force, quantity, limit, levels)
    assert [(Amount.from_units(p), Amount.from_units(q)) for p, q in taken] == fills
    rests = "partially_filled" if fills else "accepted"
    assert state == ("filled" if not left else rests if time_in_force == "GTC" else "expired")


def test_prices_off_the_grid_are_rounded_against_the_taker() -> None:
    buy, sell = ticket_of(order(1, "buy", "1")), ticket_of(order(1, "sell", "1"))
    off = [(units("150.001"), units("5"))]
    assert Shown("buy", off).take(buy)[0] == [(units("150.01"), UNIT)]
    assert Shown("sell", off).take(sell)[0] == [(units("150"), UNIT)]


def test_a_walk_ends_after_so_many_levels() -> None:
    levels = [(units("150") + i * SPEC.tick, UNIT) for i in range(LEVELS_WALKED_MAX + 1)]
    whole = ticket_of(order(1, "buy", str(LEVELS_WALKED_MAX + 1)))
    fills, state = Shown("buy", levels).take(whole)
    assert (len(fills), state) == (LEVELS_WALKED_MAX + 1, "filled")
    beyond = levels[LEVELS_WALKED_MAX - 1][0] + SPEC.tick
    assert fills[-1] == (beyond, UNIT), "the last one a tick worse, whatever the next level is"


def test_a_sell_finds_nothing_below_a_price_of_one_tick() -> None:
    ticket = ticket_of(order(1, "sell", "3"))
    assert Shown("sell", [(SPEC.tick, UNIT)]).take(ticket) == ([(SPEC.tick, UNIT)], "expired")


# The book


def test_levels_that_the_best_quote_contradicts_are_passed_over() -> None:
    market = Market()
    market.show(
        quotes=[("100", "1", "101", "2")],
        levels=[(-1, "100.5", "9"), (-1, "101", "9"), (-1, "103", "4"), (-1, "102", "3"),
                (-1, "104", "5"), (-1, "104", "0"), (1, "99", "7"), (1, "100.2", "7")],
    )  # fmt: skip
    levels = market.core.venue.levels
    whole = [(p // UNIT, s // UNIT) for p, s in levels("SOL-USDC", bids=False)]
    assert whole == [(101, 2), (102, 3), (103, 4)]
    assert [(p // UNIT, s // UNIT) for p, s in levels("SOL-USDC", bids=True)] == [(100, 1), (99, 7)]


def test_another_venues_depth_is_forgotten() -> None:
    market = Market()
    market.show(quotes=[("100", "1", "101", "2")], levels=[(-1, "103", "4"), (1, "99", "7")])
    market.now_ns += 60 * NS
    market.clock.advance_to(market.now_ns)
    market.take(batch(market.now_ns, quotes=[("98", "1", "99.5", "2")], venue="coinbase"))
    assert market.core.venue.levels("SOL-USDC", bids=False) == [(units("99.5"), units("2"))]
    assert market.core.venue.levels("SOL-USDC", bids=True) == [(units("98"), units("1"))]


def test_a_book_stays_with_its_venue_until_that_is_silent() -> None:
    books = Books()

    def show(now_ns: int, venue: str, bid: str, ask: str) -> None:
        seen = batch(now_ns, quotes=[(bid, "1", ask, "1")], venue=venue)
        for piece in books.slices(seen):
            piece.book.take(piece.quotes)

    show(10 * NS, "simulated", "100", "101")
    show(11 * NS, "coinbase", "200", "201")
    assert books["SOL-USDC"].mid == units("100.5")
    show(15 * NS + 1, "coinbase", "200", "201")
    assert (books["SOL-USDC"].mid, books["SOL-USDC"].venue_name) == (units("200.5"), "coinbase")


@pytest.mark.parametrize("bad", [("0", "1", "101", "1"), ("101", "1", "101", "1"),
                                 ("102", "1", "101", "1"), ("100", "-1", "101", "1")])  # fmt: skip
def test_quotes_that_cannot_be_are_not_taken(bad: tuple[str, str, str, str]) -> None:
    books = Books()
    for rows in ([("100", "1", "101", "1")], [bad]):
        for piece in books.slices(batch(1, quotes=rows)):
            piece.book.take(piece.quotes)
    assert books["SOL-USDC"].mid == units("100.5")


# Resting orders


class Market:
    """A core with alice in it, and a clock."""

    def __init__(self, queue: QueueModel = "none") -> None:
        self.clock = ManualClock(1_000 * NS)
        self.seam = Seam.replay(3, 1_000 * NS)
        self.seam.clock = self.clock
        limits = RiskLimits(reference_age_ms_max=86_400_000, orders_per_s_max=1_000)
        self.core = Core(
            self.seam, limits, FeeSchedule(maker_ppm=200, taker_ppm=500), PaperModel(queue=queue)
        )
        self.core.open_account("alice", FUNDS)
        self.now_ns = self.clock.now_ns()
        self.show(quotes=[("100", "5", "101", "5")])

    def show(self, **rows: object) -> list[tuple[int, str, str]]:
        """Fills of (order sequence, price, quantity) that the market brings a second later."""
        self.now_ns += NS
        self.clock.advance_to(self.now_ns)
        return self.take(batch(self.now_ns, **rows))

    def take(self, seen: MarketBatch) -> list[tuple[int, str, str]]:
        changes, _ = self.core.market(seen)
        sequence = {record.order_id: record.sequence for record in self.core.orders}
        return [
            (sequence[row.order_id], str(Amount.from_units(row.price)),
             str(Amount.from_units(row.quantity)))
            for row in changes.fills
        ]  # fmt: skip

    def rest(self, number: int, side: str, quantity: str, limit: str) -> OrderRecord:
        ticket = ticket_of(order(number, side, quantity, limit))
        record, _ = self.core.arrive(ticket, caller(), AGREES)
        assert record.state == "accepted", record.reason
        return record


def test_quoted_through_fills_completely_at_its_own_price() -> None:
    market = Market()
    market.rest(1, "buy", "50", "99.5")
    assert market.show(quotes=[("99", "1", "99.49", "1")]) == [(1, "99.5", "50")]


def test_only_reached_fills_what_is_shown_in_price_time_priority() -> None:
    market = Market()
    market.rest(1, "buy", "2", "99.5")
    market.rest(2, "buy", "4", "99.5")
    market.rest(3, "buy", "1", "99.6")
    market.rest(4, "buy", "1", "99.4")
    shown = market.show(quotes=[("99", "1", "99.5", "3.0005")])
    assert shown == [(3, "99.6", "1"), (1, "99.5", "2"), (2, "99.5", "1")]
    assert market.show(quotes=[("98", "1", "99.5", "3.0005")]) == [], "the same ask again"
    assert market.show(quotes=[("98", "1", "99.5", "9")]) == [(2, "99.5", "3")]


def test_trades_reach_the_orders_that_they_would_have_met() -> None:
    market = Market()
    market.rest(1, "buy", "5", "99.5")
    market.rest(2, "sell", "5", "101.5")
    assert market.show(trades=[("99.5", "2", 1), ("101.5", "2", -1)]) == [], "the other side"
    assert market.show(trades=[("99.5", "2", -1)]) == [(1, "99.5", "2")]
    assert market.show(trades=[("101.5", "1", 1)]) == [(2, "101.5", "1")]
    assert market.show(trades=[("99.4", "0.1", -1)]) == [(1, "99.5", "3")], "traded through"
    assert market.show(trades=[("101.6", "0.1", 1)]) == [(2, "101.5", "4")]


def test_a_queue_stands_before_an_order_that_joins_a_level() -> None:
    market = Market("risk_averse")
    market.rest(1, "buy", "5", "100")  # behind the 5 that are shown there
    market.rest(2, "buy", "5", "100.5")  # the first at its price
    market.rest(3, "buy", "5", "99")  # how much stands there is not known
    assert market.show(trades=[("100.5", "1", -1)]) == [(2, "100.5", "1")]
    assert market.show(trades=[("100", "3", -1)]) == [(2, "100.5", "4")], "traded through"
    assert market.show(trades=[("100", "3", -1)]) == [(1, "100", "1")], "3 + 3 are 1 beyond the 5"
    assert market.show(trades=[("99", "50", -1)]) == [(1, "100", "4")]


def test_market_data_from_before_an_order_does_not_fill_it() -> None:
    market = Market()
    market.rest(1, "buy", "1", "99.5")
    late = batch(market.now_ns - 1, quotes=[("99", "1", "99.1", "1")])
    assert market.take(late) == []
    assert market.show(quotes=[("99", "1", "99.2", "1")]) == [(1, "99.5", "1")]


def test_what_a_limit_order_takes_at_once_and_what_rests() -> None:
    market = Market()
    ticket = ticket_of(order(1, "buy", "8", "101"))
    record, changes = market.core.arrive(ticket, caller(), AGREES)
    assert (record.state, record.remaining) == ("partially_filled", 3 * UNIT)
    assert [row.liquidity for row in changes.fills] == ["taker"]
    market.show(quotes=[("100", "5", "101", "6")])
    assert record.state == "filled"
    taker, maker = units("505") * 500 // 10**6, units("303") * 200 // 10**6
    assert record.fees == taker + maker


@settings(max_examples=200, deadline=None, database=None)
@given(data=st.data())
def test_how_data_is_batched_does_not_change_what_fills(data: st.DataObject) -> None:
    """The same quotes and trades in one batch, or in many."""
    prices = st.integers(9_900, 10_200)
    sizes = st.integers(1, 4_000)
    rows = data.draw(
        st.lists(st.tuples(st.booleans(), prices, st.integers(1, 60), sizes, sizes), max_size=25)
    )
    orders = data.draw(
        st.lists(
            st.tuples(st.sampled_from(["buy", "sell"]), st.integers(1, 300), sizes),
            min_size=1, max_size=6,
        )
    )  # fmt: skip
    cuts = data.draw(st.sets(st.integers(1, max(1, len(rows) - 1))))

    def run(cuts: set[int]) -> list[tuple[int, str, str]]:
        market = Market()
        for number, (side, away, size) in enumerate(orders):
            price = 10_000 - away if side == "buy" else 10_100 + away
            market.rest(number, side, str(size * LOT), str(price * TICK))
        start, filled = market.now_ns, []
        edges = sorted({0, *(cut for cut in cuts if cut < len(rows)), len(rows)})
        for first, last in itertools.pairwise(edges):
            quotes, trades, quote_ns, trade_ns = [], [], [], []
            for index in range(first, last):
                is_trade, price, spread, a, b = rows[index]
                at_ns = start + (index + 1) * NS
                if is_trade:
                    trades.append((str(price * TICK), str(a * LOT), 1 if b % 2 else -1))
                    trade_ns.append(at_ns)
                else:
                    ask = (price + spread) * TICK
                    quotes.append((str(price * TICK), str(a * LOT), str(ask), str(b * LOT)))
                    quote_ns.append(at_ns)
            now_ns = start + last * NS
            market.clock.advance_to(now_ns)
            seen = batch(now_ns, quotes=quotes, trades=trades)
            seen.quotes["received_ns"], seen.trades["received_ns"] = quote_ns, trade_ns
            filled += market.take(seen)
        return filled

    # Within one batch an order's fills come together, so compare them order by order.
    assert sorted(run(cuts), key=lambda fill: fill[0]) == sorted(
        run(set()), key=lambda fill: fill[0]
    )
