"""The state machine of an execution: a written table. Every other transition is refused.

                 start    pause   resume   finish     cancel     fail
    scheduled    running  –       –        –          cancelled  failed
    running      –        paused  –        completed  cancelled  failed
    paused       –        –       running  completed  cancelled  failed

`finish`: all of it was filled, or its time was over. An execution ends only once it has no child on
the market; `cancel` and `fail` end it at once, and a child that is still there is then cancelled.
"""

from __future__ import annotations

from enum import StrEnum
from typing import get_args

from quantdesk.kernel import Internal

from .messages import ExecutionState


class ExecutionEvent(StrEnum):
    BEGIN = "begin"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    FINISH = "finish"
    CANCEL = "cancel"
    FAIL = "fail"


_ENDS: dict[ExecutionEvent, ExecutionState] = {
    ExecutionEvent.CANCEL: "cancelled",
    ExecutionEvent.FAIL: "failed",
}
TRANSITIONS: dict[ExecutionState, dict[ExecutionEvent, ExecutionState]] = {
    "scheduled": {ExecutionEvent.START: "running", **_ENDS},
    "running": {ExecutionEvent.PAUSE: "paused", ExecutionEvent.FINISH: "completed", **_ENDS},
    "paused": {ExecutionEvent.RESUME: "running", ExecutionEvent.FINISH: "completed", **_ENDS},
    "completed": {},
    "cancelled": {},
    "failed": {},
}
FINAL: frozenset[ExecutionState] = frozenset(state for state, to in TRANSITIONS.items() if not to)
assert set(TRANSITIONS) == set(get_args(ExecutionState))


def next_state(state: ExecutionState, event: ExecutionEvent) -> ExecutionState:
    """The state that `event` leads to. Raises `Internal` for a transition not in the table."""
    following = TRANSITIONS[state].get(event)
    if following is None:
        raise Internal(f"an execution that is {state} cannot {event}")
    return following
