"""Every open channel: shared where events are the same for all, else one per caller and request.

A channel outlives its last reader by `resume_s`, so that a connection that dropped can be resumed
where it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any, cast

from quantdesk.kernel import (
    Call,
    Misconfigured,
    Operation,
    Refused,
    Seam,
    Served,
    Unavailable,
    encode,
)
from quantdesk.policies import Outbox

from .channel import Channel, Reader, Room, close_source
from .messages import Resume, WebSocketLimits

_NS = 1_000_000_000
_STEPS = 3  # of the event loop, for a source to refuse at once
_DEFAULT = Outbox()
_Owner = tuple[object, ...] | None
_Key = tuple[_Owner, str, bytes]


class Channels:
    """Channels by id, and the one that a new reader of the same events joins."""

    def __init__(self, seam: Seam, limits: WebSocketLimits) -> None:
        self._seam = seam
        self._limits = limits
        self._room = Room(limits.channels_bytes_max)
        self._channels: dict[str, Channel] = {}
        self._keys: dict[str, _Key] = {}
        self._current: dict[_Key, Channel] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._channels)

    async def open(
        self, served: Served[Any], call: Call, reader: Reader, resume: Resume | None
    ) -> tuple[Channel, bool]:
        """The channel of this call, joined by `reader`, and whether it goes on where `resume`
        says. The policies are asked in any case; so is the source, if it is new."""
        source = cast(AsyncIterator[object], await served.call(call))
        key = _key(call)
        if resume is not None:
            channel = self._channels.get(resume.channel)
            if channel is not None and self._keys[channel.id] == key:
                channel.flush()
                if channel.holds(resume.sequence):
                    channel.join(reader)
                    reader.position, reader.state_until = resume.sequence, 0
                    await close_source(source)
                    return channel, True
        current = self._current.get(key)
        if current is not None and not current.ended:
            current.join(reader)
            await close_source(source)  # never begun: the same events are here already
            current.place(reader)
            return current, False
        try:
            self._make_room(key[0])
        except BaseException:
            await close_source(source)
            raise
        return await self._begin(key, call, source, reader), False

    async def _begin(
        self, key: _Key, call: Call, source: AsyncIterator[object], reader: Reader
    ) -> Channel:
        outbox = call.operation.setting(Outbox) or _DEFAULT
        channel = Channel(str(self._seam.uuid7()), call, outbox, self._limits, self._room)
        self._channels[channel.id], self._keys[channel.id] = channel, key
        self._current[key] = channel
        channel.join(reader)
        reader.position, reader.state_until = 0, 0
        channel.start(source)
        for _ in range(_STEPS):
            await asyncio.sleep(0)
        if channel.error is not None and channel.last == 0:
            channel.leave(reader)
            if channel.readers == 0:
                self._drop(channel)
            raise channel.error
        return channel

    def leave(self, channel: Channel, reader: Reader) -> None:
        """Let a reader go: without any, the channel's time to be resumed begins."""
        channel.leave(reader)
        if channel.readers == 0:
            channel.idle_since_ns = self._seam.now_ns()

    def tick(self) -> None:
        """Close what nobody came back to."""
        before = self._seam.now_ns() - int(self._limits.resume_s * _NS)
        for channel in list(self._channels.values()):
            if channel.idle_since_ns is not None and channel.idle_since_ns <= before:
                self._drop(channel)

    async def aclose(self) -> None:
        for channel in list(self._channels.values()):
            self._drop(channel)
        await asyncio.gather(*self._closing, return_exceptions=True)

    def _make_room(self, owner: _Owner) -> None:
        """Refuse one channel too many, unless one that nobody reads can make room."""
        limits = self._limits
        if owner is not None:
            own = [one for one in self._channels.values() if self._keys[one.id][0] == owner]
            if len(own) >= limits.channels_per_caller_max and not self._drop_idle(own):
                raise Refused(
                    f"you follow {limits.channels_per_caller_max} streams, the most",
                    advice="Unsubscribe from some.",
                )
        full = len(self._channels) >= limits.channels_max
        if full and not self._drop_idle(self._channels.values()):
            raise Unavailable("the desk follows as many streams as it can")

    def _drop_idle(self, channels: Iterable[Channel]) -> bool:
        """Close the one that has been without readers for longest, if there is one."""
        idle = [one for one in channels if one.idle_since_ns is not None]
        if not idle:
            return False
        self._drop(min(idle, key=lambda one: one.idle_since_ns or 0))
        return True

    def _drop(self, channel: Channel) -> None:
        del self._channels[channel.id]
        key = self._keys.pop(channel.id)
        if self._current.get(key) is channel:
            del self._current[key]
        task = asyncio.get_running_loop().create_task(channel.aclose())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def check_outbox(operation: Operation) -> None:
    """Raises `Misconfigured` where an `Outbox` cannot work for the operation's events."""
    outbox = operation.setting(Outbox) or _DEFAULT
    unknown = set(outbox.key) - set(getattr(operation.reply, "__struct_fields__", ()))
    if unknown:
        raise Misconfigured(f"its events have no {sorted(unknown)}", where=operation.id)
    if outbox.events_max < 1:
        raise Misconfigured("an outbox holds at least one event", where=operation.id)


def _key(call: Call) -> _Key:
    """Calls with equal keys have the same events."""
    outbox, caller = call.operation.setting(Outbox) or _DEFAULT, call.caller
    owner = None if outbox.shared else (caller.scope, caller.account, caller.permissions)
    return (owner, call.operation.id, encode(call.request))
