"""Trace context (W3C Trace Context, level 2): one id for all that one request sets off, here and
in the systems before and behind the desk.

A request that brings none gets its id from its request id, whose 128 bits are as good.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

from msgspec import Struct

STATE_CHARS_MAX = 512
STATE_MEMBERS_MAX = 32
SPAN_MASK = 2**64 - 1
_PARENT = re.compile(rb"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-[\x21-\x7e]*)?")
_KEY = r"[a-z0-9][a-z0-9_*/-]{0,255}(@[a-z0-9_*/-]{1,14})?"
_MEMBER = re.compile(rf"{_KEY}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{{0,255}}[\x21-\x2b\x2d-\x3c\x3e-\x7e]")
_SAMPLED = 1


class Trace(Struct, frozen=True):
    """A place in a trace: what happens from here on is a child of `span_id`. Ids are lower-case
    hex. `state` is what other systems along the way want handed on."""

    trace_id: str
    span_id: str
    sampled: bool = False
    state: str = ""

    def headers(self) -> dict[str, str]:
        """As the next system is told."""
        told = {"traceparent": f"00-{self.trace_id}-{self.span_id}-0{int(self.sampled)}"}
        if self.state:
            told["tracestate"] = self.state
        return told


def parse_trace(parent: bytes, state: bytes | None = None) -> Trace | None:
    """Read `traceparent` and `tracestate`. What is not valid is as if it were not there: an
    unknown caller's bookkeeping is no reason to refuse a request."""
    found = _PARENT.fullmatch(parent)
    if found is None:
        return None
    version, trace_id, span_id, flags, rest = found.groups()
    if version == b"ff" or (version == b"00" and rest is not None):
        return None
    if not trace_id.strip(b"0") or not span_id.strip(b"0"):
        return None
    return Trace(
        trace_id.decode(),
        span_id.decode(),
        bool(int(flags, 16) & _SAMPLED),
        "" if state is None else _state(state),
    )


def trace_from(headers: Iterable[tuple[bytes, bytes]]) -> Trace | None:
    """The trace that raw headers bring; one that is given twice is not valid."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in {b"traceparent", b"tracestate"}:
            found[name] = found[name] + b"," + value if name in found else value
    parent = found.get(b"traceparent")
    return None if parent is None else parse_trace(parent, found.get(b"tracestate"))


def own_place(request_id: UUID, given: Trace | None = None) -> Trace:
    """A request's own place: in the trace that it was given, else in one of its own."""
    span_id = f"{request_id.int & SPAN_MASK:016x}"
    if given is None:
        return Trace(request_id.hex, span_id)
    return Trace(given.trace_id, span_id, given.sampled, given.state)


def _state(value: bytes) -> str:
    try:
        members = [member.strip(" \t") for member in value.decode("ascii").split(",")]
    except UnicodeDecodeError:
        return ""
    members = [member for member in members if member]
    keys = {member.partition("=")[0] for member in members}
    text = ",".join(members)
    if len(keys) < len(members) or len(members) > STATE_MEMBERS_MAX or len(text) > STATE_CHARS_MAX:
        return ""
    return text if all(_MEMBER.fullmatch(member) for member in members) else ""
