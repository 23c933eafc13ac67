"""Carries executions on: with the market, and with the clock where the market is silent.

An attempt is on disk before its order is placed, and the order's id follows from it. So after a
crash each child is either an order that is found again by its id, or one that was never sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from uuid import UUID

import structlog

from quantdesk.departments.trading import PlaceOrder
from quantdesk.kernel import (
    INSTRUMENTS,
    DeskError,
    ManualClock,
    OutcomeUnknown,
    Price,
    Quantity,
    RiskRefused,
    Seam,
    Unavailable,
    encode,
)
from quantdesk.services.database import Statement
from quantdesk.services.event import Events, Publish

from .pacing import REFUSALS_MAX, WAIT, Cancel, Move, Send, View, decide
from .ports import Market, MarketView, OrderView
from .record import Child, ExecutionRecord, Tally, child_id
from .rows import CHILDREN, EVENTS, EXECUTIONS, ExecutionEventRow, ExecutionRow, child_row, row_of
from .states import ExecutionEvent
from .store import Store
from .tape import Tape, counted

TOPIC = "executions"
STEPS_PER_TURN_MAX = 16
"""What one execution may do at one moment: what is left waits for the next one."""
NS_PER_S = 1_000_000_000
CHECKPOINT_NS = 10 * NS_PER_S
"""What a crash may take from the benchmarks' tally."""
LASTING = frozenset({"kill_switch", "reducing", "restricted"})
"""Checks of the gate by which a person, or a limit of the desk, has stopped trading for a while."""
PAUSE_S_MIN, PAUSE_S_MAX = 1, 60
"""After a refusal: doubled with each one in a row."""


class Driver:
    """The executions that can still change, and what moves them. One thing at a time."""

    def __init__(self, store: Store, market: Market, events: Events, seam: Seam) -> None:
        self._store = store
        self._market = market
        self.events = events
        self._seam = seam
        self._log = structlog.get_logger("quantdesk.executions")
        self._unsaved: dict[str, tuple[ExecutionRecord, dict[str, Child]]] = {}
        self._moved: list[ExecutionEventRow] = []
        self._with_it: tuple[Statement, ...] = ()
        self._saved_ns: dict[str, int] = {}
        self.busy = asyncio.Lock()
        self.live: dict[str, ExecutionRecord] = {}
        self.tapes = {name: Tape() for name, spec in INSTRUMENTS.items() if spec.tradable}
        self.sequence = self.event_sequence = 0
        self.halted: str | None = None
        """Why nothing is carried on: memory may be ahead of the disk. A restart recovers."""

    async def start(self) -> None:
        """What was under way when the desk ended."""
        await self._store.start()
        self.sequence, self.event_sequence = await self._store.last_sequences()
        for record in await self._store.live():
            self.live[record.execution_id] = record
            if record.state in {"running", "paused"}:
                record.base = self._tape(record).upto(self._seam.now_ns())
            child = record.open_child
            if child is not None:
                await self._find(record, child, None)

    @property
    def manual(self) -> bool:
        """In a replay the feed moves the clock."""
        return isinstance(self._seam.clock, ManualClock)

    def now_ns(self) -> int:
        return self._seam.now_ns()

    async def sleep(self, seconds: float) -> None:
        await self._seam.clock.sleep(seconds)

    def check_open(self) -> None:
        if self.halted is not None:
            raise Unavailable(
                f"executions have halted: {self.halted}",
                advice="Repair what ails the disk and restart: the desk goes on where it was.",
            )

    def open_children(self) -> Iterator[Child]:
        """The orders on the market, or under way to it."""
        for record in self.live.values():
            if record.open_child is not None:
                yield record.open_child

    # The market and the clock

    def due(self) -> list[ExecutionRecord]:
        """Those that have something to do now. Waits for nothing: it runs at every tick."""
        if self.halted is not None or not self.live:
            return []
        now_ns = self._seam.now_ns()
        blocked, markets = self._market.blocked(), dict[str, MarketView]()
        due = []
        for record in self.live.values():
            instrument = record.spec.instrument
            seen = markets.get(instrument)
            if seen is None:
                seen = markets[instrument] = self._market.market(instrument)
            if self._is_due(record, now_ns, self._view(record, seen, blocked)):
                due.append(record)
        return due

    async def carry_on(self) -> None:
        """Do what is due."""
        async with self.busy:
            for record in self.due():
                await self.turn(record)

    def _is_due(self, record: ExecutionRecord, now_ns: int, view: View) -> bool:
        child = record.open_child
        if child is not None:
            seen = self._market.order(child.order_id)
            if seen is not None and (seen.final or seen.filled != child.filled):
                return True
        if record.state == "running":
            saved_ns = self._saved_ns.setdefault(record.execution_id, now_ns)
            if now_ns - saved_ns >= CHECKPOINT_NS:
                return True
        return decide(record, now_ns, view) is not WAIT

    async def turn(self, record: ExecutionRecord) -> None:
        """Carry one execution on as far as it goes now. The caller holds `busy`."""
        if self.halted is not None:
            return
        try:
            for _ in range(STEPS_PER_TURN_MAX):
                self._sync(record)
                seen = self._market.market(record.spec.instrument)
                view = self._view(record, seen, self._market.blocked())
                step = decide(record, self._seam.now_ns(), view)
                if isinstance(step, Move):
                    self.move(record, step.event, step.reason)
                elif isinstance(step, Cancel):
                    if not await self._cancel(record, step.reason):
                        break
                elif isinstance(step, Send):
                    await self._send(record, step)
                else:
                    break
            self._touch(record)
            await self.save()
        except Exception as error:
            self.halted = f"{type(error).__name__}: {error}"
            self._log.exception("executions_halted", execution_id=record.execution_id)
            raise
        if record.done:
            self.live.pop(record.execution_id, None)
            self._saved_ns.pop(record.execution_id, None)

    def _view(self, record: ExecutionRecord, seen: MarketView, blocked: str | None) -> View:
        volume = record.before.volume
        if record.base is not None:
            volume += self.tapes[record.spec.instrument].total.volume - record.base.volume
        return View(seen.bid, seen.ask, volume, blocked, seen.stale)

    def mid(self, instrument: str) -> int | None:
        seen = self._market.market(instrument)
        return (seen.bid + seen.ask) // 2 or None

    async def begin(self, record: ExecutionRecord, *with_it: Statement) -> None:
        """Take a new one on, in one write `with_it`, and let it start if it is time. The caller
        holds `busy`."""
        self.sequence = record.sequence
        self.told(record, ExecutionEvent.BEGIN, record.created_ns)
        self._touch(record)
        self.live[record.execution_id] = record
        self._with_it = with_it
        await self.turn(record)
        self.check_open()

    # What a step does

    def move(self, record: ExecutionRecord, event: ExecutionEvent, reason: str | None) -> None:
        now_ns, mid = self._seam.now_ns(), self.mid(record.request.instrument)
        record.move(event, now_ns, reason)
        if event is ExecutionEvent.START:
            record.arrival_price, record.base = mid, self._tape(record).upto(self._seam.now_ns())
        if event is ExecutionEvent.RESUME and record.arrival_price is None:
            record.arrival_price = mid  # it started before the market had a price
        if record.decision_price is None:
            record.decision_price = record.arrival_price
        if record.final:
            record.last_price = mid
            record.before, record.base = self.tally(record), None
        self.told(record, event, now_ns)
        self._touch(record)

    def told(self, record: ExecutionRecord, event: ExecutionEvent, now_ns: int) -> None:
        """Put a transition on record."""
        self.event_sequence += 1
        self._moved.append(
            ExecutionEventRow(
                self.event_sequence, record.execution_id, event, record.state, record.reason, now_ns
            )
        )

    async def _send(self, record: ExecutionRecord, step: Send) -> None:
        """Write the attempt down, then place its order."""
        attempt = record.attempts(step.slice)
        order_id = child_id(record.request.execution_id, step.slice, attempt)
        child = Child(
            order_id=str(order_id),
            slice=step.slice,
            attempt=attempt,
            type=step.type,
            time_in_force=step.time_in_force,
            quantity=step.quantity,
            limit_price=step.limit_price,
            sent_ns=self._seam.now_ns(),
        )
        record.add(child)
        self._touch(record, child)
        await self.save()
        limit = step.limit_price
        request = PlaceOrder(
            order_id=order_id,
            instrument=record.request.instrument,
            side=record.request.side,
            quantity=Quantity.from_units(step.quantity),
            type=step.type,
            limit_price=None if limit is None else Price.from_units(limit),
            time_in_force=step.time_in_force,
        )
        try:
            await self._market.place(record.caller, request)
        except RiskRefused as error:
            detail = ", ".join(f"{check}: {value}" for check, value in error.detail.items())
            lasting = bool(LASTING & error.detail.keys())
            told = f"{error.message} ({detail})" if detail else error.message
            self._refused(record, child, told, lasting=lasting)
        except OutcomeUnknown as error:
            child.reason = error.message  # open until it is known: nothing is sent meanwhile
        except DeskError as error:
            await self._find(record, child, f"{error.code}: {error.message}")
        else:
            record.refusals = 0
        self._sync(record)

    async def _find(self, record: ExecutionRecord, child: Child, why: str | None) -> None:
        """Is there an order of this child? If not there never will be: the next attempt has
        another id. `why` it was refused; None: the desk ended before it was sent."""
        seen = await self._market.find(child.order_id)
        if seen is not None:
            self._take(record, child, seen)
        elif why is None:
            self._close(record, child, "not sent: the desk ended")
        else:
            self._refused(record, child, why)

    def _refused(
        self, record: ExecutionRecord, child: Child, reason: str, *, lasting: bool = False
    ) -> None:
        """No fill of it, and a pause: the next one is likely to be refused as well. A `lasting`
        reason is no fault of the order: it waits for as long as that holds."""
        record.refusals = min(record.refusals + 1, REFUSALS_MAX - lasting)
        pause_s = min(PAUSE_S_MAX, PAUSE_S_MIN * 2 ** (record.refusals - 1))
        record.retry_ns = self._seam.now_ns() + pause_s * NS_PER_S
        self._close(record, child, reason)
        if record.state == "running":
            self.move(record, ExecutionEvent.PAUSE, reason)

    async def _cancel(self, record: ExecutionRecord, reason: str) -> bool:
        """False if it is still there: another turn tries again."""
        child = record.open_child
        assert child is not None, "a cancellation is of the open child"
        child.reason = reason
        try:
            await self._market.cancel(record.caller, UUID(child.order_id))
        except DeskError as error:
            self._log.warning("child_not_cancelled", order_id=child.order_id, error=str(error))
        self._sync(record, asked=True)
        return not child.open

    def _sync(self, record: ExecutionRecord, *, asked: bool = False) -> None:
        """Take what has become of the open child's order."""
        child = record.open_child
        if child is not None:
            seen = self._market.order(child.order_id)
            if seen is not None:
                self._take(record, child, seen, asked=asked)

    def _take(
        self, record: ExecutionRecord, child: Child, seen: OrderView, *, asked: bool = False
    ) -> None:
        if record.fill_child(child, seen.filled, seen.filled_quote, seen.fees):
            self._touch(record, child)
        if not seen.final:
            return
        if seen.refused:
            self._refused(record, child, seen.reason or "refused")
            return
        if child.filled < child.quantity and not asked:
            # It ended without us: in an empty book, or by another's hand.
            record.retry_ns = self._seam.now_ns() + record.request.chase_s * NS_PER_S
        self._close(record, child, child.reason or seen.reason)

    def _close(self, record: ExecutionRecord, child: Child, reason: str | None) -> None:
        child.open = False
        child.reason = reason
        self._touch(record, child)

    # The disk and the listeners

    def _touch(self, record: ExecutionRecord, child: Child | None = None) -> None:
        _, children = self._unsaved.setdefault(record.execution_id, (record, {}))
        if child is not None:
            children[child.order_id] = child

    async def save(self) -> None:
        """One atomic write of all that has changed, then the news of it."""
        unsaved, moved = self._unsaved, self._moved
        if not unsaved:
            return
        self._unsaved, self._moved = {}, []
        await self._market.flushed()  # never say more of an order than its own journal
        records = [record for record, _ in unsaved.values()]
        statements: list[Statement] = [
            *EXECUTIONS.insert([self._row(record) for record in records]),
            *CHILDREN.insert(
                [
                    child_row(record, child)
                    for record, children in unsaved.values()
                    for child in children.values()
                ]
            ),
            *EVENTS.insert(moved),
            *self._with_it,
        ]
        self._with_it = ()
        news = [encode(record.message()) for record in records]
        await self._store.write(statements)
        now_ns = self._seam.now_ns()
        self._saved_ns.update((record.execution_id, now_ns) for record in records)
        await self._publish(news)

    def _row(self, record: ExecutionRecord) -> ExecutionRow:
        return row_of(record, self.tally(record))

    def tally(self, record: ExecutionRecord) -> Tally:
        """The market over its life, until now."""
        tape = self._tape(record)
        return counted(record.before, record.base, tape, self._seam.now_ns())

    def _tape(self, record: ExecutionRecord) -> Tape:
        return self.tapes[record.spec.instrument]

    async def _publish(self, news: Sequence[bytes]) -> None:
        try:
            await self.events.publish(Publish(topic=TOPIC, payloads=tuple(news)))
        except DeskError as error:
            # It is done and durable; a listener who missed it reads the list.
            self._log.warning("executions_unpublished", events=len(news), error=str(error))
