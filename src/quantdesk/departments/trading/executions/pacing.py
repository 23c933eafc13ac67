"""What an execution does next: a pure function of what it has done, the time and the market.

One child at a time: while one may still fill, none is sent. So whatever is filled, refused,
cancelled or lost, in whatever order, the children never come to more than the execution.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Literal, NamedTuple

from quantdesk.kernel import Amount, CallerKind

from .record import CHILDREN_MAX, Child, ExecutionRecord
from .states import ExecutionEvent

ATTEMPTS_PER_SLICE_MAX = 1_000
CROSSINGS_MAX = 3
"""Attempts to take what is left from the market when the time is over."""
REFUSALS_MAX = 10
"""The gate's refusals in a row after which an execution fails."""
BPS = 10_000
NS_PER_S = 1_000_000_000


class View(NamedTuple):
    """The market now. `volume` was traded since the execution started. `blocked` says why no new
    order is taken at all, `stale` why the market cannot be traded on."""

    bid: int
    ask: int
    volume: int
    blocked: str | None = None
    stale: str | None = None


class Wait(NamedTuple):
    """Nothing to do for now."""


class Move(NamedTuple):
    event: ExecutionEvent
    reason: str | None = None


class Cancel(NamedTuple):
    """Take the open child from the market."""

    reason: str


class Send(NamedTuple):
    slice: int
    quantity: int
    type: Literal["market", "limit"]
    time_in_force: Literal["GTC", "IOC"]
    limit_price: int | None


Step = Wait | Move | Cancel | Send
WAIT = Wait()


def decide(record: ExecutionRecord, now_ns: int, view: View) -> Step:  # noqa: PLR0911 - a line a case
    """The next step. Carrying it out and asking again comes to `WAIT`."""
    child = record.open_child
    if record.final:
        return Cancel("the execution has ended") if child is not None and child.rests else WAIT
    caller = record.caller
    if caller.kind is CallerKind.KEY and (caller.expires_ns or now_ns) < now_ns:
        return Move(ExecutionEvent.FAIL, "the key that it was begun with has expired")
    if record.state == "scheduled":
        return Move(ExecutionEvent.START) if now_ns >= record.start_ns else WAIT
    if child is not None:
        return _tend(record, child, now_ns, view)
    if record.filled == record.quantity:
        return Move(ExecutionEvent.FINISH)
    if record.refusals >= REFUSALS_MAX:
        last = record.children[-1].reason
        return Move(ExecutionEvent.FAIL, f"refused {REFUSALS_MAX} times in a row; {last}")
    if now_ns >= record.end_ns or _was_taken(record):
        return _end(record, now_ns, view)
    number, due = _due(record, now_ns, view)
    return _send(record, number, due, now_ns, view)


def _was_taken(record: ExecutionRecord) -> bool:
    """A route is taken once: what the market did not give is reported, not tried again."""
    return record.request.algorithm == "route" and bool(record.children) and not record.refusals


def _tend(record: ExecutionRecord, child: Child, now_ns: int, view: View) -> Step:
    """Is the child still where it belongs?"""
    if not child.rests:
        return WAIT  # its outcome is not known yet
    if now_ns >= record.end_ns:
        return Cancel("the time is over")
    if record.request.algorithm != "iceberg" and _slice_at(record, now_ns) > child.slice:
        return Cancel("its slice is over")
    chases = now_ns >= child.sent_ns + record.request.chase_s * NS_PER_S
    if chases and not view.blocked and not view.stale and _resting_price(record, view) != (
        child.limit_price
    ):  # fmt: skip
        return Cancel("the touch has moved")
    return WAIT


def _end(record: ExecutionRecord, now_ns: int, view: View) -> Step:
    """The time is over: cross the spread for what is left, or give it up."""
    left = _whole_lots(record, record.quantity - record.filled, view)
    number = len(record.targets)
    open_market = not view.blocked and not view.stale and _takes(record, view)
    attempts = record.attempts(number)
    if record.request.cross_at_end and left and open_market and attempts < CROSSINGS_MAX:
        if now_ns < record.retry_ns:
            return WAIT
        return Send(number, left, *_taking(record))
    rest = Amount.from_units(record.quantity - record.filled)
    why = record.reason if record.state == "paused" else None
    ended = "the route was taken" if _was_taken(record) else "the time is over"
    told = f"{ended} with {rest} left" + (f"; {why}" if why else "")
    return Move(ExecutionEvent.FINISH, told)


def _send(  # noqa: PLR0911 - a line a case
    record: ExecutionRecord, number: int, due: int, now_ns: int, view: View
) -> Step:
    """The next attempt at what is due by now."""
    why_not = view.blocked or view.stale
    size = _whole_lots(record, due - record.filled, view)
    if why_not:
        paused = record.state == "paused" or size <= 0
        return WAIT if paused else Move(ExecutionEvent.PAUSE, why_not)
    if now_ns < record.retry_ns:
        return WAIT
    if record.state == "paused":
        return Move(ExecutionEvent.RESUME)
    if size <= 0 or record.attempts(number) >= ATTEMPTS_PER_SLICE_MAX:
        return WAIT
    if len(record.children) >= CHILDREN_MAX:
        return Move(ExecutionEvent.FAIL, f"{CHILDREN_MAX} orders were sent, the most")
    if _rests(record):
        return Send(number, size, "limit", "GTC", _resting_price(record, view))
    return Send(number, size, *_taking(record)) if _takes(record, view) else WAIT


def _due(record: ExecutionRecord, now_ns: int, view: View) -> tuple[int, int]:
    """The slice that it is in, and what is to be done in all by its end."""
    if record.request.algorithm == "iceberg":
        # Slices follow each other's fills, so the one under way is the first not filled.
        number = bisect_right(
            record.targets, record.filled, key=lambda target: target.quantity or 0
        )
        number = min(number, len(record.targets) - 1)
        return number, record.targets[number].quantity or 0
    number = _slice_at(record, now_ns)
    if number < 0:
        return 0, 0
    target = record.targets[number].quantity
    if target is None:
        share = view.volume * record.request.participation_bps // BPS
        return number, min(record.quantity, share)
    return number, target


def _slice_at(record: ExecutionRecord, now_ns: int) -> int:
    """-1 before the first."""
    return bisect_right(record.targets, now_ns, key=lambda target: target.at_ns) - 1


def _whole_lots(record: ExecutionRecord, wanted: int, view: View) -> int:
    """`wanted`, within the participation cap, on the lot grid."""
    cap = record.request.participation_max_bps
    if cap is not None:
        wanted = min(wanted, view.volume * cap // BPS - record.filled)
    return max(0, wanted - wanted % record.spec.lot)


def _rests(record: ExecutionRecord) -> bool:
    return record.request.slice_order == "touch" or record.request.algorithm == "iceberg"


def _resting_price(record: ExecutionRecord, view: View) -> int:
    """The best price of its own side, on the grid away from the market; an iceberg with a limit
    price rests at that."""
    limit, tick = record.limit_price, record.spec.tick
    if limit is not None and record.request.algorithm == "iceberg":
        return limit
    if record.sign > 0:
        touch = max(tick, view.bid // tick * tick)
        return touch if limit is None else min(touch, limit)
    touch = -(-view.ask // tick) * tick
    return touch if limit is None else max(touch, limit)


def _takes(record: ExecutionRecord, view: View) -> bool:
    """Would an order at the limit price find anything?"""
    limit = record.limit_price
    if limit is None:
        return True
    return view.ask <= limit if record.sign > 0 else view.bid >= limit


def _taking(
    record: ExecutionRecord,
) -> tuple[Literal["market", "limit"], Literal["GTC", "IOC"], int | None]:
    if record.limit_price is None:
        return "market", "IOC", None
    return "limit", "IOC", record.limit_price
