"""What people and losses restrain: limits of scopes, reduce-only modes, and the watch over both.

Every change is a row before it is answered; a restart reads them back.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from quantdesk.kernel import Amount, InvalidInput, Seam, decode, encode, utc
from quantdesk.kernel.money import UNITS_MAX

from .book import Books, Slice
from .booking import Booking
from .changes import Changes
from .config import RiskLimits
from .gate import Gate
from .gate.limits import STRATEGIES_MAX, barred, scope_limits
from .gate.watch import Standing, Trip, Watch
from .gating import Gatekeeper
from .limit_messages import RiskScope, Scope, ScopeLimits
from .paper import TRADABLE
from .rows import ReduceOnlyRow, RiskLimitsRow, StandingRow

BY_THE_GATE = "the gate"
"""Who set a mode that a loss has set."""
_WORDS = {"daily_loss": "lost today", "drawdown": "lost since its best"}


class Restraint:
    """Keeps the limits and modes of scopes, and engages modes where a book has lost too much."""

    def __init__(
        self, seam: Seam, gatekeeper: Gatekeeper, booking: Booking, books: Books, limits: RiskLimits
    ) -> None:
        self._seam = seam
        self._gatekeeper = gatekeeper
        self._booking = booking
        self._books = books
        self._limits = limits
        self.watch = Watch(gatekeeper.gate, interval_s=limits.value_at_risk_interval_s)
        self.scopes: dict[tuple[Scope, str], RiskScope] = {}
        """Every scope with limits of its own or a mode, in the order of their last change."""
        self.limits_sequence = self.mode_sequence = 0

    @property
    def _gate(self) -> Gate:
        return self._gatekeeper.gate

    # What people set

    def check(self, scope: Scope, name: str) -> None:
        """Raises `InvalidInput` for a scope that cannot be."""
        if scope not in ("desk", "account", "strategy"):
            raise InvalidInput(f"{scope!r} is no scope", where="/scope")
        if (scope == "desk") != (not name):
            raise InvalidInput("the desk has no name, and every other scope has one", where="/name")
        if scope == "account" and name not in self._booking.accounts:
            raise InvalidInput(f"there is no account {name!r}", where="/name")
        strategies = sum(kind == "strategy" for kind, _ in self.scopes)
        if scope == "strategy" and (scope, name) not in self.scopes and (
            strategies >= STRATEGIES_MAX
        ):  # fmt: skip
            raise InvalidInput(f"{STRATEGIES_MAX} strategies have limits, the most", where="/name")

    def check_limits(self, scope: Scope, limits: ScopeLimits) -> None:
        """Raises `InvalidInput` for limits that would not hold."""
        scope_limits(scope, limits, self._limits)
        for name in (*limits.restricted, *(limits.instruments or ())):
            if name not in self._gate.places:
                raise InvalidInput(f"{name} is not traded here", where="/limits/instruments")

    def book_is_new(self, scope: Scope, name: str) -> bool:
        """Whether the gate has not measured the scope so far."""
        return self._gate.known(scope, name) is None

    def set_limits(
        self, scope: Scope, name: str, limits: ScopeLimits, *, reason: str, set_by: str
    ) -> Changes:
        """These limits instead of those before."""
        row = RiskLimitsRow(
            self.limits_sequence + 1, scope, name, encode(limits).decode(), reason, set_by,
            self._seam.now_ns(),
        )  # fmt: skip
        self.restore_limits(row)
        return Changes(risk_limits=[row])

    def restore_limits(self, row: RiskLimitsRow) -> None:
        limits = decode(row.limits, ScopeLimits)
        number = self.book_of(row.scope, row.name)
        self._gate.set_limits(number, scope_limits(row.scope, limits, self._limits))
        self._gate.restrict(number, barred(limits, TRADABLE))
        self.limits_sequence = row.sequence
        self._note(row, limits=limits)

    def set_mode(
        self, scope: Scope, name: str, *, engaged: bool, reason: str, set_by: str
    ) -> Changes:
        """Let a scope only reduce, or trade again."""
        row = ReduceOnlyRow(
            self.mode_sequence + 1, scope, name, int(engaged), reason, set_by, self._seam.now_ns()
        )
        self.restore_mode(row)
        return Changes(reduce_only=[row])

    def restore_mode(self, row: ReduceOnlyRow) -> None:
        number = self.book_of(row.scope, row.name)
        book = self._gate.state.books[number]
        book["reducing"] = row.engaged
        if not row.engaged:
            # Who lets it trade again has seen the loss: it is counted from here on.
            book["day_start"] = min(book["day_start"], book["profit"])
            book["peak"] = book["profit"]
        self.mode_sequence = row.sequence
        self._note(row, reduce_only=bool(row.engaged))

    def _note(self, row: RiskLimitsRow | ReduceOnlyRow, **changed: object) -> None:
        key = (row.scope, row.name)
        before = self.scopes.pop(key, None) or RiskScope(
            scope=row.scope, name=row.name, limits=ScopeLimits(), reduce_only=False, reason="",
            set_by="", set_at=utc(row.set_ns),
        )  # fmt: skip
        self.scopes[key] = replace(
            before, reason=row.reason, set_by=row.set_by, set_at=utc(row.set_ns), **changed
        )

    def book_of(self, scope: Scope, name: str) -> int:
        """The gate's book of a scope; a strategy's, when it is new, with its open orders."""
        known = self._gate.known(scope, name)
        if known is not None:
            return known
        made = self._gate.row(scope, name)
        if scope == "strategy":
            for record in self._booking.live.values():
                if record.placed_by == name:
                    self._gatekeeper.count(record)
        return made

    def is_reducing(self, scope: Scope, name: str) -> bool:
        found = self.scopes.get((scope, name))
        return found is not None and found.reduce_only

    # What the market says

    def traded(self, piece: Slice) -> None:
        """What a batch says was traded."""
        if len(piece.trades):
            place, size = self._gate.places[piece.instrument], sum(piece.trades["size"].tolist())
            self.watch.traded(place, size, self._seam.now_ns())

    def look(self, changes: Changes) -> None:
        """Put everything at the mids, and restrain what has lost too much; now and then."""
        now_ns = self._seam.now_ns()
        if not self.watch.is_due(now_ns):
            return
        for trip in self.watch.look(now_ns, [self._books[name].mid for name in TRADABLE]):
            changes.merge(self._trip(trip))
        changes.standings.extend(self._rows(self.watch.to_keep(now_ns), now_ns))

    def _trip(self, trip: Trip) -> Changes:
        scope, name = self._gate.scopes[trip.row]
        value, limit = Amount.from_units(min(trip.value, UNITS_MAX)), Amount.from_units(trip.limit)
        return self.set_mode(
            scope, name, engaged=True, set_by=BY_THE_GATE,
            reason=f"{trip.check}: {value} {_WORDS[trip.check]}, the limit is {limit}",
        )  # fmt: skip

    def _rows(self, standings: Iterable[Standing], now_ns: int) -> Iterable[StandingRow]:
        for standing in standings:
            scope, name = self._gate.scopes[standing.row]
            yield StandingRow(
                f"{scope}/{name}", standing.day, standing.day_start, standing.peak, now_ns
            )

    def restore_standing(self, row: StandingRow) -> None:
        scope, _, name = row.book.partition("/")
        if scope in ("desk", "account", "strategy"):
            number = self._gate.known(scope, name)  # type: ignore[arg-type]  # narrowed above
            if number is not None:
                self.watch.restore(Standing(number, row.day, row.day_start, row.peak))
