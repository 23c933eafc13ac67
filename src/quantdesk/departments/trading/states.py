"""The order state machine: a written table of the allowed transitions. Every other is refused.

               accept    reject    fill_part         fill    cancel     expire   lose
    new        accepted  rejected  –                 –       –          –        –
    accepted   –         –         partially_filled  filled  cancelled  expired  unknown
    part. f.   –         –         partially_filled  filled  cancelled  expired  unknown
    unknown    accepted  rejected  partially_filled  filled  cancelled  expired  –

`cancelled` was asked for; `expired` ended by its time in force (FIX: "cancelled in the system due
to time in force"). `lose`: a venue that did not answer in time. A time-out is `unknown`, never
`rejected`: ask the venue, then decide. The paper venue answers at once, so it never loses one.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from quantdesk.kernel import Internal

from . import OrderState


class OrderEvent(StrEnum):
    ACCEPT = "accept"
    REJECT = "reject"
    FILL_PART = "fill_part"
    FILL = "fill"
    CANCEL = "cancel"
    EXPIRE = "expire"
    LOSE = "lose"


NEW: Final = "new"
"""Before the first event; never stored, never shown."""

_LIVE: dict[OrderEvent, OrderState] = {
    OrderEvent.FILL_PART: "partially_filled",
    OrderEvent.FILL: "filled",
    OrderEvent.CANCEL: "cancelled",
    OrderEvent.EXPIRE: "expired",
}
TRANSITIONS: dict[str, dict[OrderEvent, OrderState]] = {
    NEW: {OrderEvent.ACCEPT: "accepted", OrderEvent.REJECT: "rejected"},
    "accepted": {**_LIVE, OrderEvent.LOSE: "unknown"},
    "partially_filled": {**_LIVE, OrderEvent.LOSE: "unknown"},
    "unknown": {**_LIVE, OrderEvent.ACCEPT: "accepted", OrderEvent.REJECT: "rejected"},
    "filled": {},
    "cancelled": {},
    "rejected": {},
    "expired": {},
}
FINAL: frozenset[str] = frozenset(state for state, to in TRANSITIONS.items() if not to)


def next_state(state: str, event: OrderEvent) -> OrderState:
    """The state that `event` leads to. Raises `Internal` for a transition not in the table."""
    following = TRANSITIONS[state].get(event)
    if following is None:
        raise Internal(f"an order that is {state} cannot {event}")
    return following
