"""One reader of one channel: how it finds its place, and what it begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from quantdesk.kernel import Call, Conflict, Unavailable

from .channel import Channel
from .channels import Channels
from .messages import TOO_SLOW, Close, Resume, SnapshotFrame

if TYPE_CHECKING:
    from .face import SnapshotOf, Target

_SNAPSHOTS_MAX = 3


class Owner(Protocol):
    """The socket that a subscription belongs to."""

    def deliver(self, frame: bytes) -> None: ...

    def soon(self, subscription: Subscription) -> None: ...

    def close(self, close: Close) -> None: ...


class Subscription:
    """A `Reader`. It has a channel from `join` on."""

    __slots__ = (
        "_channel", "_channels", "_followed", "_owner", "position", "state_until", "write",
    )  # fmt: skip

    def __init__(self, owner: Owner, channels: Channels) -> None:
        self._owner = owner
        self._channels = channels
        self._channel: Channel | None = None
        self._followed: set[str] = set()
        self.write = owner.deliver
        self.position = 0
        self.state_until = 0

    @property
    def channel(self) -> Channel:
        assert self._channel is not None
        return self._channel

    def due(self) -> None:
        self._owner.soon(self)

    def too_slow(self) -> None:
        self._owner.close(TOO_SLOW)

    def leave(self) -> None:
        """Safe to call twice, and before `join`."""
        if self._channel is not None:
            self._channels.leave(self._channel, self)
            self._followed.discard(self._channel.id)

    async def join(
        self, target: Target, call: Call, resume: Resume | None, followed: set[str]
    ) -> tuple[SnapshotFrame | None, bool]:
        """Find the channel and the place in it: whether that is where `resume` says, and else
        the state that the events behind it change, if there is such a thing.

        Raises `Conflict` if the channel is one of those that are `followed` already; until
        `leave` it is.
        """
        channel, resumed = await self._channels.open(target.served, call, self, resume)
        self._channel = channel
        if channel.id in followed:
            raise Conflict(
                "this socket follows it already", where="/request",
                advice=f"Read channel {channel.id}.",
            )  # fmt: skip
        followed.add(channel.id)
        self._followed = followed
        if not resumed and target.snapshot is not None:
            return await self._snapshot(target, target.snapshot, call), False
        if not channel.holds(self.position):
            if resumed:
                raise Unavailable("events come faster than they can be followed")
            channel.place(self)
        return None, resumed

    async def _snapshot(self, target: Target, found: SnapshotOf, call: Call) -> SnapshotFrame:
        """The state, taken so that every event behind it is still to be had."""
        channel = self.channel
        for _ in range(_SNAPSHOTS_MAX):
            channel.place(self)
            asked = Call(
                found.operation, call.caller, found.request_of(call.request), call.request_id,
                peer=call.peer, trace=call.trace,
            )  # fmt: skip
            data = await target.served.call(asked)
            if channel.holds(self.position):
                return SnapshotFrame(
                    channel=channel.id, sequence=self.position, operation=found.operation.id,
                    data=data,
                )  # fmt: skip
        raise Unavailable("events come faster than the state can be read")
