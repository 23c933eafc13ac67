"""The pre-trade gate of one desk: its books, kept with every act, and the decision on an order."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from msgspec import Struct

from quantdesk.departments.trading.engine.model import Rows
from quantdesk.kernel import InstrumentSpec, InvalidInput, Unavailable

from . import _books, _checks, _tails
from . import model as m
from .model import Bounds, Floats, State, allocate
from .verdicts import Verdict, note_of, scope_of, unit_of

BOUNDS = Bounds()
ScopeKind = Literal["desk", "account", "strategy"]
BOOKS_AT_FIRST = 64
_TAILS = "value_at_risk_max"


class Asked(NamedTuple):
    """One order, as the gate sees it: integers only, in the order in which the kernel takes them.

    `price` is the worst at which it may execute, `notional` its worth there, `required` what it
    takes out of `available` at worst. `executes_at` is the average price of what would execute at
    once, 0 where nothing would. `age_ms` is that of the reference price, `oracle` the oracle's.
    """

    account: int
    strategy: int
    place: int
    sign: int
    quantity: int
    price: int
    notional: int
    required: int
    available: int
    executes_at: int
    reference: int
    age_ms: int
    oracle: int
    oracle_bps: int
    now_ns: int
    said: int


class _Open(Struct, frozen=True):
    """What one open order counts for."""

    account: int
    strategy: int
    place: int
    sign: int
    size: int
    price: int


class Gate:
    """Books by name, and the one call that decides. Nothing here waits or reads a clock."""

    def __init__(
        self,
        instruments: Sequence[InstrumentSpec],
        *,
        account_limits: Mapping[str, int],
        desk_limits: Mapping[str, int],
        bounds: Bounds = BOUNDS,
    ) -> None:
        self.places = {spec.instrument: place for place, spec in enumerate(instruments)}
        self._specs = tuple(instruments)
        self._bounds = bounds
        self._account_limits = {**m.NO_LIMITS, **account_limits}
        self._rows: dict[tuple[ScopeKind, str], int] = {}
        self._scopes: list[tuple[ScopeKind, str]] = []
        self._open: dict[str, _Open] = {}
        self._tails_limited = False
        self._resting: dict[tuple[int, int, int], list[int]] = {}
        self.state = allocate(len(instruments), BOOKS_AT_FIRST, bounds)
        for row, spec in zip(self.state.markets, instruments, strict=True):
            row["tick"], row["lot"] = spec.tick, spec.lot
        self.hub["cell_max"] = m.INT64_MAX // (4 * max(1, len(instruments)))
        self._bind()
        self._new_row(("desk", ""), {**m.NO_LIMITS, **desk_limits})
        self._new_row(("account", ""), self._account_limits)

    def _bind(self) -> None:
        st = self.state
        self._judged = (st.hub, st.books, st.cells, st.markets, st.sent, st.out)
        self._kept = (st.hub, st.books, st.cells, st.markets)
        self._tails = (st.hub, st.books, st.out, st.returns, st.losses, st.scratch)

    @property
    def hub(self) -> Rows:
        """The desk-wide numbers, one row."""
        return self.state.hub[0]  # type: ignore[no-any-return]  # a row of a structured array

    # Books

    def row(self, kind: ScopeKind, name: str) -> int:
        """The book of a scope, made where it is new. Raises `Unavailable` beyond `books_max`."""
        key = (kind, name)
        found = self._rows.get(key)
        if found is None:
            limits = self._account_limits if kind == "account" else m.NO_LIMITS
            found = self._new_row(key, limits)
        return found

    def known(self, kind: ScopeKind, name: str) -> int | None:
        """The book of a scope, if there is one."""
        return self._rows.get((kind, name))

    @property
    def scopes(self) -> Sequence[tuple[ScopeKind, str]]:
        """Every book's scope, by its row. Row 1 stands for accounts that were never opened."""
        return self._scopes

    def _new_row(self, key: tuple[ScopeKind, str], limits: Mapping[str, int]) -> int:
        row = len(self._scopes)
        if row >= self._bounds.books_max:
            raise Unavailable(f"{self._bounds.books_max} scopes have books, the most")
        if row == len(self.state.books):
            self._grow()
        self._scopes.append(key)
        if key != ("account", ""):
            self._rows[key] = row
        self.set_limits(row, limits)
        return row

    def _grow(self) -> None:
        """Twice the room. What was never written is not copied, and takes no memory."""
        old, count = self.state, len(self.state.books)
        new = allocate(len(old.markets), 2 * count, self._bounds)
        new.books[:count], new.cells[:count] = old.books, old.cells
        counted = old.books["sent"].nonzero()[0]
        traded = np.unique(old.cells["quantity"].nonzero()[0])
        new.sent[counted], new.losses[traded] = old.sent[counted], old.losses[traded]
        self.state = State(
            old.hub, new.books, new.cells, old.markets, new.sent, old.out, old.returns, new.losses,
            old.scratch,
        )  # fmt: skip
        self._bind()

    def set_limits(self, row: int, limits: Mapping[str, int]) -> None:
        """Put these limits on a book. Raises `InvalidInput` for lots that int64 cannot count."""
        lots = max(limits.get("order_lots_min", 0), _finite(limits.get("order_lots_max", 0)))
        largest = max((spec.lot for spec in self._specs), default=1)
        if lots > m.INT64_MAX // largest:
            raise InvalidInput("so many lots are out of range", where="/order_lots_max")
        book = self.state.books[row]
        for name, value in limits.items():
            book[name] = value
        book["measured"] = any(book[name] != m.NO_LIMIT for name in m.EXPOSURE_LIMITS)
        self._tails_limited = self._tails_limited or limits.get(_TAILS, m.NO_LIMIT) != m.NO_LIMIT

    def restrict(self, row: int, instruments: Sequence[str]) -> None:
        """Let a book trade everything but these."""
        for name, place in self.places.items():
            self.state.cells[row, place]["restricted"] = int(name in instruments)

    def on_margin(self, row: int, *, collateral: int) -> None:
        """Hold a book to the initial margin of its worst case, against this collateral.

        Raises `InvalidInput` for collateral that cannot be counted.
        """
        if abs(collateral) > m.SIZE_MAX:
            raise InvalidInput("so much collateral is out of range", where="/collateral")
        book = self.state.books[row]
        book["margined"], book["collateral"] = 1, collateral
        for place in range(len(self._specs)):
            _books.revalue(*self._kept, row, place)

    def margin_rate(self, place: int, *, initial_ppm: int, premium: int = 0) -> None:
        """The initial margin of an instrument; `premium` per √size in parts of 1e12."""
        market = self.state.markets[place]
        market["initial_ppm"], market["premium"] = initial_ppm, premium

    # What happens

    def count(
        self,
        order_id: str,
        *,
        account: int,
        strategy: int,
        place: int,
        sign: int,
        size: int,
        price: int = 0,
    ) -> None:
        """An order is open with `size` left, resting at `price` (0: not in the book)."""
        self.forget(order_id)
        self._open[order_id] = _Open(account, strategy, place, sign, size, price)
        self._move(self._open[order_id], 1)
        if price:
            insort(self._resting.setdefault((account, place, sign), []), price)
            self._show_best(account, place, sign)

    def forget(self, order_id: str) -> None:
        """An order is not open any more; nothing, if it was not."""
        known = self._open.pop(order_id, None)
        if known is None:
            return
        self._move(known, -1)
        if known.price:
            prices = self._resting[known.account, known.place, known.sign]
            del prices[bisect_left(prices, known.price)]
            self._show_best(known.account, known.place, known.sign)

    def _move(self, order: _Open, sense: int) -> None:
        size = sense * order.size
        buys, sells = (size, 0) if order.sign > 0 else (0, size)
        _books.opened(
            *self._kept, order.account, order.strategy, order.place, buys, sells, sense
        )  # fmt: skip

    def _show_best(self, account: int, place: int, sign: int) -> None:
        prices = self._resting[account, place, sign]
        best = (prices[-1] if sign > 0 else prices[0]) if prices else 0
        self.state.cells[account, place]["best_bid" if sign > 0 else "best_ask"] = best

    def fill(self, account: int, strategy: int, place: int, quantity: int, cash: int) -> None:
        """A fill: `quantity` came (below 0: went), `cash` with its sign, fee included."""
        st = self.state
        _books.filled(
            *self._kept, st.returns, st.losses, account, strategy, place, quantity, cash
        )  # fmt: skip

    def give(self, row: int, place: int, quantity: int, cash: int) -> None:
        """Add to one book what it traded before it was measured."""
        cell = self.state.cells[row, place]
        held, paid = int(cell["quantity"]) + quantity, int(cell["cash"]) + cash
        if max(abs(held), abs(paid)) > m.SIZE_MAX:
            cell["broken"] = 1
        else:
            cell["quantity"], cell["cash"] = held, paid
        _books.revalue(*self._kept, row, place)

    def mark(self, place: int, price: int) -> None:
        """The market is at `price`: every position in it is worth that much."""
        _books.marked(*self._kept, place, price, len(self._scopes))

    # Scenarios

    def set_scenarios(self, returns: Floats, *, minimum: int, confidence_bps: int) -> None:
        """Take scenarios: a row of simple returns per instrument, a column per scenario."""
        count = returns.shape[1]
        self.state.returns[:, :count] = returns
        hub = self.hub
        hub["scenarios"], hub["scenarios_min"] = count, minimum
        hub["confidence_bps"] = confidence_bps
        self.scenarios_changed()

    def scenarios_changed(self) -> None:
        """Find anew what every book would lose in every scenario."""
        st = self.state
        _books.scenarios_changed(
            st.hub, st.cells, st.markets, st.returns, st.losses, len(self._scopes)
        )  # fmt: skip

    # The decision

    def decide(self, asked: Asked) -> int:
        """The checks that fail, as bits of a number: 0 lets the order through."""
        bits = _checks.check(*self._judged, *asked)
        return bits | self.decide_tails(asked) if self._tails_limited else bits

    def decide_tails(self, asked: Asked) -> int:
        """The value at risk alone: its bit, where it fails."""
        size = 0 if asked.said & m.ONLY_REDUCES else asked.sign * asked.quantity
        price = max(asked.price, asked.reference)
        return _tails.value_at_risk(
            *self._tails, asked.account, asked.strategy, asked.place, size, price
        )

    def verdicts(self, asked: Asked, oracle_note: str = "") -> tuple[Verdict, ...]:
        """Decide, and tell every check with its numbers."""
        if not self._tails_limited:
            _tails.without_tails(self.state.out)
        self.decide(asked)
        spec, hub = self._specs[asked.place], self.hub
        found = []
        for check, (value, limit, told) in enumerate(self.state.out.tolist()):
            note, book = told >> 1 & 127, told >> 8
            found.append(
                Verdict(
                    m.CHECKS[check],
                    bool(told & 1),
                    value,
                    limit,
                    unit_of(check, spec.base, spec.quote, buys=asked.sign > 0),
                    note_of(note, int(hub["scenarios"]), int(hub["scenarios_min"]), oracle_note),
                    scope_of(check, self._scopes[book][0], note),
                )
            )
        return tuple(found)


def _finite(limit: int) -> int:
    return 0 if limit == m.NO_LIMIT else limit
