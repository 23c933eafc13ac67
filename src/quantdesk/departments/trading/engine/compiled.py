"""What a compiled strategy calls, and the loop made around it.

    @numba.njit
    def on_event(st, events, i, memory):
        if events[i]["kind"] == QUOTE and memory[0] == 0:
            memory[0] = limit_order(st, 0, BUY, 10_000_000, events[i]["price"])

`memory` is the strategy's own int64 array, its parameters included. Orders give their handle, or a
fault below 0 (`faults.py`). They are carried out after `on_event` has come back.
"""

from __future__ import annotations

from collections.abc import Callable

from quantdesk.kernel import InvalidInput

from ._book import best_price
from ._loop import show, step
from ._requests import amend, cancel, cancel_all, drain, submit
from .jit import is_jitted, jit, jit_here
from .model import (
    DONE,
    GTC,
    IOC,
    LIMIT,
    MARKET,
    NEW,
    REPORTS_FULL,
    TOO_MANY_ACTIONS,
    Ints,
    Rows,
    State,
)

__all__ = [
    "amend", "best", "cancel", "cancel_all", "clear_order", "limit_order", "make_run",
    "market_order", "position_of", "send_order",
]  # fmt: skip

OnEvent = Callable[[State, Rows, int, Ints], None]
RunCompiled = Callable[[State, Rows, Ints, int, int], tuple[int, int]]


@jit
def clear_order(st: State, instrument: int, side: int, quantity: int) -> None:
    """Begin an order in `st.scratch[0]`: a market order until other fields are set."""
    a = st.scratch[0]
    a["event"], a["kind"], a["target"], a["account"] = 0, NEW, -1, 0
    a["instrument"], a["side"], a["quantity"] = instrument, side, quantity
    a["type"], a["tif"], a["flags"], a["price"], a["trigger"] = MARKET, IOC, 0, 0, 0
    a["trail"], a["offset"], a["display"], a["expire_ns"], a["tag"] = 0, 0, 0, 0, 0
    a["parent"], a["group"] = -1, -1


@jit
def send_order(st: State, parent: int, group: int) -> int:
    """Send what stands in `st.scratch[0]`; `parent` and `group` are handles, 0 for none."""
    return submit(st, st.scratch, 0, parent, group)


@jit
def market_order(st: State, instrument: int, side: int, quantity: int) -> int:
    """Send a market order of account 0."""
    clear_order(st, instrument, side, quantity)
    return send_order(st, 0, 0)


@jit
def limit_order(  # noqa: PLR0917 - compiled functions have no keyword-only parameters
    st: State, instrument: int, side: int, quantity: int, price: int, flags: int = 0
) -> int:
    """Send a limit order of account 0, good till cancelled."""
    clear_order(st, instrument, side, quantity)
    a = st.scratch[0]
    a["type"], a["tif"], a["price"], a["flags"] = LIMIT, GTC, price, flags
    return send_order(st, 0, 0)


@jit
def position_of(st: State, instrument: int) -> int:
    """The position of account 0, as far as its fills have been reported."""
    return int(st.positions[0, instrument]["seen"])


@jit
def best(st: State, instrument: int, side: int) -> int:
    """The best price of a side of the book; 0 where it is empty."""
    return best_price(st, instrument, side)


def make_run(on_event: OnEvent, *, allocates: bool = False) -> RunCompiled:
    """The loop over events, compiled into one piece with the strategy.

    A strategy that makes arrays says so (`allocates`): counting references costs several times
    what an event does. Raises `InvalidInput` where the strategy is no function made by
    `numba.njit`.
    """
    if not is_jitted(on_event):
        raise InvalidInput(
            "a compiled strategy must be a numba function",
            advice="Decorate on_event with numba.njit, or run it as a Python callback.",
        )

    strategy = jit_here(on_event, allocates=allocates, forceinline=True)

    def run_compiled(
        st: State, events: Rows, memory: Ints, start: int, stop: int
    ) -> tuple[int, int]:
        hub = st.hub[0]
        for i in range(start, stop):
            status = step(st, events, i)
            if status != DONE:
                return status, i
            if hub["shown"] < hub["reports"]:
                show(st)
            hub["actions"] = 0
            strategy(st, events, i, memory)
            if hub["actions"] > 0:
                if hub["actions"] > hub["actions_max"]:
                    return TOO_MANY_ACTIONS, i + 1
                if not drain(st, hub["now"]):
                    return REPORTS_FULL, i + 1
        return DONE, stop

    return jit_here(run_compiled, allocates=allocates)
