"""The paper venue: matching against a live book that it watches and does not move.

Rules (those that NautilusTrader's L1/L2 simulation uses, so that runs can be compared):

1. A taking order walks the book: the best quote's size, then the deeper levels known.
2. What a market order wants beyond the known book fills one tick worse than its last level. FOK
   never gets this: the known book must hold all of it, at the limit or better.
3. A resting order that the market trades or quotes *through* fills completely, at its own price.
   One that is only *reached* fills from the size shown there, in price-time priority.
4. A quote counts when its side changed; a repeated one brings nothing new. Market data received
   before an order was placed cannot fill it.
5. Sizes off the lot grid round down; prices off the tick grid round against the taker.

Each order meets the book as shown: orders do not use up each other's liquidity.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from quantdesk.kernel import InstrumentSpec

from .book import Book, Rows, Slice
from .orders import OrderRecord
from .tickets import Ticket

LEVELS_WALKED_MAX = 200

Event = tuple[int, int, int, int, int]
"""(received_ns, 0 for a quote or 1 for a trade, row, price, size)."""


class Plan(NamedTuple):
    """What the venue does with an arriving order: (price, quantity) fills, then what is left.

    `rests` goes into the book and `expires` ends; one of them is 0. `beyond_book` is the part of
    the fills that rule 2 gave.
    """

    fills: list[tuple[int, int]]
    rests: int
    expires: int
    beyond_book: int

    @property
    def worst_price(self) -> int:
        """The last and worst price; 0 without fills."""
        return self.fills[-1][0] if self.fills else 0


def plan_arrival(ticket: Ticket, spec: InstrumentSpec, levels: Iterable[tuple[int, int]]) -> Plan:
    """Match an arriving order against `levels`, best first. Changes nothing."""
    fills, left, last = _walk(ticket, spec, levels)
    if ticket.time_in_force == "FOK":
        return Plan([], 0, ticket.quantity, 0) if left else Plan(fills, 0, 0, 0)
    if ticket.type == "market":
        beyond = last + ticket.sign * spec.tick
        if left and last and beyond > 0:
            return Plan([*fills, (beyond, left)], 0, 0, left)
        return Plan(fills, 0, left, 0)
    if ticket.time_in_force == "GTC":
        return Plan(fills, left, 0, 0)
    return Plan(fills, 0, left, 0)


def _walk(
    ticket: Ticket, spec: InstrumentSpec, levels: Iterable[tuple[int, int]]
) -> tuple[list[tuple[int, int]], int, int]:
    """Fills, what is left, and the last price seen (0 where there is no book)."""
    sign, limit = ticket.sign, ticket.limit_price
    fills: list[tuple[int, int]] = []
    left, last = ticket.quantity, 0
    for raw, shown in islice(levels, LEVELS_WALKED_MAX):
        price = _against_taker(raw, sign, spec.tick)
        if price <= 0 or (limit is not None and (price - limit) * sign > 0):
            break
        last = price
        quantity = min(left, shown - shown % spec.lot)
        if quantity:
            fills.append((price, quantity))
            left -= quantity
        if not left:
            break
    return fills, left, last


def _against_taker(price: int, sign: int, tick: int) -> int:
    return -(-price // tick) * tick if sign > 0 else price // tick * tick


class Crossing(NamedTuple):
    """A resting order that the market reached, and what of it fills at its limit price."""

    at_ns: int
    record: OrderRecord
    quantity: int


class Resting:
    """Open limit orders of one instrument, each side in price-time priority."""

    def __init__(self) -> None:
        self._sides: dict[int, list[tuple[int, int, OrderRecord]]] = {1: [], -1: []}

    def __len__(self) -> int:
        return len(self._sides[1]) + len(self._sides[-1])

    def add(self, record: OrderRecord) -> None:
        insort(self._sides[record.ticket.sign], (*_priority(record), record))

    def remove(self, record: OrderRecord) -> None:
        side = self._sides[record.ticket.sign]
        index = bisect_left(side, _priority(record))  # just before its entry
        if index < len(side) and side[index][2] is record:
            del side[index]

    def crossed_by(self, market: Slice) -> list[Crossing]:
        """What the slice fills of the resting orders, before the book takes it."""
        crossings: list[Crossing] = []
        for sign, side in self._sides.items():
            events = _events(sign, -sign * side[0][0], market) if side else []
            if events:
                farthest = min(sign * event[3] for event in events)
                end = bisect_right(side, -farthest, key=itemgetter(0))
                crossings.extend(_cross(sign, [entry[2] for entry in side[:end]], events))
        return crossings


def _priority(record: OrderRecord) -> tuple[int, int]:
    """Best price first, then the earlier order."""
    return -record.ticket.sign * (record.ticket.limit_price or 0), record.sequence


def _cross(sign: int, waiting: list[OrderRecord], events: list[Event]) -> Iterator[Crossing]:
    """Rule 3 for one side: `waiting` in price-time priority, events in the order of receipt."""
    lot = waiting[0].spec.lot
    left = {record.sequence: record.remaining for record in waiting}
    for at_ns, _, _, price, size in events:
        shown = size - size % lot
        for record in waiting:
            beyond = sign * ((record.ticket.limit_price or 0) - price)
            if beyond < 0:
                break
            if at_ns < record.created_ns:
                continue
            open_quantity = left[record.sequence]
            quantity = open_quantity if beyond else min(open_quantity, shown)
            if not quantity:
                continue
            if not beyond:
                shown -= quantity
            left[record.sequence] -= quantity
            yield Crossing(at_ns, record, quantity)
        waiting = [record for record in waiting if left[record.sequence]]
        if not waiting:
            return


def _events(sign: int, best: int, market: Slice) -> list[Event]:
    """Quotes and trades that reach `best`, in the order of receipt."""
    return sorted(
        [*_quote_events(sign, best, market.quotes, market.book),
         *_trade_events(sign, best, market.trades)]
    )  # fmt: skip


def _quote_events(sign: int, best: int, quotes: Rows, book: Book) -> Iterator[Event]:
    if not len(quotes):
        return
    name = "ask" if sign > 0 else "bid"
    prices, sizes = quotes[name], quotes[f"{name}_size"]
    reaches = (prices - best) * sign <= 0
    if not reaches.any():
        return
    before = (book.ask, book.ask_size) if sign > 0 else (book.bid, book.bid_size)
    fresh = (prices != _shifted(prices, before[0])) | (sizes != _shifted(sizes, before[1]))
    for row in np.nonzero(reaches & fresh)[0].tolist():
        yield int(quotes["received_ns"][row]), 0, row, int(prices[row]), int(sizes[row])


def _trade_events(sign: int, best: int, trades: Rows) -> Iterator[Event]:
    if not len(trades):
        return
    prices = trades["price"]
    # A resting buy is reached by those who sold.
    reaches = (trades["side"] == -sign) & ((prices - best) * sign <= 0) & (prices > 0)
    for row in np.nonzero(reaches)[0].tolist():
        yield int(trades["received_ns"][row]), 1, row, int(prices[row]), int(trades["size"][row])


def _shifted(values: Rows, first: int) -> Rows:
    """Each row's predecessor."""
    shifted = np.empty_like(values)
    shifted[0] = first
    shifted[1:] = values[:-1]
    return shifted
