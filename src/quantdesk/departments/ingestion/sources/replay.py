"""Replays recordings: lines of `receive_time_ns json`, gzipped or plain.

A recording is read whole and checked before anything of it is played, so a damaged file trades
nothing. Several recordings are merged by receive time; a batch holds frames of one venue that
arrived within the same second (tenth of a second, when paced).
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from quantdesk.departments.ingestion import FRAME_BYTES_MAX, FRAMES_MAX, FrameBatch
from quantdesk.kernel import CorruptData, NotFound

RECORDING_BYTES_MAX = 536_870_912
BACKWARDS_NS_MAX = 1_000_000_000
BATCH_NS = 1_000_000_000
BATCH_BYTES_MAX = 4_194_304
PACED_BATCH_NS = 100_000_000
PACE_NS = 1_000_000_000
_GZIP = b"\x1f\x8b"
_HEAD_BYTES = 65_536
_STAMP_DIGITS = 19
_CHECKED_TOGETHER = 4_096
_VENUE_LINES_MAX = 1_000

Int64s = NDArray[np.int64]


class Recording(Struct, frozen=True, gc=False):
    """One file: its venue, and per frame the receive time and the raw bytes."""

    path: Path
    venue: str
    received_ns: Int64s
    frames: list[bytes]


class _AnyObject(Struct):
    """Decoding into it checks that a frame is one JSON object, and keeps nothing."""


_objects = msgspec.json.Decoder(_AnyObject)


def read_recording(path: Path, *, bytes_max: int = RECORDING_BYTES_MAX) -> Recording:
    """The whole file. Raises `NotFound`, or `CorruptData` naming the line."""
    text = _unpack(_read(path, bytes_max), path, bytes_max)
    try:
        _ = text.isascii() or text.decode()
    except UnicodeDecodeError as error:
        number = text.count(b"\n", 0, error.start) + 1
        raise _corrupt(path, number, "is not UTF-8") from None
    lines = text.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    if not lines:
        raise CorruptData("the recording is empty", where=str(path))
    times: list[int] = []
    frames: list[bytes] = []
    for number, line in enumerate(lines, 1):
        stamp, space, frame = line.partition(b" ")
        if not space or not _is_stamp(stamp):
            raise _corrupt(path, number, "is not `receive_time_ns json`")
        if len(frame) > FRAME_BYTES_MAX:
            raise _corrupt(path, number, f"is longer than {FRAME_BYTES_MAX} bytes")
        times.append(int(stamp))
        frames.append(frame)
    _check_json(path, frames)
    received = np.array(times, dtype=np.int64)
    back = np.flatnonzero(np.diff(received) < -BACKWARDS_NS_MAX)
    if len(back):
        raise _corrupt(path, int(back[0]) + 2, "goes back in time by more than a second")
    return Recording(path, _venue(path, frames), received, frames)


def first_received_ns(path: Path) -> int:
    """The receive time of the first frame. Reads no more than the beginning of the file."""
    head = _read(path, _HEAD_BYTES, cut=True)
    if head.startswith(_GZIP):
        try:
            head = zlib.decompressobj(wbits=31).decompress(head, _STAMP_DIGITS + 1)
        except zlib.error as error:
            raise CorruptData(f"the recording is damaged: {error}", where=str(path)) from None
    stamp = head.partition(b" ")[0]
    if not _is_stamp(stamp):
        raise _corrupt(path, 1, "is not `receive_time_ns json`")
    return int(stamp)


def _is_stamp(text: bytes) -> bool:
    """Nanoseconds since the epoch have 19 digits from 2001 to 2286."""
    return len(text) == _STAMP_DIGITS and text.isdigit()


def _check_json(path: Path, frames: Sequence[bytes]) -> None:
    for start in range(0, len(frames), _CHECKED_TOGETHER):
        some = frames[start : start + _CHECKED_TOGETHER]
        try:
            if len(_objects.decode_lines(b"\n".join(some))) == len(some):
                continue
        except msgspec.DecodeError:
            pass
        for number, frame in enumerate(some, start + 1):
            try:
                _objects.decode(frame)
            except msgspec.DecodeError as error:
                raise _corrupt(path, number, f"is not a JSON object: {error}") from None


def _read(path: Path, bytes_max: int, *, cut: bool = False) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(bytes_max if cut else bytes_max + 1)
    except FileNotFoundError:
        raise NotFound(
            "there is no such recording", where=str(path), advice="Check the path after replay:."
        ) from None
    except OSError as error:
        raise NotFound(f"cannot read the recording: {error.strerror}", where=str(path)) from None
    if len(raw) > bytes_max:
        raise _too_large(path, bytes_max)
    if raw and path.suffix == ".gz" and not raw.startswith(_GZIP):
        raise CorruptData("the recording is not gzip", where=str(path))
    return raw


def _unpack(raw: bytes, path: Path, bytes_max: int) -> bytes:
    """The text of a gzip file, whole and with its checksums right; other bytes as they are."""
    if not raw.startswith(_GZIP):
        return raw
    pieces: list[bytes] = []
    left = bytes_max
    while raw:  # one member after the other
        member = zlib.decompressobj(wbits=31)
        try:
            pieces.append(member.decompress(raw, left + 1))
        except zlib.error as error:
            raise CorruptData(f"the recording is damaged: {error}", where=str(path)) from None
        left -= len(pieces[-1])
        if left < 0:
            raise _too_large(path, bytes_max)
        if not member.eof:
            raise CorruptData("the recording is cut off", where=str(path))
        raw = member.unused_data.lstrip(b"\0")  # padding, as some writers leave it
    return b"".join(pieces)


def _too_large(path: Path, bytes_max: int) -> CorruptData:
    return CorruptData(
        f"the recording holds more than {bytes_max} bytes",
        where=str(path),
        advice="Split it by time and replay the parts.",
    )


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
            sizes = np.cumsum([len(frame) for frame in recording.frames])
            for start, stop in pairwise(edges):
                first = start
                while first < stop:
                    end = min(stop, first + FRAMES_MAX, _until(sizes, first))
                    slices.append((int(times[first]), which, first, end))
                    first = end
        return [(which, start, stop) for _, which, start, stop in sorted(slices)]


def _until(sizes: Int64s, first: int) -> int:
    """Where a batch that begins at `first` must end to hold at most `BATCH_BYTES_MAX`; a single
    frame never exceeds it."""
    before = int(sizes[first - 1]) if first else 0
    return int(np.searchsorted(sizes, before + BATCH_BYTES_MAX, "right"))
