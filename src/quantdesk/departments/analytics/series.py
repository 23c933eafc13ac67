"""Market data as time series in DuckDB.

Columns are buffered and written together. A `kill -9` loses what was not flushed yet, a few
seconds at most; nothing is lost for good, since the stream `market.batches` holds every batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
from msgspec import Struct

from quantdesk.departments.ingestion import QUOTE, TRADE, Quotes, Trades
from quantdesk.kernel import CorruptData, DeskError, Misconfigured, Unavailable

from .metrics import Float64s, Int64s

BUFFER_ROWS_MAX = 65_536
BUFFER_NS_MAX = 10_000_000_000
"""Market time after which buffered rows are written even if they are few."""

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "threads": 2,
    "memory_limit": "512MB",
    # SQL here is ours and takes parameters only; should that ever fail, it still cannot reach
    # files, the network or extensions, nor undo these settings (`lock_configuration` below).
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
_TYPES = {"i8": "BIGINT", "i2": "SMALLINT", "i1": "TINYINT"}


def _table(name: str, dtype: np.dtype[np.void]) -> str:
    assert dtype.names is not None
    columns = ", ".join(f"{field} {_TYPES[dtype[field].str[1:]]}" for field in dtype.names)
    return f"CREATE TABLE IF NOT EXISTS {name} ({columns})"


_TRADE_CANDLES = """
SELECT event_ns // $step AS bucket, arg_min(price, rowid), max(price), min(price),
       arg_max(price, rowid), sum(size)::BIGINT, count(*)
FROM trades WHERE instrument = $instrument AND received_ns <= $now
GROUP BY bucket ORDER BY bucket DESC LIMIT $limit
"""
_QUOTE_CANDLES = """
SELECT event_ns // $step AS bucket, arg_min(mid, row), max(mid), min(mid), arg_max(mid, row), 0, 0
FROM (SELECT event_ns, (bid + ask) // 2 AS mid, rowid AS row
      FROM quotes WHERE instrument = $instrument AND received_ns <= $now)
GROUP BY bucket ORDER BY bucket DESC LIMIT $limit
"""


_MIDS = """
SELECT wanted.row, (known.bid::DOUBLE + known.ask::DOUBLE) / 2
FROM wanted ASOF JOIN (
    SELECT instrument, received_ns, bid, ask FROM quotes
    WHERE received_ns BETWEEN $first AND $last
) AS known ON wanted.instrument = known.instrument AND wanted.at >= known.received_ns
WHERE wanted.at <= $now AND wanted.at - known.received_ns <= $age
"""
MID_NS_MAX = 60_000_000_000


class CandleRow(Struct, frozen=True):
    """Prices and volume in units of 1e-8."""

    opened_ns: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    trades: int


class MarketSeries:
    """The tables `quotes` and `trades`. `path` None keeps them in memory.

    Raises `CorruptData` for a file that is no DuckDB database, `Unavailable` for one that another
    process holds, `Misconfigured` for a place that cannot be written.
    """

    def __init__(self, path: Path | None) -> None:
        self._where = ":memory:" if path is None else str(path)
        try:
            self._connection = duckdb.connect(self._where, config=_CONFIG)
            self._connection.execute(_table("quotes", QUOTE))
            self._connection.execute(_table("trades", TRADE))
            self._connection.execute("SET lock_configuration = true")
        except duckdb.Error as error:
            raise _refusal(error, self._where) from error
        self._quotes: list[Quotes] = []
        self._trades: list[Trades] = []
        self._flushed_ns: int | None = None
        self.buffered = 0

    def append(self, quotes: Quotes, trades: Trades, now_ns: int) -> int:
        """Take columns; write what is buffered when it is much or old. Returns the rows taken."""
        rows = len(quotes) + len(trades)
        if len(quotes):
            self._quotes.append(quotes)
        if len(trades):
            self._trades.append(trades)
        self.buffered += rows
        if self._flushed_ns is None:
            self._flushed_ns = now_ns
        if self.buffered >= BUFFER_ROWS_MAX or now_ns - self._flushed_ns >= BUFFER_NS_MAX:
            self._flushed_ns = now_ns
            self.flush()
        return rows

    def flush(self) -> None:
        """Write the buffer in one transaction. The buffer is empty afterwards, come what may."""
        if not self.buffered:
            return
        quotes, trades = self._quotes, self._trades
        self._quotes, self._trades, self.buffered = [], [], 0
        try:
            self._connection.begin()
            self._insert("quotes", quotes)
            self._insert("trades", trades)
            self._connection.commit()
        except duckdb.Error as error:
            raise _refusal(error, self._where) from error

    def candles(self, instrument: int, step_s: int, limit: int, now_ns: int) -> list[CandleRow]:
        """The newest candles known at `now_ns`, oldest first, in the venue's own time.

        From trades; from mid prices where the market printed none.
        """
        step_ns = step_s * 1_000_000_000
        values = {"step": step_ns, "instrument": instrument, "now": now_ns, "limit": limit}
        with self._connection.cursor() as cursor:
            rows = cursor.execute(_TRADE_CANDLES, values).fetchall()
            if not rows:
                rows = cursor.execute(_QUOTE_CANDLES, values).fetchall()
        return [CandleRow(row[0] * step_ns, *row[1:]) for row in reversed(rows)]

    def mids(self, instruments: Int64s, at_ns: Int64s, now_ns: int) -> Float64s:
        """The last mid price known at each moment; NaN for moments after `now_ns`, and where no
        quote came within `MID_NS_MAX` before it."""
        found = np.full(len(at_ns), np.nan)
        if not len(at_ns):
            return found
        with self._connection.cursor() as cursor:
            cursor.register("wanted", {"row": np.arange(len(at_ns)), "instrument": instruments,
                                       "at": at_ns})  # fmt: skip
            bounds = {
                "first": int(at_ns.min()) - MID_NS_MAX,
                "last": min(int(at_ns.max()), now_ns),
                "now": now_ns,
                "age": MID_NS_MAX,
            }
            for row, mid in cursor.execute(_MIDS, bounds).fetchall():
                found[row] = mid
        return found

    def close(self) -> None:
        self.flush()
        self._connection.close()

    def _insert(self, table: str, chunks: Sequence[Quotes]) -> None:
        if not chunks:
            return
        rows = np.concatenate(chunks)
        assert rows.dtype.names is not None
        # DuckDB scans numpy columns in place: no pandas, no Arrow, no row ever becomes an object.
        columns = {name: np.ascontiguousarray(rows[name]) for name in rows.dtype.names}
        self._connection.register("incoming", columns)
        try:
            self._connection.execute(f"INSERT INTO {table} SELECT * FROM incoming")  # noqa: S608 - one of our two table names
        finally:
            self._connection.unregister("incoming")


def _refusal(error: duckdb.Error, where: str) -> DeskError:
    text = str(error)
    if "not a valid DuckDB database" in text or "orrupt" in text or "Could not read" in text:
        return CorruptData(
            "the time-series file is not a DuckDB database, or it is damaged",
            where=where,
            advice="Restore it, or move it away: its content can be replayed from the stream.",
        )
    if "Could not set lock" in text:
        return Unavailable(
            "the time-series file is in use by another process",
            where=where,
            advice="Stop the other desk, or give this one its own --data-dir.",
        )
    if isinstance(error, duckdb.IOException):
        return Misconfigured(
            "the time-series file cannot be opened or written",
            where=where,
            advice="Check that the folder exists, is writable and has space.",
        )
    return Unavailable(f"DuckDB: {text.splitlines()[0]}", where=where)
