"""What a face process is given when it begins."""

from __future__ import annotations

from msgspec import Struct

from quantdesk.config import HttpConfig
from quantdesk.desk.logs import LogFormat, LogLevel

NAME = "face"
"""The grant of face processes."""
IN_FLIGHT_MAX = 16_384
"""Calls and streams of one face process at once: sockets may follow many streams each."""


class FaceSetup(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`listener` and `link` are file descriptors that the process inherited. The secret is of
    this run only."""

    number: int
    listener: int
    link: int
    secret: str
    http: HttpConfig
    log_format: LogFormat
    log_level: LogLevel
