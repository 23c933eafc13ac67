"""Frames that were not believed: the newest in memory, all of them in the stream."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from msgspec import Struct

from quantdesk.kernel import Sequence64, after, cut, encode, utc

from . import QUARANTINE_MAX, FrameBatch, Quarantine, QuarantinedRow, QuarantineQuery
from ._tracker import Refusal

SHOWN_CHARACTERS_MAX = 2_048
STORED_CHARACTERS_MAX = 65_536
DETAIL_CHARACTERS_MAX = 256
APPEND_BYTES_MAX = 8_388_608


class QuarantineRecord(Struct, frozen=True, kw_only=True):
    """A refused frame as it stands in the stream; `frame` is cut to `STORED_CHARACTERS_MAX`."""

    source: str
    reason: str
    detail: str
    frame: str
    received_ns: int


class QuarantineLog:
    """Counts every refused frame and keeps the newest `rows_max` to show."""

    def __init__(self, rows_max: int = QUARANTINE_MAX) -> None:
        self._rows: deque[QuarantinedRow] = deque(maxlen=rows_max)
        self._total = 0

    def put(self, request: FrameBatch, refused: Sequence[Refusal]) -> None:
        # Of a flood only its end could still be seen.
        for refusal in refused[-(self._rows.maxlen or 1) :]:
            record = _record(request, refusal)
            self._rows.append(
                QuarantinedRow(
                    source=record.source,
                    reason=record.reason,
                    detail=record.detail,
                    frame=record.frame[:SHOWN_CHARACTERS_MAX],
                    received_at=utc(record.received_ns),
                )
            )
        self._total += len(refused)

    def newest(self, asked: QuarantineQuery) -> Quarantine:
        before = after(asked, Sequence64)
        found: list[tuple[int, QuarantinedRow]] = []
        for back, row in enumerate(reversed(self._rows)):
            number = self._total - back  # the rows are numbered from 1 as they came
            if before is not None and number >= before:
                continue
            if asked.source in {None, row.source} and asked.reason in {None, row.reason}:
                found.append((number, row))
                if len(found) > asked.rows_max:
                    break
        kept, cursor = cut(asked, found, asked.rows_max, lambda numbered: numbered[0])
        return Quarantine(total=self._total, rows=[row for _, row in kept], next_cursor=cursor)


def records(request: FrameBatch, refused: Sequence[Refusal]) -> Iterator[tuple[bytes, ...]]:
    """Stream records of the refused frames, in pieces of about `APPEND_BYTES_MAX`."""
    piece: list[bytes] = []
    size = 0
    for refusal in refused:
        piece.append(encode(_record(request, refusal)))
        size += len(piece[-1])
        if size >= APPEND_BYTES_MAX:
            yield tuple(piece)
            piece, size = [], 0
    if piece:
        yield tuple(piece)


def _record(request: FrameBatch, refusal: Refusal) -> QuarantineRecord:
    # A character takes at most four bytes.
    raw = request.frames[refusal.frame][: 4 * STORED_CHARACTERS_MAX]
    return QuarantineRecord(
        source=request.source,
        reason=refusal.reason,
        detail=refusal.detail[:DETAIL_CHARACTERS_MAX],
        frame=raw.decode("utf-8", "replace")[:STORED_CHARACTERS_MAX],
        received_ns=request.received_ns[refusal.frame],
    )
