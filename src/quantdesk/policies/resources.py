"""What the process uses, read when somebody asks: processor, memory, files, threads, collector,
and how late the event loop is. The names are those of Prometheus' client libraries."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Iterator
from pathlib import Path

from .metrics import Family

LOOK_EVERY_S = 1.0
_PROC = Path("/proc/self")


class LoopLag:
    """How late a timer of the running loop was at worst since the last look: a loop that is held
    up by one call holds up all the others."""

    def __init__(self) -> None:
        self._worst_s = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._arm()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def take(self) -> float:
        """The worst in seconds; the next look begins anew."""
        worst, self._worst_s = self._worst_s, 0.0
        return worst

    def _arm(self) -> None:
        self._due = self._loop.time() + LOOK_EVERY_S
        self._timer = self._loop.call_at(self._due, self._look)

    def _look(self) -> None:
        self._worst_s = max(self._worst_s, self._loop.time() - self._due)
        self._arm()


def process_families() -> Iterator[Family]:
    """What this system tells of this process; what it does not tell is left out."""
    used = os.times()
    yield _one("counter", "process_cpu_seconds_total", "Time on a processor.", used[0] + used[1])
    try:
        pages = int((_PROC / "statm").read_text("ascii").split()[1])
        memory = pages * os.sysconf("SC_PAGE_SIZE")
        yield _one("gauge", "process_resident_memory_bytes", "Memory in use.", memory)
        files = sum(1 for _ in (_PROC / "fd").iterdir())
        yield _one("gauge", "process_open_fds", "Open files and sockets.", files)
        threads = sum(1 for _ in (_PROC / "task").iterdir())
        yield _one("gauge", "process_threads", "Threads.", threads)
    except OSError:  # no /proc here
        return
    finally:
        stats = list(enumerate(gc.get_stats()))
        for key, text in (("collections", "Runs"), ("collected", "Objects freed")):
            yield Family(
                f"python_gc_{'objects_collected' if key == 'collected' else key}_total",
                "counter",
                f"{text} by the garbage collector.",
                [({"generation": str(number)}, stat[key]) for number, stat in stats],
            )


def _one(kind: str, name: str, text: str, value: float) -> Family:
    return Family(name, "counter" if kind == "counter" else "gauge", text, [({}, value)])
