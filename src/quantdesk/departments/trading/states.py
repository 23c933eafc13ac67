"""The desk's order state machine: the kernel's table, and what may happen on the way to a venue.

    new ──► submitted ──► accepted ─► partially_filled ─► filled
              │  │           ▲  │
              │  ├─► held ── parent filled │      any live state ─► cancelled, expired
              │  └─► waiting ─ trigger ─► triggered ─► accepted, partially_filled, filled
              └─► rejected                        any live state ◄─► unknown

`expired` ended by its time in force (FIX: "cancelled in the system due to time in force").
`unknown`: a venue did not answer in time. A time-out is `unknown`, never `rejected`: ask the
venue, then decide; what it says may be any state but `submitted`. The paper venue answers at once:
an order there goes from `new` to what became of it.

What was asked and is not answered yet stands beside the state, in `in_flight`.
"""

from __future__ import annotations

from typing import Final

from quantdesk.kernel import Internal

from . import InFlight
from .engine.states import NAMES, NEXT, NONE

NEW: Final = "new"
"""Before anything happened; never stored, never shown."""
UNKNOWN: Final = "unknown"

_KERNEL: dict[str, frozenset[str]] = {
    NAMES[state]: frozenset(NAMES[after] for after in following)
    for state, following in NEXT.items()
    if state != NONE
}
FINAL: frozenset[str] = frozenset(state for state, following in _KERNEL.items() if not following)
TRANSITIONS: dict[str, frozenset[str]] = {
    NEW: _KERNEL["submitted"] | {"submitted"},
    **{state: to | {UNKNOWN} if to else to for state, to in _KERNEL.items()},
    UNKNOWN: frozenset(_KERNEL) - {"submitted"},
}
IN_FLIGHT: dict[InFlight | None, frozenset[InFlight | None]] = {
    None: frozenset({"new", "cancel", "amend"}),
    "new": frozenset({None, "cancel"}),
    "amend": frozenset({None, "cancel"}),
    "cancel": frozenset({None}),
}
"""What may be asked while what is not answered; a cancellation overtakes everything."""


def check_transition(state: str, following: str) -> None:
    """Raises `Internal` for a transition that is not in the table."""
    if following not in TRANSITIONS[state]:
        raise Internal(f"an order that is {state} cannot become {following}")
