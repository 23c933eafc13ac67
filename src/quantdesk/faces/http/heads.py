"""The headers that answers have in common."""

from __future__ import annotations

from uuid import UUID

from quantdesk.kernel import Trace, own_place

from .messages import Fixed, Header

GUARDED: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_SAFE: tuple[Header, ...] = ((b"cache-control", b"no-store"), *GUARDED)
OK = Fixed((b"content-type", b"application/json"), *_SAFE)
FAILED = Fixed((b"content-type", b"application/problem+json"), *_SAFE)
EVENTS = Fixed((b"content-type", b"text/event-stream"), (b"x-accel-buffering", b"no"), *_SAFE)


def length_of(body: bytes) -> list[Header]:
    """The first header of what changes from answer to answer."""
    return [(b"content-length", b"%d" % len(body))]


def names_of(request_id: UUID, trace: Trace | None) -> tuple[Header, Header]:
    """Which request this answers, and where in which trace it was answered."""
    text = b"%032x" % request_id.int
    name = b"%b-%b-%b-%b-%b" % (text[:8], text[8:12], text[12:16], text[16:20], text[20:])
    if trace is None:  # the common case: a trace of its own, told without an object for it
        place = b"00-%b-%b-00" % (text, text[16:])
    else:
        place = own_place(request_id, trace).headers()["traceparent"].encode()
    return (b"x-request-id", name), (b"traceparent", place)
