"""Orders through the door: placed once, seen by their owner, told in full, published."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest
from msgspec.structs import replace

from quantdesk.departments.trading import (
    CancelOrder,
    Fill,
    FillsQuery,
    GetOrder,
    LedgerQuery,
    OnMarket,
    OpenTradingAccount,
    Order,
    OrdersQuery,
    PositionsQuery,
    SettlementChange,
    SettlePending,
    WatchOrders,
)
from quantdesk.departments.trading.changes import Changes
from quantdesk.departments.trading.department import FUNDING_UNITS_MAX
from quantdesk.departments.trading.shelf import Shelf
from quantdesk.kernel import Amount, Conflict, InvalidInput, NotFound, RiskRefused, Seam, decode
from quantdesk.services.event import RING_EVENTS_MAX, Event, Subscribe

from .desk import FUNDS, Desk, batch, open_desk, order, units
from .test_states import record

pytestmark = pytest.mark.spec("TRD-1", "GW-5")


async def test_a_market_order_walks_the_book_and_settles(desk: Desk) -> None:
    await desk.quote(levels=[(-1, "150.02", "5"), (-1, "150.05", "1")])
    placed = await desk.door().place_order(order(1, "buy", "17"))
    assert placed.state == "filled"
    # 10 at the best quote, 5 and 1 deeper, and the last one a tick beyond the known book.
    fills = (await desk.door().list_fills(FillsQuery())).fills
    assert [(str(f.price), str(f.quantity)) for f in fills[::-1]] == [
        ("150.01", "10"), ("150.02", "5"), ("150.05", "1"), ("150.06", "1"),
    ]  # fmt: skip
    assert str(placed.average_price) == "150.01823529"
    assert placed.fees == sum(f.fee for f in fills) == Amount("1.275155")
    assert placed.arrival_price == 150
    assert [s.state for s in placed.settlements] == ["pending"]
    settled = await desk.own.settle_pending(SettlePending())
    assert settled.confirmed == (placed.order_id,)
    now = await desk.door().get_order(GetOrder(order_id=placed.order_id))
    (settlement,) = now.settlements
    assert settlement.state == "confirmed"
    assert settlement.signature
    assert settlement.oracle_price == 150


@pytest.mark.spec("NEW-4")
async def test_the_story_of_an_order(desk: Desk) -> None:
    placed = await desk.door().place_order(order(1, "sell", "2"))
    story = await desk.door().get_order_story(GetOrder(order_id=placed.order_id))
    assert story.order.order_id == placed.order_id
    assert len(story.checks) == 33
    assert all(check.passed for check in story.checks)
    assert story.route["market"] == "simulated"
    assert story.route["bid"] == "149.99 × 10"
    assert story.route["oracle"].startswith("150 ± 0.01")
    assert "pyth-local" in story.route["oracle"]
    assert [str(fill.price) for fill in story.fills] == ["149.99"]
    assert [(e.account, e.asset, str(e.amount), e.reason) for e in story.ledger] == [
        ("user/alice", "SOL", "-2", "trade"),
        ("venue/paper", "SOL", "2", "trade"),
        ("user/alice", "USDC", "299.98", "trade"),
        ("venue/paper", "USDC", "-299.98", "trade"),
        ("user/alice", "USDC", "-0.14999", "fee"),
        ("fees/desk", "USDC", "0.14999", "fee"),
    ]


@pytest.mark.parametrize("number", ["1", "20000"], ids=["accepted", "refused"])
async def test_64_at_once_are_one_order_and_get_one_answer(desk: Desk, number: str) -> None:
    door, request = desk.door(), order(1, "buy", number)
    answers = await asyncio.gather(
        *(door.place_order(request) for _ in range(64)), return_exceptions=True
    )
    told = {answer.detail["balance"] if isinstance(answer, RiskRefused) else str(answer)
            for answer in answers}  # fmt: skip
    assert len(told) == 1
    assert len((await door.list_orders(OrdersQuery())).orders) == 1
    assert len((await door.list_fills(FillsQuery())).fills) == (number == "1")
    assert desk.department._core.order_sequence == 1


async def test_sent_again_it_is_the_order_as_it_is_now(
    desk: Desk, tmp_path: Path, seam: Seam
) -> None:
    door, limit = desk.door(), order(1, limit="149")
    first = await door.place_order(limit)
    assert first.state == "accepted"
    await desk.quote("148.5", "148.6")
    again = await door.place_order(limit)
    assert (again.order_id, again.state) == (first.order_id, "filled")
    with pytest.raises(RiskRefused) as refused:
        await door.place_order(order(2, "buy", "1000000"))
    await desk.close()
    restarted = await open_desk(tmp_path / "desk.sqlite", seam)
    door = restarted.door()
    assert await door.place_order(limit) == again
    with pytest.raises(RiskRefused) as refused_again:
        await door.place_order(order(2, "buy", "1000000"))
    assert refused_again.value.detail == refused.value.detail
    assert restarted.department._core.order_sequence == 2
    await restarted.close()


@pytest.mark.parametrize("differs", [{"side": "sell"}, {"quantity": "2"}, {"limit": "149.9"}])
async def test_another_order_under_the_same_id_is_a_conflict(
    desk: Desk, differs: dict[str, str]
) -> None:
    door = desk.door()
    await door.place_order(order(1))
    with pytest.raises(Conflict):
        await door.place_order(order(1, **differs))
    together = await asyncio.gather(
        door.place_order(order(2)), door.place_order(order(2, **differs)), return_exceptions=True
    )
    assert [type(answer) for answer in together] == [Order, Conflict]


async def test_an_account_never_meets_anothers_order(desk: Desk) -> None:
    await desk.open_account("bob")
    mine = await desk.door().place_order(order(1, limit="149"))
    bob = desk.door("bob")
    with pytest.raises(Conflict):
        await bob.place_order(order(1, limit="149"))
    for act in (bob.get_order, bob.get_order_story):
        with pytest.raises(NotFound):
            await act(GetOrder(order_id=mine.order_id))
    with pytest.raises(NotFound):
        await bob.cancel_order(CancelOrder(order_id=mine.order_id))
    assert (await bob.list_orders(OrdersQuery())).orders == []
    assert (await bob.list_fills(FillsQuery(order_id=mine.order_id))).fills == []
    assert (await bob.get_ledger(LedgerQuery(order_id=mine.order_id))).entries == []
    seen = await desk.door("risk", "risk.manage").get_order(GetOrder(order_id=mine.order_id))
    assert seen.account == "alice"


async def test_cancelling_releases_what_was_held_and_ends_there(desk: Desk) -> None:
    door = desk.door()
    placed = await door.place_order(order(1, "buy", "15", "150.01"))
    assert (placed.state, placed.filled_quantity) == ("partially_filled", 10)
    assert (await door.get_positions(PositionsQuery())).held == {"USDC": Amount("750.425025")}
    cancelled = await door.cancel_order(CancelOrder(order_id=placed.order_id))
    assert (cancelled.state, cancelled.reason) == ("cancelled", "by alice")
    assert (await door.get_positions(PositionsQuery())).held == {}
    again = await door.cancel_order(CancelOrder(order_id=placed.order_id))
    assert again == cancelled
    assert (await desk.quote("140", "141")).filled == ()


async def test_a_cancel_waits_for_its_order_to_be_placed(desk: Desk) -> None:
    door = desk.door()
    placed, cancelled = await asyncio.gather(
        door.place_order(order(1, limit="149")),
        door.cancel_order(CancelOrder(order_id=order(1).order_id)),
    )
    assert (placed.state, cancelled.state) == ("accepted", "cancelled")


async def test_a_caller_who_gives_up_leaves_no_half_order(desk: Desk) -> None:
    task = asyncio.create_task(desk.door().place_order(order(1)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await desk.door().place_order(order(1))).state == "filled"
    assert len((await desk.door().list_fills(FillsQuery())).fills) == 1


@pytest.mark.parametrize(
    ("time_in_force", "limit", "state", "filled"),
    [("IOC", "150.01", "expired", "10"), ("IOC", "149", "expired", "0"),
     ("FOK", "150.01", "expired", "0"), ("FOK", None, "expired", "0"),
     ("GTC", "150.01", "partially_filled", "10"), (None, None, "filled", "15")],
)  # fmt: skip
async def test_times_in_force(
    desk: Desk, time_in_force: str | None, limit: str | None, state: str, filled: str
) -> None:
    placed = await desk.door().place_order(
        order(1, "buy", "15", limit, time_in_force=time_in_force)
    )
    assert (placed.state, str(placed.filled_quantity)) == (state, filled)
    held = (await desk.door().get_positions(PositionsQuery())).held
    assert bool(held) == (state == "partially_filled")


async def test_lists_are_newest_first_and_bounded(desk: Desk) -> None:
    door = desk.door()
    for number in range(4):
        await door.place_order(order(number, limit="149" if number % 2 else None))
    listed = (await door.list_orders(OrdersQuery(limit=3))).orders
    assert [o.order_id for o in listed] == [order(n).order_id for n in (3, 2, 1)]
    still_open = (await door.list_orders(OrdersQuery(state="accepted"))).orders
    assert [o.order_id for o in still_open] == [order(n).order_id for n in (3, 1)]
    filled = (await door.list_orders(OrdersQuery(state="filled"))).orders
    assert all(o.settlements for o in filled)


async def test_the_ledger_page_shows_whole_postings(desk: Desk) -> None:
    door = desk.door()
    for number in range(3):
        await door.place_order(order(number))
    page = await door.get_ledger(LedgerQuery(limit=16))
    assert page.balanced
    assert page.entries_total == 24 + 18
    assert [e.entry_id for e in page.entries] == list(range(42, 30, -1)), "not four of a third"
    sums: dict[tuple[object, str], Amount] = {}
    for entry in page.entries:
        key = (entry.posting_id, entry.asset)
        sums[key] = sums.get(key, Amount(0)) + entry.amount
    assert not any(sums.values())
    one = await door.get_ledger(LedgerQuery(order_id=order(1).order_id))
    assert [e.entry_id for e in one.entries] == list(range(36, 30, -1))
    assert len((await door.get_ledger(LedgerQuery(limit=2))).entries) == 2


@pytest.mark.spec("ANA-4")
async def test_positions_and_equity(desk: Desk) -> None:
    door = desk.door()
    before = await door.get_positions(PositionsQuery())
    assert before.equity == 2_000_000 + 1_000 * 150, "what has no quote yet counts nothing"
    await door.place_order(order(1, "buy", "10"))
    await desk.quote("159.99", "160.01")
    after = await door.get_positions(PositionsQuery())
    (position,) = after.positions
    assert (position.quantity, position.average_price, position.mark_price) == (
        10, Amount("150.01"), 160,
    )  # fmt: skip
    assert position.unrealized_pnl == Amount("99.9")
    assert after.equity == Amount("2000000") - Amount("1500.1") - position.fees + 1_010 * 160
    await door.place_order(order(2, "sell", "10"))
    (flat,) = (await door.get_positions(PositionsQuery())).positions
    assert (flat.quantity, flat.average_price, flat.realized_pnl) == (0, None, Amount("99.8"))
    await desk.quote("59999", "60001", instrument="BTC-USDT")
    marked = await door.get_positions(PositionsQuery())
    assert marked.equity_asset == "USDC"
    dollars = marked.balances["USDC"] + marked.balances["USDT"]
    assert marked.equity == dollars + 1_000 * 160 + 10 * 60_000


async def test_a_recommended_order_says_so(desk: Desk) -> None:
    advised = replace(order(1), recommendation_id=order(99).order_id)
    placed = await desk.door().place_order(advised)
    assert placed.recommendation_id == order(99).order_id


@pytest.mark.spec("FE-3")
async def test_news_is_published_once_it_is_durable(desk: Desk) -> None:
    heard: dict[str, list[Event]] = {"orders": [], "fills": [], "settlements": []}

    async def listen(topic: str) -> None:
        async for event in desk.events.subscribe(Subscribe(topic=topic)):
            stored = await desk.door().list_orders(OrdersQuery())
            assert stored.orders, "whoever hears of it can read it"
            heard[topic].append(event)

    listeners = [asyncio.create_task(listen(topic)) for topic in heard]
    await asyncio.sleep(0)
    await desk.door().place_order(order(1, "buy", "12"))
    await desk.own.settle_pending(SettlePending())
    await asyncio.sleep(0)
    for listener in listeners:
        listener.cancel()
    await asyncio.gather(*listeners, return_exceptions=True)
    orders = [decode(event.payload, Order) for event in heard["orders"]]
    assert [(o.state, o.settlements[0].state) for o in orders] == [
        ("filled", "pending"), ("filled", "confirmed"),
    ]  # fmt: skip
    assert [str(decode(event.payload, Fill).quantity) for event in heard["fills"]] == ["10", "2"]
    changes = [decode(event.payload, SettlementChange) for event in heard["settlements"]]
    assert [change.settlement.state for change in changes] == ["pending", "confirmed"]


async def test_watching_shows_ones_own_orders_as_they_change(desk: Desk) -> None:
    await desk.open_account("bob")
    seen: list[tuple[str, str]] = []

    async def watch() -> None:
        async with aclosing(desk.door().watch_orders(WatchOrders())) as stream:
            async for change in stream:
                seen.append((change.account, change.state))  # noqa: PERF401 - read while it fills

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0)
    await desk.door("bob").place_order(order(1))
    await desk.door().place_order(order(2, limit="149"))
    await desk.quote("148", "148.5")
    await asyncio.sleep(0)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert seen == [("alice", "accepted"), ("alice", "filled")]


async def test_a_watcher_that_fell_behind_is_caught_up_from_the_journal(desk: Desk) -> None:
    stream = desk.door().watch_orders(WatchOrders())
    first = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    await desk.door().place_order(order(1, limit="149"))
    assert (await first).state == "accepted"
    await desk.quote("148", "148.5")
    with pytest.raises(RiskRefused):
        await desk.door().place_order(order(2, "buy", "1", "170"))
    for _ in range(RING_EVENTS_MAX):
        await desk.department._journal.submit(_again(desk))
    caught_up = [await anext(stream), await anext(stream)]
    assert [o.state for o in caught_up] == ["filled", "rejected"]
    await stream.aclose()


def _again(desk: Desk) -> Changes:
    """Changes that say of the refused order once more what is known of it."""
    record = desk.department._core.orders.get(str(order(2).order_id))
    assert record is not None
    changes = Changes()
    changes.order(record)
    return changes


async def test_opening_an_account_again_changes_nothing(desk: Desk) -> None:
    for _ in range(2):
        again = await desk.own.open_account(OpenTradingAccount(account="alice", funding=FUNDS))
        assert not again.new
    together = await asyncio.gather(
        *(desk.own.open_account(OpenTradingAccount(account="carol", funding=FUNDS))
          for _ in range(5))
    )  # fmt: skip
    assert sum(account.new for account in together) == 1
    balances = (await desk.door("carol").get_positions(PositionsQuery())).balances
    assert balances["USDC"] == 1_000_000


@pytest.mark.parametrize(
    ("asset", "amount"), [("DOGE", 1), ("USDC", -100), ("USDC", 1), ("SOL", FUNDING_UNITS_MAX + 1)]
)
async def test_funds_that_cannot_be_given_are_refused(desk: Desk, asset: str, amount: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        await desk.own.open_account(OpenTradingAccount(account="dave", funding={asset: amount}))
    assert refused.value.where == f"/funding/{asset}"
    assert (await desk.door().get_ledger(LedgerQuery())).entries_total == 24


async def test_on_market_tells_what_it_filled(desk: Desk) -> None:
    placed = await desk.door().place_order(order(1, "buy", "2", "150"))
    part = batch(desk.advance(1), trades=[("150", "1", -1)])
    assert (await desk.own.on_market(OnMarket(batch=part))).filled == ()
    whole = batch(desk.advance(1), trades=[("149.4", "1", -1)])
    assert (await desk.own.on_market(OnMarket(batch=whole))).filled == (placed.order_id,)
    done = await desk.door().get_order(GetOrder(order_id=placed.order_id))
    assert [s.state for s in done.settlements] == ["pending", "pending"]
    assert done.fees == units("300") * 200 // 10**6 / Amount(10**8)


def test_finished_orders_leave_memory_but_are_never_forgotten() -> None:
    shelf = Shelf(finished_kept_max=2)
    for number in (5, 3, 4):
        made = record()
        made.ticket = replace(made.ticket, order_id=str(order(number).order_id))
        shelf.finish(made)
    assert len(shelf) == 2
    assert str(order(5).order_id) not in shelf
    assert shelf.may_be_in_journal(str(order(5).order_id))
    assert not shelf.may_be_in_journal(str(order(6).order_id))
