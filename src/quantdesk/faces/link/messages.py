"""What travels on a link, and how much of it at once.

A frame is its length (four bytes, big-endian) and one msgpack array: tag, then fields. Requests,
replies and events are the operations' own messages, of which a frame holds the raw bytes.
"""

from __future__ import annotations

from uuid import UUID

from msgspec import Raw, Struct

from quantdesk.kernel import Caller, Trace

VERSION = 1
READY, DRAINING = "ready", "draining"


class LinkLimits(Struct, frozen=True, kw_only=True):
    """How large, how many, how long. Sizes are bytes; `_max` is the most that is allowed.

    `in_flight_max` counts calls and streams of one connection; `connections_max` connections of
    one listener; `pool_max` connections to one instance. `window_events` may be under way in a
    stream before its reader takes any. `budget_s` is what a call has that nobody gave a deadline.
    """

    frame_bytes_max: int = 16_777_216
    greeting_bytes_max: int = 4_096
    greeting_s_max: float = 5.0
    in_flight_max: int = 1_024
    connections_max: int = 64
    callers_max: int = 1_024
    pool_max: int = 4
    window_events: int = 64
    budget_s: float = 15.0
    drain_s_max: float = 10.0
    ping_s: float = 0.5
    silence_s_max: float = 3.0
    connect_s_min: float = 0.05
    connect_s_max: float = 5.0
    attempts_max: int = 3


class Hello(Struct, frozen=True, array_like=True, tag=1):
    """Caller's side, first frame. `name` says which grant it claims."""

    version: int
    name: str
    nonce: bytes


class Challenge(Struct, frozen=True, array_like=True, tag=2):
    """Serving side: it knows the secret too."""

    nonce: bytes
    proof: bytes


class Proof(Struct, frozen=True, array_like=True, tag=3):
    proof: bytes


class Welcome(Struct, frozen=True, array_like=True, tag=4):
    """`operations`: what this link may call; a call names one by its place in this list."""

    instance: str
    operations: list[str]
    in_flight_max: int
    state: str


class Who(Struct, frozen=True, array_like=True, tag=5):
    """From here on `index` stands for this caller: one that the link vouches for, or the owner of
    a token, who is proved anew with each call; as `agent`, with these rights and no more."""

    index: int
    caller: Caller | None = None
    token: str | None = None
    agent: str | None = None
    rights: frozenset[str] = frozenset()


class Ask(Struct, frozen=True, array_like=True, tag=6):
    """A call. `budget_ms` is what is left of its time: clocks need not agree. Index 0 is nobody."""

    number: int
    operation: int
    who: int
    budget_ms: int
    request: Raw
    request_id: UUID | None = None
    key: str | None = None
    peer: str | None = None
    trace: Trace | None = None
    credit: int = 0


class Reply(Struct, frozen=True, array_like=True, tag=7):
    """`quota`: calls, seconds, tokens left."""

    number: int
    reply: Raw
    quota: tuple[int, float, float] | None = None


class Fail(Struct, frozen=True, array_like=True, tag=8):
    """`taken` False: nothing was begun, so that any call may be made elsewhere."""

    number: int
    code: str
    message: str
    where: str | None = None
    advice: str | None = None
    detail: dict[str, str] = {}
    taken: bool = True
    quota: tuple[int, float, float] | None = None


class Begun(Struct, frozen=True, array_like=True, tag=16):
    """The stream is open: it was not refused without waiting."""

    number: int


class Event(Struct, frozen=True, array_like=True, tag=9):
    number: int
    event: Raw


class End(Struct, frozen=True, array_like=True, tag=10):
    """The stream came to its proper end."""

    number: int


class Cancel(Struct, frozen=True, array_like=True, tag=11):
    """Nobody waits for this any more."""

    number: int


class Credit(Struct, frozen=True, array_like=True, tag=12):
    """The reader took `events`: as many more may be sent."""

    number: int
    events: int


class Ping(Struct, frozen=True, array_like=True, tag=13):
    number: int


class Pong(Struct, frozen=True, array_like=True, tag=14):
    """`state`: "ready", "draining", or what is wrong. `in_flight`: of all the instance's links."""

    number: int
    state: str
    in_flight: int


class Drain(Struct, frozen=True, array_like=True, tag=15):
    """The instance takes nothing more and finishes what it has."""


Frame = (
    Hello | Challenge | Proof | Welcome | Who | Ask | Reply | Fail | Begun | Event | End | Cancel
    | Credit | Ping | Pong | Drain
)  # fmt: skip
