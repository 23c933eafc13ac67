"""From bytes to a command, as strictly as HTTP reads a body."""

from __future__ import annotations

from typing import cast

from msgspec import Struct

from quantdesk.faces.http import strict_json
from quantdesk.kernel import InvalidInput, decode

from .messages import Command, Id

_COMMAND = cast(type[Command], Command)


class _Head(Struct):
    """What may be read of a command that is none."""

    id: Id


def read(data: bytes, depth_max: int) -> Command:
    """The command in a message. Raises `InvalidInput` with a pointer into the message."""
    strict_json.check(data, depth_max)
    return decode(data, _COMMAND)


def id_of(data: bytes) -> str | None:
    """The id in what `read` refused, for the answer; None if there is none to be read."""
    try:
        return decode(data, _Head).id
    except InvalidInput:
        return None
