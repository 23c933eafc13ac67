"""The bounded stream of reports that an adapter fills and one reader empties."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from quantdesk.kernel import Unavailable

from . import REPORTS_WAITING_MAX, Report


class Reports:
    """What happens while nobody reads waits, up to a bound. At the bound all of it is given up and
    the reader is told: half of the reports would be worse than none."""

    def __init__(self, what: str, *, waiting_max: int = REPORTS_WAITING_MAX) -> None:
        self._what = what
        self._waiting_max = waiting_max
        self._waiting: deque[Report] = deque()
        self._news = asyncio.Event()
        self._missed = self._closed = self._read = False

    def put(self, report: Report) -> None:
        if not self._read or self._missed:
            return
        if len(self._waiting) >= self._waiting_max:
            self._waiting.clear()
            self._missed = True
        else:
            self._waiting.append(report)
        self._news.set()

    def close(self) -> None:
        self._closed = True
        self._news.set()

    def read(self) -> AsyncIterator[Report]:
        """Reports from here on, until `close`. Raises `Unavailable` once some were missed; reading
        may then begin again."""
        self._read = True
        return self._read_all()

    async def _read_all(self) -> AsyncIterator[Report]:
        try:
            while True:
                while self._waiting:
                    yield self._waiting.popleft()
                if self._missed:
                    raise Unavailable(
                        f"more than {self._waiting_max} of {self._what} were waiting to be read",
                        advice="Reconcile, then follow the reports again.",
                    )
                if self._closed:
                    return
                self._news.clear()
                await self._news.wait()
        finally:
            self._waiting.clear()
            self._read = self._missed = False
