"""Lists in parts, the same everywhere: `cursor` in, `next_cursor` out.

A cursor holds the key of the last row that was given, so a walk gives every row that was there
when it began exactly once, whatever is added meanwhile. It belongs to one list with one choice of
filters and is refused anywhere else. It grants nothing: whose rows are listed is decided anew.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated, TypeVar

from msgspec import Meta, Struct
from msgspec.structs import replace

from .codec import decode, encode
from .errors import InvalidInput
from .seam import to_ns

CURSOR_CHARS_MAX = 512
_DIGEST_BYTES = 6
_INT64 = 2**63 - 1
Cursor = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{1,512}={0,2}\Z")]
Sequence64 = Annotated[int, Meta(ge=-_INT64, le=_INT64)]
"""The key of most lists: a row's number."""

K = TypeVar("K")
T = TypeVar("T")
Q = TypeVar("Q", bound="Paged")
G = TypeVar("G", bound="Page")


class Paged(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Asks for a part of a list: from the beginning, or from where `cursor` says."""

    cursor: Cursor | None = None


class PagedInTime(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A list of what happened at some time: from `since` on, and before `until`."""

    since: Annotated[datetime, Meta(tz=True)] | None = None
    until: Annotated[datetime, Meta(tz=True)] | None = None

    @property
    def since_ns(self) -> int | None:
        return None if self.since is None else _ns(self.since)

    @property
    def until_ns(self) -> int | None:
        return None if self.until is None else _ns(self.until)


class Page(Struct, frozen=True, kw_only=True):
    """A part of a list. `next_cursor` leads to the next one; None: this was the last."""

    next_cursor: str | None = None


def after(request: Paged, key: type[K]) -> K | None:
    """The key behind which this part begins. Raises `InvalidInput` for another list's cursor."""
    if request.cursor is None:
        return None
    try:
        text = urlsafe_b64decode(request.cursor)
        digest, found = decode(text, tuple[str, key])  # type: ignore[valid-type]  # a type is a value here
    except (InvalidInput, ValueError):
        digest, found = "", None
    if digest != _digest(request):
        raise InvalidInput(
            "not a cursor of this list",
            where="/cursor",
            advice="Send next_cursor as it was given, with the same filters.",
        )
    return found


def cut(
    request: Paged, rows: Sequence[T], limit: int, key: Callable[[T], object]
) -> tuple[list[T], str | None]:
    """At most `limit` of `rows`, and the cursor behind them if there are more: ask for one row
    more than the limit."""
    if len(rows) <= limit:
        return list(rows), None
    kept = list(rows[:limit])
    return kept, cursor_at(request, key(kept[-1]))


def cursor_at(request: Paged, key: object) -> str:
    """The cursor that continues behind the row of this key."""
    return urlsafe_b64encode(encode((_digest(request), key))).decode()


async def pages(ask: Callable[[Q], Awaitable[G]], request: Q) -> AsyncIterator[G]:
    """Every part of a list, one after the other: `async for page in pages(door.list_orders, …)`."""
    while True:
        page = await ask(request)
        yield page
        if page.next_cursor is None:
            return
        request = replace(request, cursor=page.next_cursor)


def _digest(request: Paged) -> str:
    """Which list and which filters: how much is asked for at once may change on the way."""
    chosen = {
        name: getattr(request, name)
        for name in request.__struct_fields__
        if name not in {"cursor", "limit", "rows_max"}
    }
    named = encode((type(request).__name__, chosen))
    return hashlib.blake2b(named, digest_size=_DIGEST_BYTES).hexdigest()


def _ns(moment: datetime) -> int:
    # What no int64 can hold lies before or after everything that is stored.
    return max(-_INT64, min(_INT64, to_ns(moment)))
