"""What goes over the socket, as a client writes and reads it. Fields that a newer desk adds are
ignored, and so are frames of a kind that this client does not know."""

from __future__ import annotations

from typing import Any, cast, get_args

from msgspec import UNSET, Raw, Struct, UnsetType

from quantdesk.kernel import InvalidInput, Misconfigured, decode, encode

# From the client


class Resume(Struct, frozen=True):
    """The last event that was taken from a channel."""

    channel: str
    sequence: int


class _Command(Struct, frozen=True, kw_only=True, tag_field="op", omit_defaults=True):
    id: str


class Call(_Command, frozen=True, kw_only=True, tag="call"):
    operation: str
    request: Raw
    idempotency_key: str | UnsetType = UNSET


class Subscribe(_Command, frozen=True, kw_only=True, tag="subscribe"):
    operation: str
    request: Raw
    resume: Resume | UnsetType = UNSET


class Unsubscribe(_Command, frozen=True, kw_only=True, tag="unsubscribe"):
    channel: str


def raw(message: Struct) -> Raw:
    """A request as part of a command."""
    return Raw(encode(message))


# From the desk


class _Frame(Struct, frozen=True, kw_only=True, tag_field="type"):
    pass


class Welcome(_Frame, frozen=True, kw_only=True, tag="welcome"):
    heartbeat_s: float
    in_flight_max: int
    message_bytes_max: int


class Reply(_Frame, frozen=True, kw_only=True, tag="reply"):
    id: str
    data: Raw


class Problem(_Frame, frozen=True, kw_only=True, tag="problem"):
    id: str | None
    problem: Raw


class Subscribed(_Frame, frozen=True, kw_only=True, tag="subscribed"):
    id: str
    channel: str
    sequence: int
    resumed: bool


class GapFrame(_Frame, frozen=True, kw_only=True, tag="gap"):
    channel: str
    after: int


class SnapshotFrame(_Frame, frozen=True, kw_only=True, tag="snapshot"):
    channel: str
    sequence: int
    operation: str
    data: Raw


class Ended(_Frame, frozen=True, kw_only=True, tag="ended"):
    """`problem` is `null` where the stream came to its end."""

    channel: str
    problem: Raw


class Heartbeat(_Frame, frozen=True, kw_only=True, tag="heartbeat"):
    """A sign of life."""


class Events(_Frame, frozen=True, kw_only=True, tag="events"):
    channel: str
    skipped: int
    events: list[tuple[int, Raw]]


Frame = (
    Welcome | Reply | Problem | Subscribed | GapFrame | SnapshotFrame | Ended | Heartbeat | Events
)  # fmt: skip
_FRAME = cast(type[Any], Frame)
_KNOWN = {str(kind.__struct_config__.tag) for kind in get_args(Frame)}


class _Head(Struct):
    type: str


def read(data: bytes) -> Frame | None:
    """The frame in a message; None for one of a kind that this client does not know.

    Raises `Misconfigured` for one that should be known and is not.
    """
    try:
        return cast(Frame, decode(data, _FRAME))
    except InvalidInput as error:
        try:
            if decode(data, _Head).type not in _KNOWN:
                return None
        except InvalidInput:
            pass
        raise Misconfigured(
            f"the desk's message is not what this client knows: {error.message}",
            advice="Use the client of the desk's own version.",
        ) from None


def builtins(data: Raw) -> Any:
    """What a frame carries, as dicts, lists and plain values."""
    return decode(bytes(data), cast(type[Any], Any))
