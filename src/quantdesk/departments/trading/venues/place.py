"""One venue with the orders that we have there: sending, following, and reconciling them.

What happened is handed to the `Books`, which make it durable; nothing here is remembered beyond a
restart. A request that gets no answer stays in flight; the loop asks the venue and decides by the
table of `reconcile.py`. Nothing is ever sent a second time.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Final, Protocol
from uuid import NAMESPACE_URL, uuid5

from msgspec.structs import replace

from quantdesk.kernel import DeskError, NotFound, OutcomeUnknown, Seam, Unavailable

from . import ANSWER_MAX, FillReport, OrderReport, Report, Venue, VenueOrder, VenueRejected
from .config import VenueConfig
from .reconcile import Action, decide
from .tracking import NOTHING, Step, Tracked

NS_PER_S = 1_000_000_000
DIFFERENCES_KEPT_MAX = 100
FINISHED_KEPT_MAX = 1_000
"""Finished orders that late reports can still be held against."""
PAGES_MAX: Final = 100
BACK_NS = 60 * NS_PER_S
"""Fills are asked for from so long before an order was sent: two clocks may differ."""


def fill_id(venue: str, venue_fill_id: str) -> str:
    """The id of a fill here: the same for the same fill, whenever it is heard of, so that a restart
    does not book it again."""
    return str(uuid5(NAMESPACE_URL, f"{venue}/{venue_fill_id}"))


class Books(Protocol):
    """Where it is written down."""

    async def take(self, order: Tracked, step: Step) -> None:
        """Book what one step changed. Durable when it returns."""
        ...

    def knows(self, client_order_id: str) -> bool:
        """Whether it is an order of this desk, live or long finished."""
        ...


class Place:
    """A venue and our orders there."""

    def __init__(self, venue: Venue, config: VenueConfig, books: Books, seam: Seam) -> None:
        self.venue = venue
        self.config = config
        self._books = books
        self._seam = seam
        self.orders: dict[str, Tracked] = {}
        self._finished: OrderedDict[str, Tracked] = OrderedDict()
        self._external: dict[str, None] = {}
        self.differences: deque[str] = deque(maxlen=DIFFERENCES_KEPT_MAX)
        self.differences_total = 0
        self.reconciled_ns: int | None = None
        self.down: str | None = "not asked yet"
        self._closed = False

    # Requests

    async def send(self, order: VenueOrder) -> None:
        """Send an order that is written down as submitted. What came of it is in the books."""
        now_ns = self._seam.now_ns()
        tracked = Tracked(order=order, born_ns=now_ns, sent_ns=now_ns)
        self.orders[order.client_order_id] = tracked
        try:
            report = await self.venue.submit(order)
        except VenueRejected as error:
            await self._take(tracked, tracked.close("rejected", error.message))
        except Unavailable as error:
            why = f"nothing was sent: {error.message}"
            await self._take(tracked, tracked.close("rejected", why))
        except OutcomeUnknown as error:
            tracked.reason = error.message
            await self._take(tracked, tracked.lose())
        else:
            await self._hear(tracked, report)

    async def let_go(self, order: VenueOrder, state: str, why: str) -> None:
        """End an order that is written down as submitted and was never sent."""
        now_ns = self._seam.now_ns()
        tracked = Tracked(order=order, born_ns=now_ns, sent_ns=now_ns)
        await self._take(tracked, tracked.close(state, why))

    async def cancel(self, client_order_id: str) -> None:
        """Ask for a cancellation. Where no answer comes it stays in flight, and the loop asks."""
        tracked = self.orders.get(client_order_id)
        if tracked is None or tracked.final or tracked.in_flight == "cancel":
            return
        before, tracked.in_flight = tracked.in_flight, "cancel"
        tracked.sent_ns, tracked.asked = self._seam.now_ns(), 0
        try:
            report = await self.venue.cancel(client_order_id, tracked.order.instrument)
        except (OutcomeUnknown, NotFound):
            # Not found: what was sent may not have arrived yet.
            tracked.in_flight = "new" if before == "new" else "cancel"
            await self._books.take(tracked, NOTHING)
        except (VenueRejected, Unavailable):
            tracked.in_flight = before
            raise
        else:
            tracked.in_flight = None
            await self._hear(tracked, report)

    # What the venue tells

    async def take_report(self, report: Report) -> None:
        """One report of the stream, however late or often it comes."""
        key = report.client_order_id
        tracked = self.orders.get(key) or self._finished.get(key)
        if tracked is None:
            self._note_external(report)
        elif isinstance(report, FillReport):
            await self._take(tracked, tracked.take(self._named(report)))
        else:
            await self._hear(tracked, report)

    async def _hear(self, tracked: Tracked, report: OrderReport) -> None:
        """Take a report of an order, and what it says was filled."""
        await self._take(tracked, tracked.take(report))
        if tracked.missing and not tracked.final:
            await self._fetch_fills(tracked)

    async def _fetch_fills(self, tracked: Tracked) -> None:
        since_ns = tracked.born_ns - BACK_NS
        for _ in range(PAGES_MAX):
            try:
                fills = await self.venue.fills(tracked.order.instrument, since_ns)
            except Unavailable:
                return  # it stays due, and the loop comes back to it
            for fill in fills:
                if fill.client_order_id == tracked.order.client_order_id:
                    await self._take(tracked, tracked.take(self._named(fill)))
            if len(fills) < ANSWER_MAX or fills[-1].at_ns <= since_ns:
                return
            since_ns = fills[-1].at_ns

    def _named(self, fill: FillReport) -> FillReport:
        return replace(fill, venue_fill_id=fill_id(self.venue.name, fill.venue_fill_id))

    async def _take(self, tracked: Tracked, step: Step) -> None:
        if step.alarm is not None:
            self.note(f"{tracked.order.client_order_id}: {step.alarm}")
        if step.fill is not None or step.state is not None:
            await self._books.take(tracked, step)
        key = tracked.order.client_order_id
        if tracked.final and self.orders.pop(key, None) is not None:
            self._finished[key] = tracked
            while len(self._finished) > FINISHED_KEPT_MAX:
                self._finished.popitem(last=False)

    # Reconciling

    async def reconcile(self) -> None:
        """Hold everything live against the venue, and look for what is not ours. Raises
        `Unavailable` where it does not answer."""
        for tracked in list(self.orders.values()):
            await self._look(tracked)
        for report in await self.venue.open_orders():
            key = report.client_order_id
            finished = self._finished.get(key)
            if finished is not None:
                await self._act(finished, report, asked_enough=True)
            elif key not in self.orders:
                self._note_external(report)
        self.reconciled_ns, self.down = self._seam.now_ns(), None

    async def ask_due(self) -> None:
        """Look at the orders whose answers are overdue."""
        now_ns = self._seam.now_ns()
        for tracked in list(self.orders.values()):
            waits_ns = now_ns - max(tracked.sent_ns, tracked.asked_ns)
            open_question = tracked.in_flight or tracked.missing or tracked.state == "unknown"
            if open_question and waits_ns >= self.config.answer_s * NS_PER_S:
                await self._look(tracked)

    async def _look(self, tracked: Tracked) -> None:
        """Ask the venue for one order, and do what the table says."""
        order = tracked.order
        tracked.asked_ns = self._seam.now_ns()
        report = await self.venue.order(order.client_order_id, order.instrument)
        await self._act(tracked, report, asked_enough=tracked.asked >= self.config.asks_max)

    async def _act(
        self, tracked: Tracked, report: OrderReport | None, *, asked_enough: bool
    ) -> None:
        late_s, belief = self.venue.card.late_s, tracked.belief
        age_ns = self._seam.now_ns() - tracked.sent_ns
        too_late = late_s is not None and age_ns > late_s * NS_PER_S
        action = decide(belief, report, asked_enough=asked_enough, too_late=too_late)
        if action is Action.ASK:
            tracked.asked += 1
            return
        tracked.asked = 0
        if action is Action.KEEP:
            return
        key = tracked.order.client_order_id
        if action in {Action.ALARM, Action.UNKNOWN, Action.CANCEL_THERE}:
            seen = "does not know it" if report is None else f"says {report.state}"
            self.note(f"{key}: we believe {tracked.state}, the venue {seen}: {action}")
        if action is Action.UNKNOWN:
            await self._take(tracked, tracked.lose())
        elif action is Action.CANCEL_THERE:
            await self.venue.cancel(key, tracked.order.instrument)
        elif action is Action.REJECTED and report is None:
            await self._take(tracked, tracked.close("rejected", "it never arrived at the venue"))
        elif report is not None and action is not Action.ALARM:
            if action in {Action.LET_GO, Action.ADOPT} and tracked.in_flight is not None:
                tracked.in_flight = None
                await self._books.take(tracked, NOTHING)
            await self._hear(tracked, report)

    # The loops

    async def follow(self) -> None:
        """Take the venue's reports as they come, until `close`."""
        while not self._closed:
            try:
                async for report in self.venue.reports():
                    await self.take_report(report)
            except DeskError as error:
                self.down = error.message
            await self._seam.clock.sleep(self.config.poll_s)

    async def watch(self) -> None:
        """Ask for what is overdue, and reconcile everything at the cadence, until `close`."""
        every_ns = int(self.config.reconcile_s * NS_PER_S)
        while not self._closed:
            try:
                await self.ask_due()
                last = self.reconciled_ns
                if self.down or last is None or self._seam.now_ns() - last >= every_ns:
                    await self.reconcile()
            except DeskError as error:
                self.down = error.message
            await self._seam.clock.sleep(self.config.answer_s / 2)

    async def close(self) -> None:
        self._closed = True
        await self.venue.close()

    def note(self, words: str) -> None:
        """Keep a difference, or what went wrong, for people to see."""
        self.differences.append(words)
        self.differences_total += 1

    def _note_external(self, report: Report) -> None:
        """Somebody trades on this account beside the desk: it is shown, and not booked."""
        key = report.client_order_id
        if key in self._external or self._books.knows(key):
            return
        while len(self._external) >= FINISHED_KEPT_MAX:
            del self._external[next(iter(self._external))]
        self._external[key] = None
        self.note(f"{key or report.venue_order_id}: an order in {report.instrument} is not ours")
