"""Orders in memory: all that can still change, and the newest of those that cannot."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from .orders import OrderRecord

FINISHED_KEPT_MAX = 10_000


class Shelf:
    """Finished orders beyond `finished_kept_max` are left to the journal, oldest first; one that
    still settles stays."""

    def __init__(self, *, finished_kept_max: int = FINISHED_KEPT_MAX) -> None:
        self._finished_kept_max = finished_kept_max
        self._records: dict[str, OrderRecord] = {}
        self._finished: deque[str] = deque()
        self._forgotten_max = ""

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, order_id: str) -> bool:
        return order_id in self._records

    def __iter__(self) -> Iterator[OrderRecord]:
        return iter(self._records.values())

    def get(self, order_id: str) -> OrderRecord | None:
        return self._records.get(order_id)

    def put(self, record: OrderRecord) -> None:
        """Keep an order that can still change."""
        self._records[record.order_id] = record

    def finish(self, record: OrderRecord) -> None:
        """Keep an order that is final, while there is room."""
        self._records[record.order_id] = record
        self._finished.append(record.order_id)
        for _ in range(len(self._finished) - self._finished_kept_max):
            oldest = self._finished.popleft()
            if self._records[oldest].settling:
                self._finished.append(oldest)
            else:
                del self._records[oldest]
                self.left_to_journal(oldest)

    def left_to_journal(self, order_id: str) -> None:
        """From now on, an order up to this id may be one that only the journal knows."""
        self._forgotten_max = max(self._forgotten_max, order_id)

    def may_be_in_journal(self, order_id: str) -> bool:
        """Whether an id that is not here can be in the journal. Ids are ordered by time (UUIDv7),
        so a new one is nearly always above all that were left to it, and costs no read."""
        return order_id <= self._forgotten_max
