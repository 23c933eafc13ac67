"""Random orders and markets: whatever comes, the books hold after every step."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantdesk.departments.trading import FeeSchedule, PlaceOrder, RiskLimits
from quantdesk.departments.trading.amending import check_amendable
from quantdesk.departments.trading.changes import Changes
from quantdesk.departments.trading.core import Core
from quantdesk.departments.trading.gating import OracleView
from quantdesk.departments.trading.ledger import USER
from quantdesk.departments.trading.orders import Amendment, OrderRecord
from quantdesk.departments.trading.states import FINAL, NEW, check_transition
from quantdesk.departments.trading.tickets import ticket_of
from quantdesk.kernel import Amount, Conflict, InvalidInput, ManualClock, Seam, mul_units

from .desk import NS, batch, caller, order, units

pytestmark = pytest.mark.spec("TRD-1", "TRD-3", "STD-7")

ACCOUNTS = ("alice", "bob")
FUNDS = {"USDC": units("3000"), "SOL": units("25")}

CENTS = st.integers(9_970, 10_030)
MILLIS = st.integers(1, 30_000)


def decimal(value: int, places: int) -> str:
    return str(Amount.from_units(value * 10 ** (8 - places)))


places = st.tuples(
    st.just("place"), st.sampled_from(ACCOUNTS), st.sampled_from(["buy", "sell"]), MILLIS,
    st.none() | CENTS, st.sampled_from([None, "IOC", "FOK"]),
)  # fmt: skip
cancels = st.tuples(st.just("cancel"), st.integers(0, 30))
quotes = st.tuples(st.just("quote"), CENTS, st.integers(1, 50), MILLIS, MILLIS)
trades = st.tuples(st.just("trade"), CENTS, MILLIS, st.sampled_from([1, -1]))
KINDS = st.sampled_from([
    "stop_market", "stop_limit", "market_if_touched", "limit_if_touched", "trailing_stop_market",
    "trailing_stop_limit",
])  # fmt: skip
conditionals = st.tuples(
    st.just("wait"), st.sampled_from(ACCOUNTS), st.sampled_from(["buy", "sell"]), MILLIS, KINDS,
    CENTS, CENTS, st.integers(1, 20), st.booleans(),
)  # fmt: skip
linked = st.tuples(
    st.just("bracket"), st.sampled_from(ACCOUNTS), st.sampled_from(["buy", "sell"]), MILLIS,
    st.none() | CENTS, st.integers(1, 30), st.integers(1, 30), st.sampled_from(["oco", "ouo"]),
)  # fmt: skip
amends = st.tuples(st.just("amend"), st.integers(0, 30), MILLIS, CENTS)
sweeps = st.tuples(st.just("cancel all"), st.sampled_from(ACCOUNTS))


ACTS = st.lists(
    st.one_of(quotes, places, places, cancels, trades), min_size=15, max_size=60
)  # fmt: skip
ALL_ACTS = st.lists(
    st.one_of(
        quotes, quotes, places, cancels, trades, conditionals, conditionals, linked, linked, amends,
        sweeps,
    ),
    min_size=15, max_size=60,
)  # fmt: skip


AGREES = OracleView(agrees=True)


def needed_of(records: list[OrderRecord]) -> int:
    """What open orders need of an asset: all that stand alone, and the dearest of each group."""
    groups = defaultdict[str, int](int)
    for record in records:
        key = record.ticket.group_id or record.order_id
        groups[key] = max(groups[key], record.needed())
    return sum(groups.values())


class Run:
    """A core, and all the rows that it ever gave."""

    def __init__(self) -> None:
        self.seam = Seam.replay(11, 1_000 * NS)
        limits = RiskLimits(orders_per_s_max=1_000, price_collar_bps=1_000)
        self.core = Core(self.seam, limits, FeeSchedule(maker_ppm=333, taker_ppm=777))
        self.rows = Changes()
        for account in ACCOUNTS:
            self.keep(self.core.open_account(account, FUNDS))
        self.placed: list[str] = []

    def keep(self, changes: Changes) -> None:
        self.rows.merge(changes)

    def step(self, act: tuple[object, ...]) -> None:  # noqa: C901 - one case an act
        clock = self.seam.clock
        assert isinstance(clock, ManualClock)
        clock.advance_to(clock.now_ns() + NS // 10)
        now_ns = clock.now_ns()
        match act:
            case ("place", str(account), str(side), int(millis), limit, time_in_force):
                request = order(
                    len(self.placed), side, decimal(millis, 3),
                    None if limit is None else decimal(limit, 2), time_in_force=time_in_force,
                )  # fmt: skip
                record, changes = self.core.arrive(ticket_of(request), caller(account), AGREES)
                self.placed.append(record.order_id)
                self.keep(changes)
            case ("cancel", int(index)) if index < len(self.placed):
                record = self.core.orders.get(self.placed[index])
                if record is not None and not record.final:
                    self.keep(self.core.cancel(record, "by its owner"))
            case ("wait", str(account), str(side), int(millis), str(kind), int(trigger), int(limit),
                  int(trail), bool(reduces)):  # fmt: skip
                more: dict[str, Any] = {"type": kind, "reduce_only": reduces}
                if "trailing" in kind:
                    more["trail"] = decimal(trail, 2)
                    if "limit" in kind:
                        more["limit_offset"] = decimal(trail, 2)
                else:
                    more["trigger_price"] = decimal(trigger, 2)
                    more["limit"] = decimal(limit, 2) if "limit" in kind else None
                self.place([order(len(self.placed), side, decimal(millis, 3), **more)], account)
            case ("bracket", str(account), str(side), int(millis), limit, int(far), int(near),
                  str(contingency)):  # fmt: skip
                self.place(self.bracket(side, millis, limit, far, near, contingency), account)
            case ("amend", int(index), int(millis), int(cents)) if index < len(self.placed):
                self.amend(index, millis, cents)
            case ("cancel all", str(account)):
                self.keep(self.core.cancel_all(account, "by its owner")[1])
            case ("quote", int(bid), int(spread), int(a), int(b)):
                row = (decimal(bid, 2), decimal(a, 3), decimal(bid + spread, 2), decimal(b, 3))
                self.keep(self.core.market(batch(now_ns, quotes=[row]))[0])
            case ("trade", int(price), int(size), int(side)):
                row = (decimal(price, 2), decimal(size, 3), side)
                self.keep(self.core.market(batch(now_ns, trades=[row]))[0])

    def place(self, requests: list[PlaceOrder], account: str) -> None:
        tickets = [ticket_of(request) for request in requests]
        self.core.check(tickets, account)
        records, changes = self.core.arrive_together(tickets, caller(account), AGREES)
        self.placed += [record.order_id for record in records]
        self.keep(changes)

    def bracket(  # noqa: PLR0917 - an act's columns
        self, side: str, millis: int, limit: int | None, far: int, near: int, contingency: str
    ) -> list[PlaceOrder]:
        first, sign = len(self.placed), 1 if side == "buy" else -1
        other, size = "sell" if side == "buy" else "buy", decimal(millis, 3)
        legs: dict[str, Any] = {
            "parent_id": first, "group_id": 10_000 + first, "contingency": contingency,
        }  # fmt: skip
        profit, stop = decimal(10_000 + sign * far, 2), decimal(10_000 - sign * near, 2)
        return [
            order(first, side, size, None if limit is None else decimal(limit, 2)),
            order(first + 1, other, size, profit, **legs),
            order(first + 2, other, size, type="stop_market", trigger_price=stop, **legs),
        ]

    def amend(self, index: int, millis: int, cents: int) -> None:
        record = self.core.orders.get(self.placed[index])
        if record is None or record.final:
            return
        shape, price = record.ticket.shape, int(Amount(decimal(cents, 2)).to_units())
        terms = Amendment(
            int(Amount(decimal(millis, 3)).to_units()),
            price if shape.limit else record.limit_price,
            price if shape.trigger and record.state == "waiting" else record.trigger_price,
        )
        try:
            check_amendable(record, terms)
        except (Conflict, InvalidInput):
            return
        self.keep(self.core.amend(record, terms, caller(record.account), AGREES)[1])

    def check(self) -> None:
        self.check_ledger()
        self.check_orders()
        self.check_events()

    def check_ledger(self) -> None:
        rows, totals = self.rows.ledger, defaultdict[str, int](int)
        balances = defaultdict[tuple[str, str], int](int)
        postings = defaultdict[tuple[str, str], int](int)
        for row in rows:
            totals[row.asset] += row.amount
            balances[row.account, row.asset] += row.amount
            postings[row.posting_id, row.asset] += row.amount
        assert not any(totals.values()), "debits equal credits"
        assert not any(postings.values())
        assert [row.entry_id for row in rows] == list(range(1, len(rows) + 1))
        for (account, asset), amount in balances.items():
            assert self.core.ledger.balance(account, asset) == amount
            assert amount >= 0 or not account.startswith(USER)

    def check_orders(self) -> None:
        filled, quote, fees = (defaultdict[str, int](int) for _ in range(3))
        bought = defaultdict[str, int](int)
        for fill in self.rows.fills:
            filled[fill.order_id] += fill.quantity
            quote[fill.order_id] += mul_units(fill.price, fill.quantity)
            fees[fill.order_id] += fill.fee
            bought[fill.account] += fill.quantity * (1 if fill.side == "buy" else -1)
        for record in self.core.orders:
            assert record.filled == filled[record.order_id] <= record.quantity
            assert record.filled_quote == quote[record.order_id]
            assert record.fees == fees[record.order_id]
            assert not record.final or record.held == 0, "a finished order holds nothing"
            settled = sum(row.base for row in record.settlements)
            assert settled == record.filled, "each fill is settled, once"
        for name, account in self.core.accounts.items():
            open_orders = [r for r in self.core.orders if r.account == name and not r.final]
            assert sorted(account.open_orders) == sorted(r.order_id for r in open_orders)
            for asset in FUNDS:
                held = needed_of([r for r in open_orders if r.hold_asset == asset])
                assert account.held.get(asset, 0) == held
                assert held <= self.core.ledger.balance(USER + name, asset)
            holding = account.holdings.get("SOL-USDC")
            assert (holding.quantity if holding else 0) == bought[name]
            base = self.core.ledger.balance(USER + name, "SOL")
            assert base - FUNDS["SOL"] == bought[name]
        assert self.core.open_orders == sum(not r.final for r in self.core.orders)

    def check_events(self) -> None:
        states: dict[str, str] = {}
        for number, event in enumerate(self.rows.events, 1):
            assert event.sequence == number
            before = states.get(event.order_id, NEW)
            assert before not in FINAL
            if event.event == "amended":
                continue
            assert event.event == event.state
            check_transition(before, event.state)
            states[event.order_id] = event.state
        assert states == {record.order_id: record.state for record in self.core.orders}


@settings(max_examples=150, deadline=None, database=None)
@given(ACTS)
def test_the_books_hold_after_every_step(acts: list[tuple[object, ...]]) -> None:
    run = Run()
    run.step(("quote", 10_000, 2, 5_000, 5_000))
    for act in acts:
        run.step(act)
        run.check()
    for index in range(len(run.placed)):
        run.step(("cancel", index))
    run.check()
    for account in run.core.accounts.values():
        assert not any(account.held.values()), "everything held is released"


@settings(max_examples=150, deadline=None, database=None)
@given(ALL_ACTS)
def test_the_books_hold_with_every_type_of_order(acts: list[tuple[object, ...]]) -> None:
    """Waiting, trailing, linked and amended orders; none ever spends what is not there."""
    run = Run()
    run.step(("quote", 10_000, 2, 5_000, 5_000))
    for act in acts:
        run.step(act)
        run.check()
    for name in ACCOUNTS:
        run.step(("cancel all", name))
    run.check()
    for account in run.core.accounts.values():
        assert not any(account.held.values()), "everything held is released"
        assert not account.groups
    assert not run.core.booking.children
    assert not run.core.booking.live
