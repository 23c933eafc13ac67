"""Replays recordings: lines of `receive_time_ns json`, gzipped or plain.

A recording is read whole and checked before anything of it is played, so a damaged file trades
nothing. Several recordings are merged by receive time; a batch holds frames of one venue that
arrived within the same second (tenth of a second, when paced).
"""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from quantdesk.departments.ingestion import FRAME_BYTES_MAX, FRAMES_MAX, FrameBatch
from quantdesk.kernel import CorruptData, NotFound

RECORDING_BYTES_MAX = 1_073_741_824
BACKWARDS_NS_MAX = 1_000_000_000
BATCH_NS = 1_000_000_000
PACED_BATCH_NS = 100_000_000
PACE_NS = 1_000_000_000
_GZIP = b"\x1f\x8b"
_VENUE_LINES_MAX = 1_000

Int64s = NDArray[np.int64]


class Recording(Struct, frozen=True, gc=False):
    """One file: its venue, and per frame the receive time and the raw bytes."""

    path: Path
    venue: str
    received_ns: Int64s
    frames: list[bytes]


def read_recording(path: Path) -> Recording:
    """The whole file. Raises `NotFound`, or `CorruptData` naming the line."""
    lines = _text(path).split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    if not lines:
        raise CorruptData("the recording is empty", where=str(path))
    times: list[int] = []
    frames: list[bytes] = []
    for number, line in enumerate(lines, 1):
        stamp, space, frame = line.partition(b" ")
        # ns since the epoch have 19 digits from 2001 to 2286.
        if not space or len(stamp) != 19 or not stamp.isdigit() or frame[:1] != b"{":
            raise _corrupt(path, number, "is not `receive_time_ns json`")
        if len(frame) > FRAME_BYTES_MAX:
            raise _corrupt(path, number, f"is longer than {FRAME_BYTES_MAX} bytes")
        if not frame.rstrip().endswith(b"}"):
            raise _corrupt(path, number, "is cut off")
        times.append(int(stamp))
        frames.append(frame)
    received = np.array(times, dtype=np.int64)
    back = np.flatnonzero(np.diff(received) < -BACKWARDS_NS_MAX)
    if len(back):
        raise _corrupt(path, int(back[0]) + 2, "goes back in time by more than a second")
    return Recording(path, _venue(path, frames), received, frames)


def first_received_ns(path: Path) -> int:
    """The receive time of the first frame."""
    stamp = _text(path).partition(b" ")[0]
    if len(stamp) != 19 or not stamp.isdigit():
        raise _corrupt(path, 1, "is not `receive_time_ns json`")
    return int(stamp)


def _text(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise NotFound(
            "there is no such recording", where=str(path), advice="Check the path after replay:."
        ) from None
    except OSError as error:
        raise NotFound(f"cannot read the recording: {error.strerror}", where=str(path)) from None
    if not raw.startswith(_GZIP):
        if path.suffix == ".gz" and raw:
            raise CorruptData("the recording is not gzip", where=str(path))
        return raw
    try:
        unpacked = zlib.decompressobj(wbits=31)
        text = unpacked.decompress(raw, RECORDING_BYTES_MAX + 1)
        if len(text) > RECORDING_BYTES_MAX:
            raise CorruptData(
                f"the recording unpacks to more than {RECORDING_BYTES_MAX} bytes", where=str(path)
            )
        if unpacked.eof and unpacked.unused_data:
            return gzip.decompress(raw)  # several members
    except (zlib.error, EOFError, gzip.BadGzipFile) as error:
        raise CorruptData(f"the recording is damaged: {error}", where=str(path)) from None
    if not unpacked.eof:
        raise CorruptData("the recording is cut off", where=str(path))
    return text


def _venue(path: Path, frames: Sequence[bytes]) -> str:
    """Told by the content: COIN-M events name a pair (`ps`), USD-M ones a chain (`pu`) or a kind
    of quote, spot quotes have no event type."""
    for number, frame in enumerate(frames[:_VENUE_LINES_MAX], 1):
        if b'"stream"' not in frame:
            continue
        if b'"ps":' in frame:
            return "binance-coinm"
        if any(mark in frame for mark in (b'"pu":', b'"e":"bookTicker"', b'"X":')):
            return "binance-usdm"
        if any(mark in frame for mark in (b"@bookTicker", b"@depth", b"@trade")):
            return "binance-spot" if b'"btcusdt@' in frame[:64] else _unknown(path, number)
    return _unknown(path, 1)


def _unknown(path: Path, number: int) -> str:
    raise CorruptData(
        "the recording is of no venue that the desk can read",
        where=f"{path}:{number}",
        advice="Binance spot, USD-M and COIN-M recordings of bookTicker, trade and depth play.",
    )


def _corrupt(path: Path, number: int, reason: str) -> CorruptData:
    return CorruptData(f"line {number} {reason}", where=f"{path}:{number}")


class ReplaySource:
    """Plays recordings as one feed. `limit` counts the frames of all of them together.

    `paced` plays at the speed of the recording, for a desk that people use meanwhile; otherwise a
    batch comes as soon as the one before it is done with.
    """

    kind = "replay"
    reconnects = 0
    dropped = 0

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        limit: int | None = None,
        batch_ns: int | None = None,
        paced: bool = False,
    ) -> None:
        self._recordings = [read_recording(path) for path in paths]
        self._limit = limit
        self._batch_ns = batch_ns or (PACED_BATCH_NS if paced else BATCH_NS)
        self._paced = paced
        self._closed = False
        self.name = "+".join(path.name for path in paths)

    @property
    def venues(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(recording.venue for recording in self._recordings))

    @property
    def instruments(self) -> tuple[str, ...]:
        from quantdesk.departments.ingestion._parse import SYMBOLS

        return tuple(name for venue in self.venues for name in SYMBOLS[venue].values())

    @property
    def connected(self) -> bool:
        return not self._closed

    @property
    def frames(self) -> int:
        """Frames that will be played in all."""
        total = sum(len(recording.frames) for recording in self._recordings)
        return total if self._limit is None else min(total, self._limit)

    async def batches(self) -> AsyncIterator[FrameBatch]:
        left = self.frames
        began: tuple[int, float] | None = None
        loop = asyncio.get_running_loop()
        for which, start, end in self._slices():
            if self._closed or left <= 0:
                return
            stop = min(end, start + left)
            recording = self._recordings[which]
            times = recording.received_ns[start:stop].tolist()
            if self._paced:
                began = began or (times[0], loop.time())
                await asyncio.sleep(began[1] + (times[-1] - began[0]) / PACE_NS - loop.time())
            left -= stop - start
            yield FrameBatch(
                source=recording.venue, frames=recording.frames[start:stop], received_ns=times
            )
            if not self._paced:
                await asyncio.sleep(0)

    async def close(self) -> None:
        self._closed = True

    def _slices(self) -> list[tuple[int, int, int]]:
        """(recording, start, stop) of each batch, in order of time.

        Time is cut at multiples of `batch_ns`; within a cut each recording gives one batch, the
        one whose first frame is oldest first.
        """
        slices: list[tuple[int, int, int, int]] = []
        for which, recording in enumerate(self._recordings):
            # A frame that arrived "before" the one in front of it stays behind it.
            times = np.maximum.accumulate(recording.received_ns)
            cuts = np.flatnonzero(np.diff(times // self._batch_ns)) + 1
            edges = [0, *cuts.tolist(), len(times)]
            slices.extend(
                (int(times[first]), which, first, min(stop, first + FRAMES_MAX))
                for start, stop in pairwise(edges)
                for first in range(start, stop, FRAMES_MAX)
            )
        return [(which, start, stop) for _, which, start, stop in sorted(slices)]
