"""Reports of a venue that pushes none: asked for at a cadence, told when something is new."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from quantdesk.kernel import Seam, Unavailable

from . import FillReport, OrderReport, Report, Venue

WATCHED_MAX = 10_000
OVERLAP_NS = 60_000_000_000
"""Fills are asked for again that far back: an exchange may list one late."""
SEEN_MAX = 100_000


class Polling:
    """Follows open orders and fills. Every poll asks for the open orders, for those that have left
    them since, and for new fills."""

    def __init__(
        self, venue: Venue, seam: Seam, every_s: float, instruments: Sequence[str]
    ) -> None:
        self._venue = venue
        self._seam = seam
        self._every_s = every_s
        self._instruments = instruments
        self._watched: dict[str, OrderReport] = {}
        self._seen: dict[str, None] = {}
        self._closed = False

    def watch(self, report: OrderReport) -> None:
        """Tell of this order from here on."""
        if not report.final and len(self._watched) < WATCHED_MAX:
            self._watched.setdefault(report.client_order_id, report)

    def close(self) -> None:
        self._closed = True

    async def read(self) -> AsyncIterator[Report]:
        since_ns = self._seam.now_ns()
        while not self._closed:
            try:
                found = await self._poll(since_ns)
            except Unavailable:
                found = []  # the next poll finds what this one missed
            else:
                since_ns = max(since_ns, self._seam.now_ns() - OVERLAP_NS)
            for report in found:
                yield report
            await self._seam.clock.sleep(self._every_s)
            await asyncio.sleep(0)

    async def _poll(self, since_ns: int) -> list[Report]:
        # Fills are asked for last and told first: they cover what the orders say was filled.
        listed = await self._orders()
        news: list[Report] = await self._new_fills(since_ns)
        for key, report in listed.items():
            if report != self._watched.get(key):
                news.append(report)
            if report.final:
                self._watched.pop(key, None)
            elif key in self._watched or len(self._watched) < WATCHED_MAX:
                self._watched[key] = report
        return news

    async def _new_fills(self, since_ns: int) -> list[Report]:
        news: list[Report] = []
        for instrument in self._instruments:
            for fill in await self._venue.fills(instrument, since_ns - OVERLAP_NS):
                if fill.venue_fill_id not in self._seen:
                    self._note(fill)
                    news.append(fill)
        return news

    async def _orders(self) -> dict[str, OrderReport]:
        """Those that are open, and those that were when it was asked last."""
        listed = {report.client_order_id: report for report in await self._venue.open_orders()}
        for key, before in list(self._watched.items()):
            if key not in listed:
                now = await self._venue.order(key, before.instrument)
                if now is not None:
                    listed[key] = now
        return listed

    def _note(self, fill: FillReport) -> None:
        while len(self._seen) >= SEEN_MAX:
            del self._seen[next(iter(self._seen))]
        self._seen[fill.venue_fill_id] = None
