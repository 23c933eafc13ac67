"""A share of the size that a strategy asks for, without the strategy knowing.

Quantities on their way out are scaled down to whole lots; those on their way back (positions, fills
in reports) are scaled up, so that a strategy which steers by its position steers as at full size.
What comes to less than a lot is not sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from quantdesk.departments.trading.engine.engine import Ticket
from quantdesk.departments.trading.engine.model import Rows
from quantdesk.departments.trading.engine.modes import Context, Event

if TYPE_CHECKING:
    from typing import Any

    from .authoring import Strategy

PPM = 1_000_000
NOT_SENT = 0
"""The handle of an order that was too small to be sent: nothing can be done to it."""
FORGOTTEN_MAX = 100_000


def capped(quantity: int, share_ppm: int, lot: int) -> int:
    """The share of a quantity, rounded down to whole lots."""
    return quantity * share_ppm // (PPM * lot) * lot


def at_full_size(quantity: int, share_ppm: int) -> int:
    """What a scaled quantity stands for, rounded towards zero. Either sign."""
    size = abs(quantity) * PPM // share_ppm
    return size if quantity >= 0 else -size


class CappedContext:
    """A `Context` of which the strategy may use a share."""

    def __init__(self, lots: Sequence[int], share_ppm: int) -> None:
        self._lots = lots
        self._share_ppm = share_ppm
        self._instruments: dict[int, int] = {}
        self.behind: Context | None = None

    @property
    def _real(self) -> Context:
        assert self.behind is not None, "it is used within a wake only"
        return self.behind

    @property
    def now_ns(self) -> int:
        return self._real.now_ns

    @property
    def index(self) -> int:
        return self._real.index

    @property
    def events(self) -> Rows:
        return self._real.events

    @property
    def event(self) -> Event:
        return self._real.event

    def best(self, instrument: int, side: int) -> int:
        return self._real.best(instrument, side)

    def wake_at(self, at_ns: int) -> None:
        self._real.wake_at(at_ns)

    def catch_up(self) -> None:
        self._real.catch_up()

    def position(self, instrument: int = 0, account: int = 0) -> int:
        return at_full_size(self._real.position(instrument, account), self._share_ppm)

    def reports(self) -> Rows:
        rows = self._real.reports().copy()
        rows["quantity"] = [at_full_size(int(q), self._share_ppm) for q in rows["quantity"]]
        return rows

    def submit(self, ticket: Ticket) -> int:
        """The handle, `NOT_SENT` where its share is less than a lot."""
        lot = self._lots[ticket.instrument]
        quantity = capped(ticket.quantity, self._share_ppm, lot)
        if quantity <= 0 < ticket.quantity:
            return NOT_SENT
        display = capped(ticket.display, self._share_ppm, lot)
        if ticket.display and not display:
            display = lot
        handle = self._real.submit(replace(ticket, quantity=quantity, display=display))
        self._instruments[handle] = ticket.instrument
        if len(self._instruments) > FORGOTTEN_MAX:
            del self._instruments[next(iter(self._instruments))]
        return handle

    def cancel(self, handle: int) -> None:
        if handle != NOT_SENT:
            self._real.cancel(handle)

    def cancel_all(self, account: int = 0, instrument: int = -1) -> None:
        self._real.cancel_all(account, instrument)

    def amend(self, handle: int, *, quantity: int = 0, price: int = 0, trigger: int = 0) -> None:
        """To less than a lot: it is cancelled."""
        if handle == NOT_SENT:
            return
        lot = self._lots[self._instruments.get(handle, 0)]
        scaled = capped(quantity, self._share_ppm, lot)
        if quantity and not scaled:
            self._real.cancel(handle)
        else:
            self._real.amend(handle, quantity=scaled, price=price, trigger=trigger)


class Capped:
    """A strategy that sees the desk through a `CappedContext`."""

    def __init__(self, strategy: Strategy[Any], lots: Sequence[int], share_ppm: int) -> None:
        self._strategy = strategy
        self._context = CappedContext(lots, share_ppm)
        self.wake = strategy.wake

    def on_start(self, context: Context) -> None:
        self._context.behind = context
        self._strategy.on_start(cast(Context, self._context))

    def on_wake(self, context: Context) -> None:
        self._context.behind = context
        self._strategy.on_wake(cast(Context, self._context))
