"""The rows of a batch, added one by one."""

from __future__ import annotations

import numpy as np

from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine.model import Rows

_FIELDS = m.ACTION.names or ()
_PLACE = {name: at for at, name in enumerate(_FIELDS)}
_EMPTY = [0] * len(_FIELDS)
for _name in ("target", "parent", "group"):
    _EMPTY[_PLACE[_name]] = -1


class Actions:
    """What a batch will do, in the order of the events; each method gives the number of its row.

    `at` is the index of the event after which it is done. `target`, `parent` and `group` are
    numbers of earlier rows.
    """

    def __init__(self) -> None:
        self._rows: list[tuple[int, ...]] = []

    def submit(self, at: int, side: int, quantity: int, **fields: int) -> int:
        """An order; `fields` as in `Ticket`: type, price, tif, flags, instrument, …

        Raises `KeyError` for a field that is none.
        """
        return self._add({"event": at, "kind": m.NEW, "side": side, "quantity": quantity, **fields})

    def cancel(self, at: int, target: int) -> int:
        """A cancellation of the order of an earlier row."""
        return self._add({"event": at, "kind": m.CANCEL, "target": target})

    def cancel_all(self, at: int, instrument: int = -1) -> int:
        """A mass cancellation, of one instrument or of all."""
        return self._add({"event": at, "kind": m.CANCEL_ALL, "instrument": instrument})

    def amend(
        self, at: int, target: int, *, quantity: int = 0, price: int = 0, trigger: int = 0
    ) -> int:
        """New terms for the order of an earlier row; 0 leaves one as it is."""
        return self._add({
            "event": at, "kind": m.AMEND, "target": target, "quantity": quantity, "price": price,
            "trigger": trigger,
        })  # fmt: skip

    def rows(self) -> Rows:
        """The array that `decide` returns."""
        return np.array(self._rows, m.ACTION)

    def _add(self, fields: dict[str, int]) -> int:
        row = _EMPTY.copy()
        for name, value in fields.items():
            row[_PLACE[name]] = value
        self._rows.append(tuple(row))
        return len(self._rows) - 1
