"""A run as the live desk hosts it: woken in the kernel's loop, through the desk's gate."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from quantdesk.departments.trading.engine.model import Rows
from quantdesk.departments.trading.engine.modes import WAKE_EVERY, Context, Strategy

if TYPE_CHECKING:
    from quantdesk.kernel import Caller, DeskError


class Record(Protocol):
    """What a run is told of an order of its own."""

    @property
    def state(self) -> str: ...


class Hosted(Protocol):
    """A strategy at work, in the hands of who put it there."""

    @property
    def is_running(self) -> bool: ...

    def stop(self) -> None:
        """Wake it no more. Its open orders stand."""
        ...


class HostedRun:
    """One run. `failed` is called once, when it is put out; it must not wait.

    It begins with the second batch: during the first one the desk may not know a price yet, and
    the gate would refuse its orders for that.
    """

    def __init__(
        self,
        caller: Caller,
        instruments: tuple[str, ...],
        strategy: Strategy,
        failed: Callable[[DeskError], None],
        *,
        on_paper: bool,
    ) -> None:
        self.on_paper = on_paper
        self.caller = caller
        self.instruments = instruments
        self.wake = WAKE_EVERY
        self._first: Rows | None = None
        self._begun = False
        self._strategy = strategy
        self._failed = failed

    def on_start(self, context: Context) -> None:
        self._first = context.events

    def on_wake(self, context: Context) -> None:
        if self._begun:
            self._strategy.on_wake(context)
        elif context.events is not self._first:
            self._begun, self._first = True, None
            self.wake = self._strategy.wake
            self._strategy.on_start(context)
            if self.wake & WAKE_EVERY:
                self._strategy.on_wake(context)

    def on_order(self, record: Record) -> None:
        """The journal has it: what was refused is counted there."""

    def on_put_out(self, error: DeskError) -> None:
        self._failed(error)


class Host(Protocol):
    """What runs strategies: the trading department."""

    def host(self, host: HostedRun) -> Hosted:
        """Run it from the next market data on, on its caller's account, which is open."""
        ...
