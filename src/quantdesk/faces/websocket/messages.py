"""What goes over the socket, both ways: one JSON object per text message.

A command has an `id` of the client's choice, which stands in whatever answers it. Events come
without being asked for; their numbers are dense per channel, from 1, unless frames say that some
were skipped.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Raw, Struct, field

from quantdesk.faces.contract.envelope import Problem, ReplyMeta

Id = Annotated[str, Meta(min_length=1, max_length=64)]
OperationId = Annotated[str, Meta(max_length=128)]
Traceparent = Annotated[str, Meta(max_length=128)]
"""A place in a trace (W3C), as the header of this name gives it over HTTP."""
Request = Annotated[Raw, Meta(extra_json_schema={"type": "object"})]
"""What the operation asks for, all of it: also what its route has in the path or the query."""
PATH = "/v1/ws"


def _no_fields() -> Raw:
    return Raw(b"{}")


class WebSocketLimits(Struct, frozen=True, kw_only=True):
    """How many, how large, how long.

    `outbox_bytes_max` is what waits in a socket's own buffer before its reader counts as behind;
    events then wait in the channel's ring, once for all readers. A reader that takes nothing
    for `stuck_s_max` is cut off whatever it follows. From one address `handshakes_max` attempts
    to connect may come at once, and `handshakes_per_s` in the long run.
    """

    subscriptions_max: int = 64
    in_flight_max: int = 32
    faults_max: int = 32
    frames_per_tick_max: int = 4_096
    message_bytes_max: int = 262_144
    depth_max: int = 32
    outbox_bytes_max: int = 65_536
    handshakes_max: int = 200
    handshakes_per_s: float = 50.0
    sockets_max: int = 1_024
    sockets_per_caller_max: int = 16
    in_flight_all_max: int = 1_024
    channels_max: int = 4_096
    channels_per_caller_max: int = 128
    batch_events_max: int = 256
    batch_bytes_max: int = 262_144
    channel_bytes_max: int = 4_194_304
    channels_bytes_max: int = 268_435_456
    keys_max: int = 4_096
    tick_s: float = 0.5
    heartbeat_s: float = 15.0
    stuck_s_max: float = 30.0
    resume_s: float = 60.0
    close_s_max: float = 5.0


# From the client


class _Command(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="op"):
    id: Id


class CallCommand(_Command, frozen=True, kw_only=True, tag="call"):
    """Carry out an operation, as its REST route would."""

    operation: OperationId
    request: Request = field(default_factory=_no_fields)
    idempotency_key: Annotated[str, Meta(pattern=r"\A[\x21-\x7e]{1,128}\Z")] | None = None
    traceparent: Traceparent | None = None


class Resume(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a dropped connection left off: the last number that was read of this channel."""

    channel: Annotated[str, Meta(max_length=64)]
    sequence: Annotated[int, Meta(ge=0)]


class SubscribeCommand(_Command, frozen=True, kw_only=True, tag="subscribe"):
    """Follow a stream operation, from now or from where `resume` says."""

    operation: OperationId
    request: Request = field(default_factory=_no_fields)
    resume: Resume | None = None
    traceparent: Traceparent | None = None


class UnsubscribeCommand(_Command, frozen=True, kw_only=True, tag="unsubscribe"):
    channel: Annotated[str, Meta(max_length=64)]


class PingCommand(_Command, frozen=True, kw_only=True, tag="ping"):
    """Ask for a sign of life: answered even where every other command waits."""


Command = CallCommand | SubscribeCommand | UnsubscribeCommand | PingCommand


# From the desk


class _Frame(Struct, frozen=True, kw_only=True, tag_field="type"):
    pass


class WelcomeFrame(_Frame, frozen=True, kw_only=True, tag="welcome"):
    """The first frame. Silence for longer than twice `heartbeat_s` means that the line is dead."""

    heartbeat_s: float
    subscriptions_max: int
    in_flight_max: int
    message_bytes_max: int


class ReplyFrame(_Frame, frozen=True, kw_only=True, tag="reply"):
    """The operation's reply, in the envelope that REST uses."""

    id: str
    data: Any
    meta: ReplyMeta


class ProblemFrame(_Frame, frozen=True, kw_only=True, tag="problem"):
    """Why a command failed. `id` is null where the command could not even be read."""

    id: str | None
    problem: Problem


class SubscribedFrame(_Frame, frozen=True, kw_only=True, tag="subscribed"):
    """Events of this channel follow `sequence`. `resumed`: just those that were not read yet."""

    id: str
    channel: str
    operation: str
    sequence: int
    resumed: bool


class GapFrame(_Frame, frozen=True, kw_only=True, tag="gap"):
    """What came after `after` is no longer known: begin anew, with what follows this frame."""

    channel: str
    after: int


class SnapshotFrame(_Frame, frozen=True, kw_only=True, tag="snapshot"):
    """The state that the events behind `sequence` change."""

    channel: str
    sequence: int
    operation: str
    data: Any


class EndedFrame(_Frame, frozen=True, kw_only=True, tag="ended"):
    """No more events on this channel. `problem` is null where the stream came to its end."""

    channel: str
    problem: Problem | None


class UnsubscribedFrame(_Frame, frozen=True, kw_only=True, tag="unsubscribed"):
    id: str
    channel: str


class PongFrame(_Frame, frozen=True, kw_only=True, tag="pong"):
    id: str
    at: datetime


class HeartbeatFrame(_Frame, frozen=True, kw_only=True, tag="heartbeat"):
    """Nothing else was sent for a while."""

    at: datetime


class EventsFrame(_Frame, frozen=True, kw_only=True, tag="events"):
    """Pairs of number and event, rising. `skipped` counts those left out for newer ones."""

    channel: str
    skipped: int
    events: list[tuple[int, Any]]


Frame = (
    WelcomeFrame | ReplyFrame | ProblemFrame | SubscribedFrame | GapFrame | SnapshotFrame
    | EndedFrame | UnsubscribedFrame | PongFrame | HeartbeatFrame | EventsFrame
)  # fmt: skip


class Close(Struct, frozen=True):
    """Why the desk closes a socket, in the codes of RFC 6455 §7.4 or our own (4000 to 4999)."""

    code: int
    reason: str


UNSUPPORTED = Close(1003, "send text, not binary")
NOT_TEXT = Close(1007, "the text is not UTF-8")
FAULTY = Close(1008, "too many messages that could not be read")
FLOODING = Close(1008, "too many frames at once")
STOPPING = Close(1012, "the desk is stopping")
SIGNED_OUT = Close(4401, "the session is over: sign in again and resume")
TOO_SLOW = Close(4408, "events were not read in time: connect again and resume")
CLOSES = (UNSUPPORTED, NOT_TEXT, FAULTY, FLOODING, STOPPING, SIGNED_OUT, TOO_SLOW)
