"""The states of an order in the engine, and every change between them.

    SUBMITTED ─ on its way ──► ACCEPTED ─► PARTIAL ─► FILLED
        │  │                      ▲  │
        │  ├─► HELD ── parent filled │          any live state ─► CANCELLED, EXPIRED
        │  └─► WAITING ─ trigger ─► TRIGGERED ─► ACCEPTED, PARTIAL, FILLED
        └─► REJECTED

HELD is a child whose parent has not filled, WAITING a conditional order whose price has not come.
The kernel moves an order by `may_become` alone; what the table does not list it does not do.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from .jit import entry
from .model import Rows

NONE: Final = 0
SUBMITTED: Final = 1
HELD: Final = 2
WAITING: Final = 3
TRIGGERED: Final = 4
ACCEPTED: Final = 5
PARTIAL: Final = 6
FILLED: Final = 7
CANCELLED: Final = 8
EXPIRED: Final = 9
REJECTED: Final = 10
NAMES: Final = (
    "none", "submitted", "held", "waiting", "triggered", "accepted", "partially_filled", "filled",
    "cancelled", "expired", "rejected",
)  # fmt: skip

_ENDS: Final = (FILLED, CANCELLED, EXPIRED)
NEXT: Final[dict[int, tuple[int, ...]]] = {
    NONE: (SUBMITTED,),
    SUBMITTED: (HELD, WAITING, TRIGGERED, ACCEPTED, PARTIAL, CANCELLED, EXPIRED, FILLED, REJECTED),
    HELD: (WAITING, TRIGGERED, ACCEPTED, PARTIAL, REJECTED, *_ENDS),
    WAITING: (TRIGGERED, CANCELLED, EXPIRED),
    TRIGGERED: (ACCEPTED, PARTIAL, REJECTED, *_ENDS),
    ACCEPTED: (PARTIAL, *_ENDS),
    PARTIAL: (PARTIAL, *_ENDS),
    FILLED: (),
    CANCELLED: (),
    EXPIRED: (),
    REJECTED: (),
}

TABLE = np.zeros((len(NAMES), len(NAMES)), np.bool_)
for _before, _afters in NEXT.items():
    TABLE[_before, list(_afters)] = True


@entry
def may_become(before: int, after: int) -> bool:
    """Whether the table lists the change."""
    return bool(TABLE[before, after])


@entry
def move(orders: Rows, slot: int, after: int) -> bool:
    """Change an order's state; False, and nothing changed, where the table does not list it."""
    order = orders[slot]
    if not TABLE[order["state"], after]:
        return False
    order["state"] = after
    return True
