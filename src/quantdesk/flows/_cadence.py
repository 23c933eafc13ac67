"""When to do what must not be done per tick, on the market's own clock."""

from __future__ import annotations

from quantdesk.departments.ingestion import INSTRUMENT_NAMES, VENUE_NAMES, MarketBatch
from quantdesk.departments.oracle import Observation
from quantdesk.kernel import INSTRUMENTS


class Cadence:
    """True once per `every_s` of market time and key: when time enters a new slot of that length.

    Slots, not distances: batches end at uneven times, and none of them must be skipped for it.
    """

    def __init__(self, every_s: float) -> None:
        self._every_ns = int(every_s * 1e9)
        self._slots: dict[str, int] = {}

    def due(self, key: str, now_ns: int) -> bool:
        slot = now_ns // self._every_ns
        if self._slots.get(key) == slot:
            return False
        self._slots[key] = slot
        return True


class LatestQuotes:
    """The newest believed quote per tradable instrument, as the oracle wants to see it."""

    def __init__(self) -> None:
        self._observations: dict[str, Observation] = {}

    def take(self, batch: MarketBatch) -> None:
        """Keep the last quote of each tradable instrument in the batch."""
        quotes = batch.quotes
        if not len(quotes):
            return
        column = quotes["instrument"]
        for index, name in enumerate(INSTRUMENT_NAMES):
            if not INSTRUMENTS[name].tradable:
                continue
            rows = (column == index).nonzero()[0]
            if len(rows):
                row = quotes[int(rows[-1])]
                bid, ask = int(row["bid"]), int(row["ask"])
                self._observations[name] = Observation(
                    symbol=name,
                    venue=VENUE_NAMES[int(row["venue"])],
                    mid=(bid + ask) // 2,
                    half_spread=(ask - bid + 1) // 2,
                    observed_ns=int(row["received_ns"]),
                )

    @property
    def instruments(self) -> tuple[str, ...]:
        """Tradable instruments that have been quoted, in the order of the instrument table."""
        return tuple(name for name in INSTRUMENT_NAMES if name in self._observations)

    def observations(self) -> tuple[Observation, ...]:
        return tuple(self._observations[name] for name in self.instruments)
