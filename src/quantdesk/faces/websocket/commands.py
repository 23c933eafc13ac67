"""From bytes to a command, as strictly as HTTP reads a body."""

from __future__ import annotations

from typing import cast

from msgspec import Struct

from quantdesk.faces.http import strict_json
from quantdesk.kernel import InvalidInput, Trace, decode, parse_trace

from .messages import CallCommand, Command, Id, SubscribeCommand

_COMMAND = cast(type[Command], Command)


class _Head(Struct):
    """What may be read of a command that is none."""

    id: Id


def read(data: bytes, depth_max: int) -> Command:
    """The command in a message. Raises `InvalidInput` with a pointer into the message."""
    strict_json.check(data, depth_max)
    return decode(data, _COMMAND)


def trace_of(command: CallCommand | SubscribeCommand) -> Trace | None:
    """Where in a trace the client is. As over HTTP, what is none is as if it were not there."""
    given = command.traceparent
    return None if given is None else parse_trace(given.encode())


def id_of(data: bytes) -> str | None:
    """The id in what `read` refused, for the answer; None if there is none to be read."""
    try:
        return decode(data, _Head).id
    except InvalidInput:
        return None
