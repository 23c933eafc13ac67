"""ETag and If-None-Match: a reply that the client has already is not sent again (RFC 9110 §13).

A tag names `data`; `meta` is new in every reply, so tags are weak. Small replies go out as fast
without one and get it only when the client asks with If-None-Match (any value will do at first).
"""

from __future__ import annotations

import re
from hashlib import blake2b

from quantdesk.kernel import InvalidInput

from .heads import GUARDED, length_of
from .messages import Fixed, Header, HttpResponse

TAGGED_BYTES_MIN = 1_024
TAG_BYTES = 12
TAGS_MAX = 64
# A browser may keep the reply, for this caller only, and asks each time whether it still holds.
_KEEP: tuple[Header, ...] = (
    (b"cache-control", b"private, no-cache"), (b"vary", b"authorization"), *GUARDED,
)  # fmt: skip
_KEPT = Fixed((b"content-type", b"application/json"), *_KEEP)
_UNCHANGED = Fixed(*_KEEP)
_META = b',"meta":{'
_TAGS = re.compile(rb'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')


def tagged(reply: bytes, if_none_match: bytes | None) -> HttpResponse:
    """The reply with its tag, or 304 and nothing else if the client has it."""
    tag = tag_of(reply)
    etag = (b"etag", b'W/"%b"' % tag)
    if if_none_match is not None and holds(if_none_match, tag):
        return HttpResponse(status=304, fixed=_UNCHANGED, headers=[etag])
    headers = [*length_of(reply), etag]
    return HttpResponse(status=200, fixed=_KEPT, headers=headers, body=reply)


def tag_of(reply: bytes) -> bytes:
    """The opaque tag of an encoded envelope: its bytes up to `meta`, hashed."""
    end = reply.rindex(_META)
    return blake2b(memoryview(reply)[:end], digest_size=TAG_BYTES).hexdigest().encode()


def holds(if_none_match: bytes, tag: bytes) -> bool:
    """Does the client have it? Raises `InvalidInput` for what is neither `*` nor tags."""
    if if_none_match == b"*":
        return True
    given = if_none_match.split(b",")
    if len(given) > TAGS_MAX:
        raise InvalidInput(f"more than {TAGS_MAX} tags", where="if-none-match")
    found = False
    for text in given:
        one = _TAGS.fullmatch(text.strip(b" \t"))
        if one is None:
            raise InvalidInput(
                "not an entity tag", where="if-none-match", advice='Send W/"…" as it was given.'
            )
        found = found or one[1] == tag
    return found
