"""What each source last said of each symbol, and what the desk made of it."""

from __future__ import annotations

from collections import deque

from msgspec import Struct

from quantdesk.kernel import NotFound, Refused

from . import HISTORY_MAX
from ._aggregate import Aggregate, Reading, aggregate
from .config import OracleConfig

SYMBOLS_MAX = 256
SOURCES_MAX = 16


class Point(Struct, frozen=True):
    """An aggregated price in units of 1e-8."""

    at_ns: int
    price: int
    confidence: int
    sources: int


class Board:
    """Readings and a bounded history, in memory: what matters of them is on chain and in the
    answers that others store."""

    def __init__(
        self,
        config: OracleConfig,
        *,
        symbols_max: int = SYMBOLS_MAX,
        sources_max: int = SOURCES_MAX,
        history_max: int = HISTORY_MAX,
    ) -> None:
        self._config = config
        self._symbols_max = symbols_max
        self._sources_max = sources_max
        self._history_max = history_max
        self._readings: dict[str, dict[str, Reading]] = {}
        self._history: dict[str, deque[Point]] = {}
        self._interval_ns = int(config.publish_interval_s * 1e9)

    def check_room(self, symbol: str, source: str) -> None:
        """Raises `Refused` if the reading would need one place more than there is."""
        sources = self._readings.get(symbol)
        if sources is None and len(self._readings) >= self._symbols_max:
            raise Refused(f"the oracle follows at most {self._symbols_max} symbols", where=symbol)
        if sources and source not in sources and len(sources) >= self._sources_max:
            raise Refused(f"a symbol has at most {self._sources_max} sources", where=symbol)

    def take(self, symbol: str, reading: Reading, now_ns: int) -> bool:
        """Keep a reading unless a newer one of the same source is known. One that came from the
        future is not waited for."""
        self.check_room(symbol, reading.source)
        sources = self._readings.setdefault(symbol, {})
        before = sources.get(reading.source)
        if before is not None and reading.published_ns < before.published_ns <= now_ns:
            return False
        sources[reading.source] = reading
        return True

    def readings(self, symbol: str) -> list[Reading]:
        """Raises `NotFound` for a symbol that no source has named."""
        found = self._readings.get(symbol)
        if found is None:
            raise NotFound(
                f"no source has given a price of {symbol}",
                where="/symbol",
                advice="Check the symbol; prices appear once a source is followed.",
            )
        return list(found.values())

    def aggregate(self, symbol: str, now_ns: int) -> Aggregate:
        """The one price now. Raises `NotFound` or `OracleRefused`."""
        found = aggregate(symbol, self.readings(symbol), now_ns, self._config)
        self._remember(found, now_ns)
        return found

    def _remember(self, found: Aggregate, now_ns: int) -> None:
        points = self._history.setdefault(found.symbol, deque(maxlen=self._history_max))
        if not points or now_ns - points[-1].at_ns >= self._interval_ns:
            used = sum(j.status == "used" for j in found.judged)
            points.append(Point(now_ns, found.price, found.confidence, used))

    def history(
        self, symbol: str, limit: int, *, since_ns: int | None = None, before_ns: int | None = None
    ) -> list[Point]:
        """Newest first."""
        self.readings(symbol)
        found: list[Point] = []
        for point in reversed(self._history.get(symbol, ())):
            if len(found) >= limit or (since_ns is not None and point.at_ns < since_ns):
                break
            if before_ns is None or point.at_ns < before_ns:
                found.append(point)
        return found
