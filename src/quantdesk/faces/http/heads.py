"""The headers that answers have in common."""

from __future__ import annotations

from uuid import UUID

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


def with_body(body: bytes, request_id: UUID) -> list[Header]:
    """What changes from answer to answer."""
    return [
        (b"content-length", b"%d" % len(body)),
        (b"x-request-id", str(request_id).encode()),
    ]
