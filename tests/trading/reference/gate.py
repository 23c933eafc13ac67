"""The gate in plain exact Python: nothing is kept but what happened, every number is made anew."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from math import ceil, floor, isqrt
from typing import NamedTuple

from quantdesk.departments.trading.gate import Asked
from quantdesk.departments.trading.gate import model as m

MAX = m.INT64_MAX
TOLD = tuple[str, bool, int, int, str]
"""Check, passed, value, limit, scope."""


class Trade(NamedTuple):
    books: tuple[int, ...]
    place: int
    quantity: int
    cash: int


class Waiting(NamedTuple):
    books: tuple[int, ...]
    place: int
    sign: int
    size: int
    price: int


def away(value: Fraction) -> int:
    return ceil(value) if value >= 0 else floor(value)


class ReferenceGate:
    """`limits` by book; books are numbered as the gate numbers them."""

    def __init__(
        self, ticks: list[int], lots: list[int], limits: dict[int, dict[str, int]]
    ) -> None:
        self.ticks, self.lots, self.limits = ticks, lots, limits
        self.trades: list[Trade] = []
        self.waiting: dict[str, Waiting] = {}
        self.marks = defaultdict[int, int](int)
        self.volumes = defaultdict[int, int](int)
        self.messages = defaultdict[int, list[int]](list)
        self.orders = defaultdict[tuple[int, int], list[tuple[int, int, int, int]]](list)
        self.peaks = defaultdict[int, int](int)
        self.starts = defaultdict[int, int](int)
        self.reducing: set[int] = set()
        self.restricted: set[tuple[int, int]] = set()
        self.margined: dict[int, int] = {}
        self.rates: dict[int, tuple[int, int]] = {}
        self.kill_switch = False
        self.pending = 0
        self.pending_max, self.settlement_bps_max = 10, 100
        self.messages_max = 1_024

    # What a book holds

    def position(self, book: int, place: int) -> int:
        return sum(t.quantity for t in self.trades if book in t.books and t.place == place)

    def cash(self, book: int, place: int) -> int:
        return sum(t.cash for t in self.trades if book in t.books and t.place == place)

    def open_size(self, book: int, place: int, sign: int) -> int:
        return sum(
            w.size
            for w in self.waiting.values()
            if book in w.books and w.place == place and w.sign == sign
        )

    def ends(self, book: int, place: int, sign: int = 0, adds: int = 0) -> tuple[int, int]:
        """The position if every buy filled, and if every sell did."""
        held = self.position(book, place)
        up = held + self.open_size(book, place, 1) + (adds if sign > 0 else 0)
        return up, held - self.open_size(book, place, -1) - (adds if sign < 0 else 0)

    def profit(self, book: int, priced: dict[int, int]) -> int:
        total = 0
        for place in range(len(self.ticks)):
            price = priced.get(place, self.marks[place])
            if price:
                held = floor(Fraction(self.position(book, place) * price, m.UNIT))
                total += self.cash(book, place) + held
        return total

    def settle_peaks(self) -> None:
        for book in self.limits:
            self.peaks[book] = max(self.peaks[book], self.profit(book, {}))

    def margin(self, book: int, place: int, price: int, size: int) -> int:
        initial, premium = self.rates.get(place, (0, 0))
        ratio = initial
        if premium:
            root = isqrt(size * m.PPM * m.PPM // m.UNIT) + 1
            more = ceil(Fraction(root * premium, 10**12))
            ratio = max(initial, ceil(Fraction(initial * 4, 5)) + more)
        return ceil(Fraction(size * price * ratio, m.UNIT * m.PPM))

    # The checks

    def judge(self, a: Asked) -> list[TOLD]:
        self.told: dict[str, TOLD] = {}
        self.books = (0, a.account) if a.strategy < 0 else (0, a.account, a.strategy)
        said = a.said
        self.flag("kill_switch", int(self.kill_switch), 0)
        self.flag("permission", int(bool(said & m.PERMITTED)), 1)
        self.flag("account_open", int(bool(said & m.IS_OPEN)), 1)
        self.flag("tradable", int(bool(said & m.IS_TRADABLE)), 1)
        self.flag("duplicate", int(bool(said & m.KNOWN)), 0)
        barred = [book for book in self.books if (book, a.place) in self.restricted]
        self.flag("restricted", int(bool(barred)), 0)
        self.order(a)
        self.market(a)
        self.reduces(a)
        adds = 0 if said & m.ONLY_REDUCES else a.quantity
        for book in self.books:
            limited = any(self.limits[book][name] != MAX for name in m.EXPOSURE_LIMITS)
            if limited or book == a.account:
                self.exposure(a, book, adds)
            self.activity(a, book)
        self.one("balance", a.required, a.available)
        self.collateral(a, adds)
        self.self_match(a)
        self.one("settlements_pending_max", self.pending + 1, self.pending_max)
        return [self.told[name] for name in m.CHECKS if name in self.told]

    def flag(self, check: str, is_: int, must: int) -> None:
        self.told[check] = (check, is_ == must, is_, must, "")

    def one(self, check: str, value: int, limit: int) -> None:
        self.told[check] = (check, value <= limit, value, limit, "")

    def most(self, check: str, book: int, value: int, *, raised: bool = True) -> None:
        """Keep the verdict of this book if it is tighter than those before."""
        names = {
            "size_max": "order_lots_max", "notional_max": "order_notional_max",
            "position_max": "position_notional_max", "gross_exposure": "gross_notional_max",
            "net_exposure": "net_notional_max", "message_rate": "orders_per_s_max",
            "repeated_orders": "repeated_orders_max", "open_orders_desk_max": "open_orders_max",
            "daily_loss": "daily_loss_max", "drawdown": "drawdown_max",
        }  # fmt: skip
        limit = self.limits[book][names.get(check, check)]
        if check == "size_max" and limit != MAX:
            limit *= self.lots[self.place]
        passed = limit == MAX or value <= limit or not raised
        scope = str(book) if limit != MAX else ""
        found: TOLD = (check, passed, value, limit, scope)
        before = self.told.get(check)
        tighter = before is None or (before[1] and not passed)
        if before is not None and before[1] == passed:
            tighter = limit - value < before[3] - before[2]
        if tighter:
            self.told[check] = found

    def order(self, a: Asked) -> None:
        self.place = a.place
        off_tick, off_lot = a.price % self.ticks[a.place], a.quantity % self.lots[a.place]
        self.told["tick"] = ("tick", not off_tick, off_tick, 0, "")
        self.told["lot"] = ("lot", not off_lot, off_lot, 0, "")
        least = [(self.limits[b]["order_lots_min"] * self.lots[a.place], -b) for b in self.books]
        size, book = max(least)
        self.told["size_min"] = ("size_min", a.quantity >= size, a.quantity, size, str(-book))
        least = [(self.limits[b]["order_notional_min"], -b) for b in self.books]
        size, book = max(least)
        self.told["notional_min"] = (
            "notional_min", a.notional >= size, a.notional, size, str(-book),
        )  # fmt: skip
        for book in self.books:
            self.most("size_max", book, a.quantity)
            self.most("notional_max", book, a.notional)

    def lowest(self, name: str) -> tuple[int, str]:
        limit, book = min((self.limits[b][name], b) for b in self.books)
        return limit, str(book)

    def share(self, check: str, part: int, whole: int, limit_bps: int, scope: str) -> None:
        share = Fraction(part * m.BPS, whole)
        value = max(-MAX, min(MAX, floor(share * m.UNIT)))
        if limit_bps == MAX:
            self.told[check] = (check, True, max(0, value), MAX, "")
        else:
            self.told[check] = (check, share <= limit_bps, value, limit_bps * m.UNIT, scope)

    def market(self, a: Asked) -> None:
        age, whose = self.lowest("reference_age_ms_max")
        collar, scope = self.lowest("price_collar_bps")
        if a.reference:
            fresh = a.age_ms <= age
            self.told["reference_fresh"] = ("reference_fresh", fresh, a.age_ms, age, whose)
            through = a.sign * (a.price - a.reference)
            self.share("price_collar", through, a.reference, collar, scope)
            if a.said & m.WAITS:
                told = self.told["price_collar"]
                self.told["price_collar"] = (told[0], True, *told[2:4], scope)
        else:
            self.told["reference_fresh"] = ("reference_fresh", False, 0, age, whose)
            self.told["price_collar"] = ("price_collar", False, 0, collar * m.UNIT, scope)
        limit = self.lowest("oracle_deviation_bps_max")[0] * m.UNIT
        agrees = bool(a.said & m.AGREES) and a.oracle_bps <= limit
        self.told["oracle"] = ("oracle", agrees, a.oracle_bps, limit, "")
        if a.oracle and a.executes_at:
            off = abs(a.executes_at - a.oracle)
            self.share("settlement_price", off, a.oracle, self.settlement_bps_max, "")
        else:
            limit = self.settlement_bps_max * m.UNIT
            self.told["settlement_price"] = ("settlement_price", True, 0, limit, "")
        cap, scope = self.lowest("participation_bps_max")
        if self.volumes[a.place]:
            self.share("participation", a.quantity, self.volumes[a.place], cap, scope)
        elif cap == MAX:
            self.told["participation"] = ("participation", True, 0, MAX, "")
        else:
            self.told["participation"] = ("participation", False, 0, cap * m.UNIT, scope)

    def reduces(self, a: Asked) -> None:
        adds = 0 if a.said & m.ONLY_REDUCES else a.quantity
        self.told["reducing"] = ("reducing", True, 0, MAX, "")
        worst = -1
        for book in self.books:
            if book in self.reducing:
                ahead = a.sign * self.position(book, a.place)
                beyond = ahead + self.open_size(book, a.place, a.sign) + adds
                opens = max(0, min(adds, beyond))
                if opens > worst:
                    worst = opens
                    self.told["reducing"] = ("reducing", opens == 0, opens, 0, str(book))
        closes = max(0, -a.sign * self.position(a.account, a.place))
        lot, judged = self.lots[a.place], bool(a.said & m.ONLY_REDUCES)
        passed = not judged or bool(a.said & m.IS_CHILD) or closes >= lot
        self.told["reduce_only"] = ("reduce_only", passed, closes, lot if judged else 0, "")

    def exposure(self, a: Asked, book: int, adds: int) -> None:
        here = a.reference
        before = self.ends(book, a.place)
        ends = self.ends(book, a.place, a.sign, adds)
        bought = sold = gross = 0
        for place in range(len(self.ticks)):
            up, down = ends if place == a.place else self.ends(book, place)
            price = here if place == a.place else self.marks[place]
            long, short = (away(Fraction(x * price, m.UNIT)) for x in (up, down))
            bought, sold = bought + long, sold + short
            gross += max(abs(long), abs(short))
        worst = ends[0] if a.sign > 0 else -ends[1]
        side = max(0, away(Fraction(worst * here, m.UNIT)))
        self.most("position_max", book, side, raised=worst > 0)
        grows = max(map(abs, ends)) > max(map(abs, before))
        self.most("gross_exposure", book, gross, raised=grows)
        leads = bought > -sold if a.sign > 0 else -sold > bought
        self.most("net_exposure", book, max(abs(bought), abs(sold)), raised=leads and adds > 0)
        profit = self.profit(book, {a.place: here} if here else {})
        opens = worst > 0 and adds > 0
        self.most("daily_loss", book, max(0, self.starts[book] - profit), raised=opens)
        self.most("drawdown", book, max(0, self.peaks[book] - profit), raised=opens)

    def activity(self, a: Asked, book: int) -> None:
        rests = int(bool(a.said & m.RESTS))
        check = "open_orders_max" if book else "open_orders_desk_max"
        orders = sum(book in w.books for w in self.waiting.values()) + rests
        self.most(check, book, orders, raised=bool(rests))
        rate = 1
        if self.limits[book]["orders_per_s_max"] != MAX:
            times = [t for t in self.messages[book] if t > a.now_ns - m.NS_PER_S] + [a.now_ns]
            self.messages[book] = times = times[-self.messages_max :]
            rate = len(times)
        self.most("message_rate", book, rate)
        if book:
            told = (a.sign, a.quantity, a.price, a.now_ns)
            self.orders[book, a.place].append(told)
            run = 0
            later = a.now_ns
            for seen in reversed(self.orders[book, a.place]):
                if seen[:3] != told[:3] or (run and later - seen[3] >= m.NS_PER_S):
                    break
                run, later = run + 1, seen[3]
            self.most("repeated_orders", book, run)

    def collateral(self, a: Asked, adds: int) -> None:
        book = a.account
        if book not in self.margined:
            self.told["free_collateral"] = ("free_collateral", True, 0, MAX, "")
            return
        needed = 0
        before = max(map(abs, self.ends(book, a.place)))
        size = before
        for place in range(len(self.ticks)):
            mine = place == a.place
            ends = self.ends(book, place, a.sign, adds) if mine else self.ends(book, place)
            price = a.reference if mine else self.marks[place]
            needed += self.margin(book, place, price, max(map(abs, ends)))
            size = max(map(abs, ends)) if mine else size
        covers = self.margined[book] + self.profit(
            book, {a.place: a.reference} if a.reference else {}
        )
        passed = needed <= covers or size <= before
        self.told["free_collateral"] = ("free_collateral", passed, needed, covers, "")

    def self_match(self, a: Asked) -> None:
        theirs = [
            w.price
            for w in self.waiting.values()
            if a.account == w.books[1] and w.place == a.place and w.sign == -a.sign and w.price
        ]
        if not theirs or a.said & m.WAITS:
            self.told["self_match"] = ("self_match", True, a.price, MAX, "")
            return
        best = min(theirs) if a.sign > 0 else max(theirs)
        passed = a.price < best if a.sign > 0 else a.price > best
        self.told["self_match"] = ("self_match", passed, a.price, best, "")
