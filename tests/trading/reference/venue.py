"""The reference venue: dicts and lists, every question answered by looking at everything.

It shares the codes of the engine (`model`) and nothing else. An order is known by its number, the
row of the action that made it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction

from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine import states as s

LIMITED = (m.LIMIT, m.STOP_LIMIT, m.TOUCHED_LIMIT)
LIVE = range(s.SUBMITTED, s.FILLED)
MAX = 2**63 - 1


def half_even(value: Fraction) -> int:
    return round(value)


@dataclass
class Spec:
    tick: int
    lot: int
    maker: int
    taker: int
    depth: int
    queue: int
    power: float = 1.0
    fee_step: int = 1


@dataclass(eq=False)
class Order:
    number: int
    born: int
    a: dict[str, int]
    state: int = s.SUBMITTED
    filled: int = 0
    fee_carry: Fraction = Fraction(0)
    shown: int = 0
    seq: int = 0
    front: int = 0
    traded: int = 0
    parent: Order | None = None
    children: list[Order] = field(default_factory=list)
    group: list[Order] | None = None
    released: bool = False
    resting: bool = False
    peak: int | None = None

    @property
    def left(self) -> int:
        return self.a["quantity"] - self.filled


@dataclass
class Position:
    quantity: int = 0
    cost: int = 0
    realised: int = 0
    fees: int = 0
    funding: int = 0


@dataclass
class MarketOrder:
    """Of a market by order."""

    side: int
    price: int
    size: int
    seq: int


class Book:
    def __init__(self) -> None:
        self.orders: dict[int, MarketOrder] = {}
        self.levels: dict[int, dict[int, int]] = {1: {}, -1: {}}
        self.last = 0
        self.quoted = {1: 0, -1: 0}
        self.seen = {1: (0, 0), -1: (0, 0)}
        self.hit = (0, 0, 0, 0)

    def best(self, side: int) -> tuple[int, int]:
        prices = self.levels[side]
        if not prices:
            return 0, 0
        price = max(prices) if side > 0 else min(prices)
        return price, prices[price]

    def ladder(self, side: int) -> list[tuple[int, int]]:
        return sorted(self.levels[side].items(), reverse=side > 0)


class Reference:
    """Feeds on event and action rows as dicts; tells what happened in `reports`."""

    def __init__(
        self, specs: list[Spec], *, accounts: int = 1, cash: int = 0, stp: int = 0,
        entry_ns: int = 0, jitter: list[tuple[int, int]] | None = None,
    ) -> None:  # fmt: skip
        self.specs = specs
        self.books = [Book() for _ in specs]
        self.cash = [cash] * accounts
        self.positions = [[Position() for _ in specs] for _ in range(accounts)]
        self.stp, self.entry_ns, self.jitter = stp, entry_ns, jitter or [(0, 0)]
        self.jitter_at = 0
        self.now = self.seq = self.refused = self.crossed = self.overflows = 0
        self.orders: list[Order] = []
        self.flight: list[tuple[int, int, str, int, dict[str, int]]] = []
        self.releases: list[Order] = []
        self.reports: list[tuple[int, ...]] = []

    # -- time -----------------------------------------------------------------------------------

    def next_seq(self) -> int:
        self.seq += 1
        return self.seq

    def event(self, e: dict[str, int]) -> None:
        self.drain(e["ts"])
        self.now = e["ts"]
        if not self.sane(e):
            self.refused += 1
        else:
            self.apply(e)
            if e["kind"] != m.CLOCK and not (e["kind"] == m.LEVEL and e["more"]):
                self.match(e)
                self.fire_due(e["instrument"])
        self.drain(self.now)

    def drain(self, until: int) -> None:
        while True:
            if self.releases:
                order = min(self.releases, key=lambda o: o.born)
                self.releases.remove(order)
                self.place(order)
                continue
            due = [(at, seq) for at, seq, *_ in self.flight if at <= until]
            ends = [
                (o.a["expire_ns"], o.born, o) for o in self.orders
                if o.state in LIVE and o.state != s.SUBMITTED and 0 < o.a["expire_ns"] <= until
            ]  # fmt: skip
            if ends and (not due or min(ends)[0] <= min(due)[0]):
                at, _, order = min(ends)
                self.now = max(self.now, at)
                self.end(order, s.EXPIRED, m.R_TIME_IN_FORCE)
            elif due:
                request = min(self.flight)
                self.now = max(self.now, request[0])
                self.flight.remove(request)
                self.do(request[2], request[3], request[4])
            else:
                return

    def sane(self, e: dict[str, int]) -> bool:
        if e["kind"] == m.CLOCK or not 0 <= e["instrument"] < len(self.specs):
            return e["kind"] == m.CLOCK
        deep = self.specs[e["instrument"]].depth
        if e["kind"] >= m.ADD:
            return deep == 3 and self.sane_by_order(e)
        if e["kind"] == m.QUOTE:
            bid, ask = e["price"], e["price2"]
            return (
                deep != 3
                and min(bid, ask, e["size"], e["size2"]) >= 0
                and not (bid and ask and bid >= ask)
            )
        if e["kind"] == m.LEVEL:
            return deep in (0, 2) and e["price"] > 0 and e["size"] >= 0 and e["side"] in (1, -1)
        if e["kind"] == m.TRADE:
            return e["price"] > 0 and e["size"] > 0 and e["side"] in (-1, 0, 1)
        return e["kind"] == m.CLEAR or e["price"] > 0

    def sane_by_order(self, e: dict[str, int]) -> bool:
        book, price = self.books[e["instrument"]], e["price"]
        theirs = book.orders.get(e["price2"])
        if (
            e["price2"] <= 0
            or min(price, e["size"]) < 0
            or (theirs is None) != (e["kind"] == m.ADD)
        ):
            return False
        if e["kind"] == m.ADD:
            wide = e["side"] in (1, -1) and price > 0 and e["size"] > 0
            return wide and not self.crosses(book, e["side"], price)
        assert theirs is not None
        if e["kind"] == m.EXECUTE:
            return 0 < e["size"] <= theirs.size
        if e["kind"] == m.MODIFY:
            same = price in (0, theirs.price)
            return e["size"] > 0 and (same or not self.crosses(book, theirs.side, price))
        return True

    def crosses(self, book: Book, side: int, price: int) -> bool:
        best = book.best(-side)[0]
        return best > 0 and (price - best) * side >= 0

    # -- the book -------------------------------------------------------------------------------

    def apply(self, e: dict[str, int]) -> None:  # noqa: C901 - a branch for each kind of event
        kind, i = e["kind"], e["instrument"]
        if kind == m.QUOTE:
            self.set_top(i, 1, e["price"], e["size"])
            self.set_top(i, -1, e["price2"], e["size2"])
            self.books[i].quoted = {1: e["price"], -1: e["price2"]}
        elif kind == m.LEVEL:
            quoted, side = self.books[i].quoted[e["side"]], e["side"]
            if not quoted or (e["price"] - quoted) * side < 0:
                self.set_level(i, side, e["price"], e["size"])
            if not e["more"]:
                self.uncross(i, e["side"])
        elif kind == m.TRADE:
            self.books[i].last = e["price"]
        elif kind == m.FUNDING:
            self.fund(i, e["price"], e["size"])
        elif kind >= m.ADD:
            self.apply_by_order(i, e)
        elif kind == m.CLEAR:
            self.books[i].orders = {}
            self.books[i].quoted = {1: 0, -1: 0}
            for side in (1, -1):
                for price, _ in self.books[i].ladder(side):
                    self.set_level(i, side, price, 0)

    def apply_by_order(self, i: int, e: dict[str, int]) -> None:
        book, number, size = self.books[i], e["price2"], e["size"]
        if e["kind"] == m.ADD:
            book.orders[number] = MarketOrder(e["side"], e["price"], size, self.next_seq())
        else:
            theirs = book.orders[number]
            book.hit = (theirs.side, theirs.price, size, theirs.seq)
            if e["kind"] == m.EXECUTE:
                book.last = theirs.price
                theirs.size -= size
            elif e["kind"] == m.MODIFY:
                price = e["price"] or theirs.price
                if price != theirs.price or size > theirs.size:
                    theirs.seq = self.next_seq()
                theirs.price, theirs.size = price, size
            if e["kind"] == m.REMOVE or not theirs.size:
                del book.orders[number]
        book.levels = {1: {}, -1: {}}
        for theirs in book.orders.values():
            there = book.levels[theirs.side]
            there[theirs.price] = there.get(theirs.price, 0) + theirs.size

    def ahead(self, i: int, order: Order) -> int:
        """In a market by order: what stands before one of ours, counted anew."""
        return sum(
            theirs.size for theirs in self.books[i].orders.values()
            if theirs.side == order.a["side"] and theirs.price == order.a["price"]
            and theirs.seq < order.seq
        )  # fmt: skip

    def set_level(self, i: int, side: int, price: int, size: int) -> None:
        levels = self.books[i].levels[side]
        before = levels.pop(price, 0)
        if size:
            levels[price] = size
        if before == size or self.specs[i].depth == 3:
            return
        for order in self.standing(i, side):
            if order.a["price"] == price:
                order.front = self.shorter(i, order, before, size)
                order.traded = 0

    def set_top(self, i: int, side: int, price: int, size: int) -> None:
        for level, _ in self.books[i].ladder(side):
            if not price or (level - price) * side > 0:
                self.set_level(i, side, level, 0)
        if self.specs[i].depth == 1:
            levels = self.books[i].levels[side]
            for level in [level for level in levels if level != price]:
                del levels[level]
        if price:
            self.set_level(i, side, price, size)

    def uncross(self, i: int, side: int) -> None:
        bid, ask = self.books[i].best(1)[0], self.books[i].best(-1)[0]
        if bid and ask and bid >= ask:
            self.crossed += 1
            best = bid if side > 0 else ask
            for price, _ in self.books[i].ladder(-side):
                if (best - price) * side >= 0:
                    self.set_level(i, -side, price, 0)

    def shorter(self, i: int, order: Order, before: int, after: int) -> int:
        model, n = self.specs[i].queue, self.specs[i].power
        if model == m.QUEUE_NONE:
            return 0
        gone = before - after - order.traded
        if model == m.RISK_AVERSE or gone < 0:
            return min(order.front, after)
        ahead = max(order.front, 0)
        front, back = float(ahead), float(max(before - ahead, 0))
        p = 1.0
        if front + back > 0:
            f = (lambda x: x**n) if "POWER" in NAMES[model] else (lambda x: math.log(1.0 + x))
            before_us, behind_us = front / m_unit, back / m_unit
            if model in (m.POWER_PROB, m.LOG_PROB):
                p = f(behind_us) / (f(behind_us) + f(before_us))
            elif model in (m.POWER_PROB2, m.LOG_PROB2):
                p = f(behind_us) / f(before_us + behind_us)
            else:
                p = 1.0 - f(before_us / (before_us + behind_us))
        estimate = order.front - (1.0 - p) * gone + min(back - p * gone, 0.0)
        return min(math.floor(estimate), after)

    def queue_ahead(self, i: int, side: int, price: int) -> int:
        best, size = self.books[i].best(side)
        if self.specs[i].depth == 1 and best:
            if (price - best) * side > 0:
                return 0
            return size if price == best else m.UNKNOWN_QUEUE
        return self.books[i].levels[side].get(price, 0)

    # -- matching -------------------------------------------------------------------------------

    def standing(self, i: int, side: int) -> list[Order]:
        """Resting orders in price-time priority."""
        found = [
            o for o in self.orders
            if o.resting and o.a["instrument"] == i and o.a["side"] == side
        ]  # fmt: skip
        return sorted(found, key=lambda o: (-side * o.a["price"], o.seq))

    def match(self, e: dict[str, int]) -> None:
        i = e["instrument"]
        deep = self.specs[i].depth == 3
        if e["kind"] == m.EXECUTE:
            side, price, size, seq = self.books[i].hit
            self.match_side(i, side, price, size, by_trade=False, before=seq)
        if e["kind"] == m.TRADE and deep:
            return
        if e["kind"] == m.TRADE:
            for side in (1, -1):
                if e["side"] != side:
                    self.match_side(i, side, e["price"], e["size"], by_trade=True)
            return
        for side in (1, -1):
            top = self.books[i].best(-side)
            if top != self.books[i].seen[-side]:
                if top[0]:
                    self.match_side(i, side, *top, by_trade=False)
                self.books[i].seen[-side] = top

    def match_side(
        self, i: int, side: int, price: int, size: int, *, by_trade: bool, before: int = 0
    ) -> None:
        while True:
            through = [o for o in self.standing(i, side) if (o.a["price"] - price) * side > 0]
            if not through:
                break
            self.fill_resting(through[0], through[0].left)
        lot, left, limit, done = self.specs[i].lot, size, before or self.seq, -1
        queued = by_trade and self.specs[i].queue != m.QUEUE_NONE
        while left > 0 or queued:
            at = [
                o for o in self.standing(i, side) if o.a["price"] == price and done < o.seq <= limit
            ]
            if not at:
                break
            order = at[0]
            done = order.seq
            quantity = min(order.shown, left)
            if queued:
                order.front -= size
                order.traded += size
                quantity = min(quantity, max(0, -order.front))
                order.front = max(0, order.front)
            quantity -= quantity % lot
            if quantity:
                left -= self.fill_resting(order, quantity)

    def fill_resting(self, order: Order, quantity: int) -> int:
        if not self.keep_reducing(order):
            self.end(order, s.CANCELLED, m.R_REDUCE_ONLY)
            return 0
        quantity = min(quantity, order.left)
        if not self.book_fill(order, order.a["price"], quantity, maker=1):
            self.overflows += 1
            self.end(order, s.CANCELLED, m.R_OVERFLOW)
            return 0
        self.after_fill(order, quantity)
        order.shown -= quantity
        if not order.left:
            self.end(order, s.FILLED, 0)
        elif order.shown <= 0:
            self.stand(order)
        return quantity

    def keep_reducing(self, order: Order) -> bool:
        if not order.a["flags"] & m.REDUCE_ONLY:
            return True
        held = self.positions[order.a["account"]][order.a["instrument"]].quantity
        can = max(0, -held * order.a["side"])
        order.a["quantity"] = (
            min(order.a["quantity"], order.filled + can) if can else order.a["quantity"]
        )
        return can > 0

    def reaches(self, order: Order, price: int) -> bool:
        return order.a["type"] == m.MARKET or (price - order.a["price"]) * order.a["side"] <= 0

    def work(self, order: Order) -> None:  # noqa: C901 - the rules, in one place
        a = order.a
        side, spec, book = a["side"], self.specs[a["instrument"]], self.books[a["instrument"]]
        if not self.keep_reducing(order):
            return self.refuse(order, m.R_REDUCE_ONLY)
        if not self.may_trade(order):
            return None
        opposite = book.best(-side)[0]
        if a["flags"] & m.POST_ONLY and opposite and self.reaches(order, opposite):
            return self.refuse(order, m.R_POST_ONLY)
        ladder = [
            (price, size - size % spec.lot)
            for price, size in ((side * -(-side * at // spec.tick) * spec.tick, size)
                                for at, size in book.ladder(-side))
            if self.reaches(order, price)
        ][: m.LEVELS_WALKED_MAX]  # fmt: skip
        if a["tif"] == m.FOK and sum(size for _, size in ladder) < order.left:
            return self.end(order, s.EXPIRED, m.R_TIME_IN_FORCE)
        before, last, fine = order.filled, 0, True
        for price, size in ladder:
            if not order.left or not fine:
                break
            last = price
            if quantity := min(size, order.left):
                fine = self.book_fill(order, price, quantity, maker=0)
        beyond = last + side * spec.tick
        if fine and last and order.left and a["type"] == m.MARKET and a["tif"] != m.FOK:
            fine = beyond <= 0 or self.book_fill(order, beyond, order.left, maker=0)
        if order.filled > before:
            self.after_fill(order, order.filled - before)
        if not order.left:
            self.end(order, s.FILLED, 0)
        elif not fine:
            self.overflows += 1
            self.end(order, s.CANCELLED, m.R_OVERFLOW)
        elif a["type"] == m.MARKET:
            self.end(order, s.EXPIRED, m.R_TIME_IN_FORCE if last else m.R_NO_BOOK)
        elif a["tif"] == m.IOC:
            self.end(order, s.EXPIRED, m.R_TIME_IN_FORCE)
        else:
            self.stand(order)
            if order.state != s.PARTIAL:
                self.become(order, s.ACCEPTED)
        return None

    def may_trade(self, order: Order) -> bool:
        a, found = order.a, 0
        best = self.books[a["instrument"]].best(-a["side"])[0]
        bound = best if a["type"] == m.MARKET else a["price"]
        if not self.stp or not bound:
            return True
        for other in self.standing(a["instrument"], -a["side"]):
            if (bound - other.a["price"]) * a["side"] < 0:
                break
            if other.a["account"] != a["account"]:
                continue
            if self.stp == m.STP_CANCEL_NEWEST or found == m.LINKED_MAX:
                self.refuse(order, m.R_SELF_TRADE)
                return False
            found += 1
            self.end(other, s.CANCELLED, m.R_SELF_TRADE)
        if found and self.stp == m.STP_CANCEL_BOTH:
            self.refuse(order, m.R_SELF_TRADE)
            return False
        return True

    def stand(self, order: Order) -> None:
        a = order.a
        order.seq = self.next_seq()
        order.shown = min(a["display"] or order.left, order.left)
        order.front = self.queue_ahead(a["instrument"], a["side"], a["price"])
        order.traded = 0
        order.resting = True

    # -- money ----------------------------------------------------------------------------------

    def book_fill(self, order: Order, price: int, quantity: int, *, maker: int) -> bool:
        a, spec = order.a, self.specs[order.a["instrument"]]
        position = self.positions[a["account"]][a["instrument"]]
        side, held = a["side"], position.quantity
        notional = half_even(Fraction(price * quantity, m_unit))
        exact = order.fee_carry + Fraction(notional * (spec.maker if maker else spec.taker), m_unit)
        fee = half_even(exact / spec.fee_step) * spec.fee_step
        after = Position(**vars(position))
        after.quantity += side * quantity
        if held * side >= 0:
            after.cost += notional
        else:
            closed = min(abs(held), quantity)
            worth = half_even(Fraction(price * closed, m_unit))
            part = half_even(Fraction(position.cost * closed, abs(held)))
            after.realised += (worth - part) if held > 0 else (part - worth)
            after.cost = position.cost - part if quantity <= abs(held) else notional - worth
        after.fees += fee
        cash = self.cash[a["account"]] - side * notional - fee
        if any(abs(number) > MAX for number in (notional, cash, *vars(after).values())):
            return False
        self.positions[a["account"]][a["instrument"]] = after
        self.cash[a["account"]] = cash
        order.filled += quantity
        order.fee_carry = exact - fee
        order.state = s.PARTIAL if order.left else s.FILLED
        self.reports.append(
            (m.FILL, self.now, order.number, price, quantity, fee, maker, order.state, 0)
        )
        return True

    def fund(self, i: int, mark: int, rate: int) -> None:
        for number, positions in enumerate(self.positions):
            notional = half_even(Fraction(mark * abs(positions[i].quantity), m_unit))
            paid = half_even(Fraction(notional * rate, m_unit))
            paid = paid if positions[i].quantity > 0 else -paid
            self.cash[number] -= paid
            positions[i].funding += paid

    # -- the life of an order -------------------------------------------------------------------

    def tell(self, order: Order, reason: int) -> None:
        self.reports.append(
            (m.STATE, self.now, order.number, order.a["price"], order.left, 0, 0, order.state,
             reason)
        )  # fmt: skip

    def become(self, order: Order, state: int, reason: int = 0) -> None:
        if state in s.NEXT[order.state]:
            order.state = state
            self.tell(order, reason)

    def close(self, order: Order, state: int, reason: int) -> None:
        order.resting = False
        if order in self.releases:
            self.releases.remove(order)
        if order.state != state:
            self.become(order, state, reason)
        if order.group:
            order.group.remove(order)
        if order.parent:
            order.parent.children.remove(order)
            order.parent = None

    def end(self, order: Order, state: int, reason: int) -> None:
        for child in order.children[::-1]:  # the newest first
            order.children.remove(child)
            child.parent = None
            if not order.filled:
                self.close(child, s.CANCELLED, m.R_CONTINGENT)
                continue
            if order.left:
                child.a["quantity"] = min(child.a["quantity"], order.filled)
            if child.state == s.HELD:
                self.releases.append(child)
        self.close(order, state, reason)

    def refuse(self, order: Order, reason: int) -> None:
        rejects = s.REJECTED in s.NEXT[order.state]
        self.end(order, s.REJECTED if rejects else s.CANCELLED, reason)

    def after_fill(self, order: Order, quantity: int) -> None:
        if not order.group:
            return
        at = order.group.index(order)
        for other in order.group[at + 1 :] + order.group[:at]:
            if order.a["flags"] & m.OCO:
                self.end(other, s.CANCELLED, m.R_CONTINGENT)
            else:
                other.a["quantity"] = max(other.filled, other.a["quantity"] - quantity)
                other.shown = min(other.shown, other.left)
                if not other.left:
                    self.end(other, s.CANCELLED, m.R_CONTINGENT)

    # -- triggers -------------------------------------------------------------------------------

    def heap_of(self, order: Order) -> int:
        a = order.a
        touched = a["type"] in (m.TOUCHED_MARKET, m.TOUCHED_LIMIT)
        rises = touched == (a["side"] < 0)
        if a["flags"] & m.BY_TRADE:
            return m.LAST_RISES if rises else m.LAST_FALLS
        if a["side"] > 0:
            return m.ASK_RISES if rises else m.ASK_FALLS
        return m.BID_RISES if rises else m.BID_FALLS

    def watched(self, order: Order) -> int:
        book = self.books[order.a["instrument"]]
        return book.last if order.a["flags"] & m.BY_TRADE else book.best(-order.a["side"])[0]

    def is_due(self, order: Order) -> bool:
        price, trigger = self.watched(order), order.a["trigger"]
        if order.a["type"] >= m.TRAILING_MARKET:
            level = self.trailed(order)
            return (
                bool(price) and level is not None and (price - max(level, 1)) * order.a["side"] >= 0
            )
        rises = self.heap_of(order) in (m.ASK_RISES, m.BID_RISES, m.LAST_RISES)
        return bool(price) and (price >= trigger if rises else price <= trigger)

    def follow(self, order: Order) -> None:
        """A trailing order remembers the best price since it came."""
        price, best = self.watched(order), min if order.a["side"] > 0 else max
        if price:
            order.peak = price if order.peak is None else best(order.peak, price)

    def trailed(self, order: Order) -> int | None:
        """Where a trailing order fires, as far below 0 as its trail reaches."""
        if order.peak is None:
            return None
        return order.peak + order.a["side"] * order.a["trail"]

    def place(self, order: Order) -> None:
        a = order.a
        if a["type"] >= m.TRAILING_MARKET:
            if a["trigger"]:
                order.peak = a["trigger"] - a["side"] * a["trail"]
            self.follow(order)
        if a["type"] <= m.LIMIT:
            self.work(order)
        elif self.is_due(order):
            self.fire(order)
        else:
            self.become(order, s.WAITING)

    def fire(self, order: Order) -> None:
        a = order.a
        if (level := self.trailed(order)) is not None:
            a["trigger"] = max(level, 1)
        self.become(order, s.TRIGGERED)
        markets = (m.STOP_MARKET, m.TOUCHED_MARKET, m.TRAILING_MARKET)
        protected = a["type"] in markets and a["offset"] > 0
        if a["type"] == m.TRAILING_LIMIT or protected:
            a["price"] = a["trigger"] + a["side"] * a["offset"]
            if a["price"] <= 0:
                return self.refuse(order, m.R_CONTINGENT)
        limited = (m.STOP_LIMIT, m.TOUCHED_LIMIT, m.TRAILING_LIMIT)
        a["type"] = m.LIMIT if a["type"] in limited or protected else m.MARKET
        if protected and a["tif"] != m.FOK:
            a["tif"] = m.IOC
        return self.work(order)

    def fire_due(self, i: int) -> None:
        waiting = [o for o in self.orders if o.state == s.WAITING and o.a["instrument"] == i]
        for order in waiting:
            if order.a["type"] >= m.TRAILING_MARKET:
                self.follow(order)
        for which in range(m.HEAPS_PER_INSTRUMENT):
            while due := [
                o for o in waiting
                if o.state == s.WAITING and self.heap_of(o) == which and self.is_due(o)
            ]:  # fmt: skip
                sign = 1 if which in (m.ASK_RISES, m.BID_RISES, m.LAST_RISES) else -1
                self.fire(min(due, key=lambda o: (sign * self.level_of(o), o.born)))

    def level_of(self, order: Order) -> int:
        level = self.trailed(order)
        return order.a["trigger"] if level is None else level

    # -- requests -------------------------------------------------------------------------------

    def send(self, kind: str, number: int, terms: dict[str, int]) -> None:
        self.jitter_at = (self.jitter_at + 1) % len(self.jitter)
        at = self.now + self.entry_ns + self.jitter[self.jitter_at][0]
        self.flight.append((at, self.next_seq(), kind, number, terms))

    def submit(self, number: int, a: dict[str, int], parent: int, group: int) -> None:
        """`parent` and `group` are numbers of live orders, −1 for none. Nothing is checked."""
        order = Order(number, self.next_seq(), dict(a))
        self.orders.append(order)
        if parent >= 0:
            order.parent = self.by_number(parent)
            assert order.parent is not None
            order.parent.children.append(order)
        if group >= 0:
            other = self.by_number(group)
            assert other is not None
            if other.group is None:
                other.group = [other]
            other.group.insert(other.group.index(other) + 1, order)
            order.group = other.group
        self.send("new", number, {})

    def by_number(self, number: int) -> Order | None:
        found = [o for o in self.orders if o.number == number and o.state in LIVE]
        return found[0] if found else None

    def do(self, kind: str, number: int, terms: dict[str, int]) -> None:
        if kind == "cancel all":
            # the kernel looks through its table by slot: so do we, through `slot`
            for order in sorted(self.orders, key=lambda o: o.a["slot"]):
                mine = order.a["account"] == terms["account"]
                there = terms["instrument"] in (-1, order.a["instrument"])
                if order.state in LIVE and mine and there:
                    self.end(order, s.CANCELLED, m.R_REQUESTED)
            return
        order = self.by_number(number)
        if order is None:
            if kind != "new":
                self.reports.append((m.REFUSED, self.now, m.R_UNKNOWN_ORDER))
        elif kind == "new":
            self.arrive(order)
        elif kind == "cancel":
            self.end(order, s.CANCELLED, m.R_REQUESTED)
        else:
            self.amend(order, terms)

    def arrive(self, order: Order) -> None:
        if order.a["tif"] == m.DAY:
            order.a["expire_ns"] = (self.now // m.DAY_NS + 1) * m.DAY_NS
        if 0 < order.a["expire_ns"] <= self.now:
            self.end(order, s.EXPIRED, m.R_TIME_IN_FORCE)
        elif order.parent:
            self.become(order, s.HELD)
        else:
            self.place(order)

    def amend(self, order: Order, terms: dict[str, int]) -> None:
        a = order.a
        quantity, price = terms["quantity"] or a["quantity"], terms["price"] or a["price"]
        if quantity <= order.filled:
            return self.end(order, s.CANCELLED, m.R_REQUESTED)
        if order.resting and price == a["price"] and quantity <= a["quantity"]:
            a["quantity"] = quantity
            order.shown = min(order.shown, order.left)
            return None
        again = order.resting or (order.state == s.WAITING and a["type"] < m.TRAILING_MARKET)
        order.resting = False
        a["quantity"] = quantity
        if a["type"] in LIMITED:
            a["price"] = price
        if m.STOP_MARKET <= a["type"] < m.TRAILING_MARKET:
            a["trigger"] = terms["trigger"] or a["trigger"]
        if again:
            self.place(order)
        return None


m_unit = 100_000_000
NAMES = {
    m.RISK_AVERSE: "RISK_AVERSE", m.POWER_PROB: "POWER", m.LOG_PROB: "LOG",
    m.POWER_PROB2: "POWER", m.LOG_PROB2: "LOG", m.POWER_PROB3: "POWER",
}  # fmt: skip
