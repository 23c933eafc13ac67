"""A channel: one source of events, encoded once, read by any number of sockets at their own pace.

Events are told once per turn of the event loop, in one frame that is built once and written to
every reader who has read all before; what such a reader costs is one write. A reader whose
transport is full is a number into the ring, so a slow reader costs no memory. What happens to one
that the ring has left behind is the operation's `Outbox` to say.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from itertools import islice
from typing import Protocol

from msgspec import Struct

from quantdesk.kernel import Call, encode
from quantdesk.policies import Outbox

from .framing import text_frame
from .messages import WebSocketLimits

_YIELD_EVENTS = 64  # after so many, a source that never waits lets the sockets work
_BATCHES_MAX = 8


class Reader(Protocol):
    """What a channel knows of a subscription. Everything up to `position` was written to it.

    Until `state_until` it wants the newest event per key only.
    """

    position: int
    state_until: int

    def write(self, frame: bytes) -> None:
        """Send a frame. If that filled the transport, `fall_behind` was called before this
        returns."""

    def due(self) -> None:
        """The channel has ended."""

    def too_slow(self) -> None:
        """The event behind `position` has left the ring, and none may be skipped."""


class Batch(Struct, frozen=True):
    """A frame ready for the wire, and the position of a reader that has it."""

    frame: bytes
    position: int


class Room:
    """How many bytes all rings together may hold."""

    __slots__ = ("bytes_max", "used")

    def __init__(self, bytes_max: int) -> None:
        self.bytes_max = bytes_max
        self.used = 0


class Channel:
    """The newest events of one stream, numbered densely from 1.

    Readers are held (not begun), behind (cannot take more now), or caught up: then they have
    everything up to `told`, and the next flush is written to them.
    """

    def __init__(
        self, channel_id: str, call: Call, outbox: Outbox, limits: WebSocketLimits, room: Room
    ) -> None:
        self.id = channel_id
        self.call = call
        self.outbox = outbox
        self.conflates = outbox.policy == "conflate"
        self.last = 0
        self.told = 0
        self.ended = False
        self.error: Exception | None = None
        self.idle_since_ns: int | None = None
        self._limits = limits
        self._room = room
        self._ring: deque[bytes] = deque()
        self._ring_bytes = 0
        self._newest: dict[object, tuple[int, bytes]] = {}
        self._held: dict[Reader, None] = {}
        self._behind: dict[Reader, None] = {}
        self._caught_up: dict[Reader, None] = {}
        self._slowest = 0  # nobody behind is further back than this
        self._batches: dict[int, Batch] = {}
        self._head = b'{"type":"events","channel":' + encode(channel_id) + b',"skipped":'
        self._flush_due = False
        self._loop = asyncio.get_running_loop()
        self._pump: asyncio.Task[None] | None = None

    @property
    def first(self) -> int:
        """The oldest event still in the ring; one past the last if there is none."""
        return self.last - len(self._ring) + 1

    @property
    def readers(self) -> int:
        return len(self._held) + len(self._behind) + len(self._caught_up)

    def holds(self, position: int) -> bool:
        """Whether a reader who read up to `position` can go on as the outbox promises."""
        return position <= self.last and (self.conflates or position >= self.first - 1)

    # Reading

    def join(self, reader: Reader) -> None:
        """Count a reader in; nothing is written to it before `release`."""
        self.idle_since_ns = None
        self._held[reader] = None

    def place(self, reader: Reader) -> None:
        """Put a new reader at the newest event. Of a stream that conflates, it will begin with
        the newest event of each key."""
        self.flush()
        reader.position = reader.state_until = self.told
        if self.conflates and self._newest:
            reader.position = next(iter(self._newest.values()))[0] - 1

    def release(self, reader: Reader) -> None:
        """Begin with the event behind `reader.position`, as `take` gives them."""
        if reader in self._held:
            del self._held[reader]
            self._behind[reader] = None
            self._slowest = min(self._slowest, reader.position)

    def leave(self, reader: Reader) -> None:
        """Safe to call twice."""
        self._held.pop(reader, None)
        self._behind.pop(reader, None)
        self._caught_up.pop(reader, None)

    def fall_behind(self, reader: Reader) -> None:
        """Write no more to this reader until it takes."""
        if reader in self._caught_up:
            del self._caught_up[reader]
            reader.position = self.told
            self._behind[reader] = None
            self._slowest = min(self._slowest, reader.position)

    def take(self, reader: Reader) -> bytes | None:
        """The next frame for a reader that is behind; None when it has caught up."""
        if reader not in self._behind:
            return None
        position = reader.position
        if position >= self.told:
            del self._behind[reader]
            self._caught_up[reader] = None
            return None
        if self.conflates and (position < self.first - 1 or position < reader.state_until):
            self.flush()
            batch = self._conflated(position)
        else:
            found = self._batches.get(position)
            batch = self._next(position) if found is None else found
        reader.position = batch.position
        return batch.frame

    def _next(self, position: int) -> Batch:
        """The events behind `position`, as many as one frame holds."""
        start = position + 1 - self.first
        end = min(start + self._limits.batch_events_max, self.told + 1 - self.first)
        items = self._fitting(list(islice(self._ring, start, end)))
        batch = self._frame(items, 0, position + len(items))
        if len(self._batches) >= _BATCHES_MAX:
            self._batches.clear()
        self._batches[position] = batch
        return batch

    def _conflated(self, position: int) -> Batch:
        """The newest event of each key, of those behind `position`."""
        found = [(at, item) for at, item in self._newest.values() if at > position]
        items = self._fitting([item for _, item in found[: self._limits.batch_events_max]])
        last = found[len(items) - 1][0]
        return self._frame(items, last - position - len(items), last)

    def _fitting(self, items: list[bytes]) -> list[bytes]:
        """The first ones that fit into one frame, and one in any case."""
        left = self._limits.batch_bytes_max
        for index, item in enumerate(items):
            left -= len(item)
            if left < 0:
                return items[: max(1, index)]
        return items

    def _frame(self, items: list[bytes], skipped: int, position: int) -> Batch:
        text = b'%b%d,"events":[%b]}' % (self._head, skipped, b",".join(items))
        return Batch(text_frame(text), position)

    # Writing

    def start(self, source: AsyncIterator[object]) -> None:
        self._pump = self._loop.create_task(self._run(source))

    async def _run(self, source: AsyncIterator[object]) -> None:
        try:
            async for event in source:
                self.publish(event)
                if self.last % _YIELD_EVENTS == 0:
                    await asyncio.sleep(0)
        except Exception as error:  # noqa: BLE001 - whatever it was, it is told to the readers
            self.end(error)
        else:
            self.end(None)
        finally:
            await close_source(source)

    def publish(self, event: object) -> None:
        """Number an event, encode it once; it is told within this turn of the event loop."""
        self.last += 1
        item = b"[%d,%b]" % (self.last, encode(event))
        self._ring.append(item)
        self._ring_bytes += len(item)
        self._room.used += len(item)
        if self.conflates:
            self._remember(event, item)
        self._evict()
        if not self._flush_due:
            self._flush_due = True
            self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Write what is new to everyone who has read all before."""
        self._flush_due = False
        if self.told == self.last:
            return
        self._batches.clear()
        while self.told < self.last:
            if not self._caught_up:
                self.told = self.last
                return
            position, self.told = self.told, self.last
            batch = self._next(position)
            self.told = batch.position  # whoever is full after this write continues from here
            frame = batch.frame
            for reader in tuple(self._caught_up):
                reader.write(frame)

    def _remember(self, event: object, item: bytes) -> None:
        key = tuple(getattr(event, field) for field in self.outbox.key)
        self._newest.pop(key, None)
        if len(self._newest) >= self._limits.keys_max:
            del self._newest[next(iter(self._newest))]
        self._newest[key] = (self.last, item)

    def _evict(self) -> None:
        """Keep the ring within its bounds; the newest event always stays."""
        ring, room = self._ring, self._room
        events_max, bytes_max = self.outbox.events_max, self._limits.channel_bytes_max
        evicted = False
        while len(ring) > 1 and (
            len(ring) > events_max or self._ring_bytes > bytes_max or room.used > room.bytes_max
        ):
            if self.first > self.told:
                self.flush()  # who keeps up loses nothing, however large the burst
            size = len(ring.popleft())
            self._ring_bytes -= size
            room.used -= size
            evicted = True
        if evicted and not self.conflates and self._slowest < self.first - 1:
            self._cut_off()

    def _cut_off(self) -> None:
        """Let go of readers whose next event is gone."""
        oldest = self.first - 1
        for reader in [one for one in self._behind if one.position < oldest]:
            self.leave(reader)
            reader.too_slow()
        self._slowest = min((one.position for one in self._behind), default=self.last)

    def end(self, error: Exception | None) -> None:
        """No more events. Readers get what there is, then the end."""
        self.flush()
        self.ended, self.error = True, error
        for reader in (*self._caught_up, *self._behind):
            reader.due()

    async def aclose(self) -> None:
        """Stop the source and forget the events."""
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        for readers in (self._held, self._behind, self._caught_up):
            readers.clear()
        self._room.used -= self._ring_bytes
        self._ring_bytes = 0
        self._ring.clear()
        self._newest.clear()


async def close_source(source: AsyncIterator[object]) -> None:
    """Close a stream, whether it was begun or not."""
    close = getattr(source, "aclose", None)
    if close is not None:
        await close()
