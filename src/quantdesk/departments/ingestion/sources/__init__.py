"""Where frames come from: a recording, the simulated exchange, or a live connection."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

from quantdesk.departments.ingestion import FrameBatch
from quantdesk.kernel import ManualClock, Misconfigured, Seam

PROBE_S = 2.0
FILES_MAX = 16


class Source(Protocol):
    """A feed of raw frames. `kind` is simulated, replay or live; `venues` are the sources that
    its batches name."""

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def venues(self) -> tuple[str, ...]: ...

    @property
    def instruments(self) -> tuple[str, ...]: ...

    @property
    def connected(self) -> bool: ...

    @property
    def reconnects(self) -> int: ...

    @property
    def dropped(self) -> int:
        """Frames given up because the desk did not take them in time."""
        ...

    def batches(self) -> AsyncIterator[FrameBatch]:
        """Frames as they come, in batches of one venue each, in order of time."""
        ...

    async def close(self) -> None:
        """Stop; `batches` ends."""
        ...


async def open_feed(feed: str, seam: Seam, *, limit: int | None = None) -> Source:
    """The source that `feed` names: auto, live, simulated or replay:FILE[,FILE…].

    `auto` is live where the public feed answers within two seconds, else simulated. `limit` ends
    the feed after that many frames. Raises `Misconfigured` for anything else, `NotFound` or
    `CorruptData` for a recording that cannot be read whole.
    """
    if feed == "auto":
        feed = "live" if await probe_live() else "simulated"
    if feed == "simulated":
        from .simulated import SimulatedSource

        return SimulatedSource(seam, limit=limit)
    if feed == "live":
        from .live import LiveSource

        return LiveSource(seam, limit=limit)
    from .replay import ReplaySource

    # People use a live desk meanwhile; a replaying one goes as fast as it can.
    return ReplaySource(_files(feed), limit=limit, paced=not isinstance(seam.clock, ManualClock))


def recording_start_ns(feed: str) -> int | None:
    """When a recording begins (ns since the epoch); None where `feed` is not a recording."""
    if feed in {"auto", "live", "simulated"}:
        return None
    from .replay import first_received_ns

    return min(first_received_ns(path) for path in _files(feed))


async def probe_live() -> bool:
    """Whether the public live feed answers within two seconds."""
    from .live import reachable

    return await reachable(PROBE_S)


def _files(feed: str) -> list[Path]:
    kind, _, names = feed.partition(":")
    files = [Path(name) for name in names.split(",") if name]
    if kind != "replay" or not files:
        raise Misconfigured(
            f"unknown feed {feed[:200]!r}",
            where="--feed",
            advice="Use auto, live, simulated or replay:FILE[,FILE…].",
        )
    if len(files) > FILES_MAX:
        raise Misconfigured(f"at most {FILES_MAX} recordings play together", where="--feed")
    return files


__all__ = ["FILES_MAX", "PROBE_S", "Source", "open_feed", "probe_live", "recording_start_ns"]
