"""One order at a venue as we know it: what came in, in whatever order and however often.

Reports come late, twice and out of order. Two rules make that harmless: a fill counts once, by the
venue's id; and of two reports of the order, the one that knows more is kept (more filled, further
along). So any order of the same reports ends in the same state, and none takes it back.

An order has ended when the venue says so *and* all that it says was filled has been booked.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct, field

from quantdesk.kernel import mul_units

from . import FINAL, FillReport, OrderReport, Report, VenueOrder
from .reconcile import Belief, InFlight

FILLS_PER_ORDER_MAX = 100_000
_RANK: Final = {
    "unknown": 0, "submitted": 0, "held": 1, "waiting": 2, "triggered": 3, "accepted": 4,
    "partially_filled": 5, "rejected": 6, "expired": 7, "cancelled": 8, "filled": 9,
}  # fmt: skip


class Step(Struct, frozen=True, kw_only=True):
    """What one report changed: a fill to book, a new state, something a person should see."""

    fill: FillReport | None = None
    state: str | None = None
    alarm: str | None = None


NOTHING: Final = Step()


class Tracked(Struct, kw_only=True):
    """`quantity` and `price` are the terms in force; `told` is the most that the venue said was
    filled. `born_ns`: when it was sent first, `sent_ns`: when the request in flight was."""

    order: VenueOrder
    quantity: int = 0
    price: int = 0
    state: str = "submitted"
    in_flight: InFlight | None = "new"
    venue_order_id: str = ""
    filled: int = 0
    filled_quote: int = 0
    fees: dict[str, int] = field(default_factory=dict)
    told: int = 0
    reason: str = ""
    born_ns: int = 0
    sent_ns: int = 0
    asked: int = 0
    asked_ns: int = 0
    fill_ids: set[str] = field(default_factory=set)
    terms: tuple[int, int, int] = (-1, 0, 0)
    end: OrderReport | None = None

    def __post_init__(self) -> None:
        self.quantity = self.quantity or self.order.quantity
        self.price = self.price or self.order.price

    @property
    def final(self) -> bool:
        return self.state in FINAL

    @property
    def missing(self) -> int:
        """What the venue says was filled and is not booked yet."""
        return max(0, self.told - self.filled)

    @property
    def belief(self) -> Belief:
        return Belief(
            state=self.state, in_flight=self.in_flight, filled=self.filled,
            quantity=self.quantity, price=self.price,
        )  # fmt: skip

    def take(self, report: Report) -> Step:
        """Take one report in. Returns what it changed; nothing where it was known."""
        before = self.state
        if isinstance(report, FillReport):
            alarm = self._refused(report)
            if alarm is not None or report.venue_fill_id in self.fill_ids:
                return Step(alarm=alarm)
            self._book(report)
            return Step(fill=report, state=self._moved(before))
        self._hear(report)
        contradicts = self.final and self.end is not None and report.filled > self.filled
        words = f"the venue says {report.filled} of it filled, and it ended with {self.filled}"
        return Step(state=self._moved(before), alarm=words if contradicts else None)

    def lose(self) -> Step:
        """No answer came: nobody knows. Whatever is heard of it next ends that."""
        if self.final or self.state == "unknown":
            return NOTHING
        self.state = "unknown"
        return Step(state="unknown")

    def close(self, state: str, reason: str) -> Step:
        """End it by our own decision (`reconcile.decide`)."""
        if self.final:
            return NOTHING
        self.state, self.reason, self.in_flight = state, reason, None
        return Step(state=state)

    def _refused(self, fill: FillReport) -> str | None:
        """Why a fill that is not known yet cannot be booked."""
        if fill.venue_fill_id in self.fill_ids:
            return None
        if self.final:
            return f"fill {fill.venue_fill_id} came after the order had ended as {self.state}"
        if self.filled + fill.quantity > self.quantity:
            return f"fill {fill.venue_fill_id} would fill more than the order's {self.quantity}"
        if fill.price <= 0 or fill.quantity <= 0:
            return f"fill {fill.venue_fill_id} is of {fill.quantity} at {fill.price}"
        if len(self.fill_ids) >= FILLS_PER_ORDER_MAX:
            return f"the order has {FILLS_PER_ORDER_MAX} fills, the most"
        return None

    def _book(self, fill: FillReport) -> None:
        self.fill_ids.add(fill.venue_fill_id)
        self.filled += fill.quantity
        self.filled_quote += mul_units(fill.price, fill.quantity)
        self.fees[fill.fee_asset] = self.fees.get(fill.fee_asset, 0) + fill.fee
        self.told = max(self.told, self.filled)
        self.venue_order_id = self.venue_order_id or fill.venue_order_id
        self._advance("partially_filled")

    def _hear(self, report: OrderReport) -> None:
        self.venue_order_id = self.venue_order_id or report.venue_order_id
        self.told = max(self.told, report.filled)
        terms = (report.at_ns, report.quantity, report.price)
        if not self.final and terms > self.terms and report.quantity >= self.filled:
            self.terms = terms
            self.quantity, self.price = report.quantity, report.price or self.price
        if report.state in FINAL:
            end = self.end
            if end is None or _RANK[report.state] > _RANK[end.state]:
                self.end = report
        self._advance(report.state if report.state not in FINAL else self.state)

    def _advance(self, heard: str) -> None:
        """Move to the state that all that was heard amounts to."""
        if self.state in FINAL:
            return
        end = self.end
        if end is not None and self.filled >= end.filled:
            self.state, self.reason = self._ended(end), end.reason
        elif self.filled == self.quantity:
            self.state = "filled"
        elif self.filled:
            self.state = "partially_filled"
        elif _RANK[heard] > _RANK[self.state]:
            self.state = heard if heard != "partially_filled" else "accepted"
        taken = self.in_flight == "new" and self.state not in {"submitted", "unknown"}
        if taken or self.final:
            self.in_flight = None

    def _ended(self, end: OrderReport) -> str:
        """What was taken cannot be rejected any more: it was ended by the venue."""
        taken = self.filled or self.state in {"waiting", "accepted", "partially_filled"}
        return "cancelled" if end.state == "rejected" and taken else end.state

    def _moved(self, before: str) -> str | None:
        return self.state if self.state != before else None
