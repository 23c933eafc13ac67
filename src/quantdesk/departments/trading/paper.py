"""The paper venue: the kernel that backtests run on, fed with the live market.

It answers at once, and its rules are those
of `engine/_match.py`: orders meet the market as shown, and do not move it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from quantdesk.departments.ingestion import INSTRUMENT_NAMES
from quantdesk.kernel import ASSETS, INSTRUMENTS, Unavailable

from .book import Slice
from .config import RATE_PER_PPM, FeeSchedule, PaperModel
from .engine import model as m
from .engine import states
from .engine._loop import WAKE_NEVER
from .engine.engine import Engine, Preview
from .engine.engine import Ticket as EngineTicket
from .engine.events import market_events
from .engine.model import Bounds, Rows
from .engine.setup import Market, Setup
from .order_messages import OPEN_ORDERS_MAX, OrderType, TimeInForce
from .orders import OrderRecord
from .tickets import Ticket

ACCOUNTS_MAX = 100_000
_BOUNDS = Bounds(
    orders_max=16_384, levels_max=8_192, resting_max=OPEN_ORDERS_MAX,
    requests_max=16_384,
)  # fmt: skip

_TYPES: dict[OrderType, int] = {
    "market": m.MARKET, "limit": m.LIMIT, "stop_market": m.STOP_MARKET, "stop_limit": m.STOP_LIMIT,
    "market_if_touched": m.TOUCHED_MARKET, "limit_if_touched": m.TOUCHED_LIMIT,
    "trailing_stop_market": m.TRAILING_MARKET, "trailing_stop_limit": m.TRAILING_LIMIT,
}  # fmt: skip
_TYPE_NAMES = {code: name for name, code in _TYPES.items()}
_TIMES: dict[TimeInForce, int] = {
    "GTC": m.GTC, "IOC": m.IOC, "FOK": m.FOK, "GTD": m.GTD, "DAY": m.GTD,
}  # fmt: skip
_TIME_NAMES: dict[int, TimeInForce] = {
    m.GTC: "GTC",
    m.IOC: "IOC",
    m.FOK: "FOK",
    m.GTD: "GTD",
    m.DAY: "DAY",
}
QUEUES = {
    "none": m.QUEUE_NONE, "risk_averse": m.RISK_AVERSE, "power_prob": m.POWER_PROB,
    "log_prob": m.LOG_PROB, "power_prob_2": m.POWER_PROB2, "log_prob_2": m.LOG_PROB2,
    "power_prob_3": m.POWER_PROB3,
}  # fmt: skip
REQUESTED = m.R_REQUESTED
REASONS = {
    m.R_TIME_IN_FORCE: "its time in force ended",
    m.R_POST_ONLY: "it is post-only and would have taken",
    m.R_REDUCE_ONLY: "it is reduce-only and there is nothing to reduce",
    m.R_SELF_TRADE: "it would have met an order of its own account",
    m.R_NO_BOOK: "there was no price to fill it",
    m.R_FULL: "its place in the book is full",
    m.R_OVERFLOW: "its amounts are out of range",
    REQUESTED: "cancelled",
    m.R_CONTINGENT: "the order that it depends on ended it",
    m.R_AMENDED: "amended",
}


class Report(NamedTuple):
    """One row of the kernel's reports: the columns of `engine.model.REPORT`."""

    ts: int
    seen_ns: int
    kind: int
    handle: int
    tag: int
    account: int
    instrument: int
    side: int
    price: int
    quantity: int
    fee: int
    maker: int
    state: int
    reason: int

    @property
    def is_fill(self) -> bool:
        return self.kind == m.FILL

    @property
    def state_name(self) -> str:
        return states.NAMES[self.state]


TRADABLE = [name for name, spec in INSTRUMENTS.items() if spec.tradable]


def market_of(
    instrument: str, fees: FeeSchedule, queue: str = "risk_averse", *, depth: int = 0
) -> Market:
    """A listed instrument as the kernel trades it. A backtest that is to fill as paper does asks
    for its markets here too."""
    spec = INSTRUMENTS[instrument]
    return Market(
        name=instrument, tick=spec.tick, lot=spec.lot, maker_fee=fees.maker_ppm * RATE_PER_PPM,
        taker_fee=fees.taker_ppm * RATE_PER_PPM, fee_step=ASSETS[spec.quote].step, depth=depth,
        queue=QUEUES[queue],
    )  # fmt: skip


class PaperVenue:
    """Orders by their sequence (the kernel's tag), accounts and instruments by name.

    An engine per instrument: market data of different sources overlaps, and each keeps its time.
    """

    name = "paper"

    def __init__(
        self, fees: FeeSchedule, model: PaperModel, *, accounts_max: int = ACCOUNTS_MAX
    ) -> None:
        self._engines = {
            name: Engine(
                Setup(
                    markets=(market_of(name, fees, model.queue),), cash=(0,) * accounts_max,
                    report_states=True, bounds=_BOUNDS, actions_max=_BOUNDS.requests_max,
                )
            )
            for name in TRADABLE
        }  # fmt: skip
        self._acted: dict[str, Engine] = {}
        self._accounts: dict[str, int] = {}
        self._accounts_max = accounts_max

    def open_account(self, account: str) -> None:
        if len(self._accounts) >= self._accounts_max:
            raise Unavailable(f"{self._accounts_max} accounts are open, the most")
        self._accounts.setdefault(account, len(self._accounts))

    def number_of(self, account: str) -> int:
        """The kernel's number of an account."""
        return self._accounts[account]

    def now_ns(self, instrument: str) -> int:
        """The time of an instrument's last event, or of what was done since."""
        return self._engines[instrument].now_ns

    # The market

    def follow(self, instrument: str) -> None:
        """The book is another venue's from now on: what is known of it is forgotten."""
        clear = np.zeros(1, m.EVENT)
        clear["kind"] = m.CLEAR
        engine = self._engines[instrument]
        engine.absorb(clear)
        engine.state.markets[0]["depth"] = 0

    def events_of(self, piece: Slice) -> Rows:
        """Market data of one instrument as the kernel reads it. What came before the kernel's time
        is let in here: it moves the book and fills nothing."""
        number = INSTRUMENT_NAMES.index(piece.instrument)
        events = market_events(piece.quotes, piece.trades, piece.levels, {number: 0})
        late = int(np.searchsorted(events["ts"], self.now_ns(piece.instrument)))
        if late:
            self.absorb(piece.instrument, events[:late])
        return events[late:]

    def absorb(self, instrument: str, events: Rows) -> None:
        """Let events move the book, and fill nothing."""
        self._engines[instrument].absorb(events)

    def play(self, instrument: str, events: Rows) -> None:
        """Let events move the book and fill what they reach."""
        self._act(instrument).feed(events)

    def play_one(self, instrument: str, events: Rows, index: int) -> None:
        self._act(instrument).step_to(events, index, index + 1, WAKE_NEVER)

    def advance(self, instrument: str, now_ns: int) -> None:
        """Let time pass: orders expire."""
        self._act(instrument).advance(now_ns)

    def best(self, instrument: str, side: int) -> int:
        """The best price of a side of the book; 0 where it is empty."""
        prices, _ = self._engines[instrument].book(0, side)
        return int(prices[0]) if len(prices) else 0

    def levels(self, instrument: str, *, bids: bool) -> list[tuple[int, int]]:
        """(price, size) of what is known of a side, best first."""
        prices, sizes = self._engines[instrument].book(0, m.BUY if bids else m.SELL)
        return list(zip(prices.tolist(), sizes.tolist(), strict=True))

    # Orders

    def check(self, instrument: str, ticket: EngineTicket) -> None:
        """Raises what the kernel would say of an order, its links apart."""
        self._engines[instrument].check(replace(ticket, instrument=0, account=0))

    def send(self, record: OrderRecord, *, parent: int = 0, group: int = 0) -> None:
        """Put an order on its way; `settle` lets it arrive. `parent` and `group` are handles."""
        ticket = self._ticket(record, parent, group)
        record.handle = self._act(record.ticket.instrument).submit(ticket)

    def settle(self, instrument: str) -> None:
        """Do what is due at this moment."""
        self._act(instrument).settle()

    def cancel(self, record: OrderRecord) -> None:
        engine = self._act(record.ticket.instrument)
        engine.cancel(record.handle)
        engine.settle()

    def cancel_all(self, account: str, instrument: str | None) -> None:
        for name in TRADABLE if instrument is None else (instrument,):
            engine = self._act(name)
            engine.cancel_all(self._accounts[account])
            engine.settle()

    def amend(
        self, record: OrderRecord, *, quantity: int, price: int | None, trigger: int | None
    ) -> None:
        engine = self._act(record.ticket.instrument)
        engine.amend(record.handle, quantity=quantity, price=price or 0, trigger=trigger or 0)
        engine.settle()

    def preview(self, ticket: Ticket, *, quantity: int, price: int | None) -> Preview:
        """What a market or limit order would fill on arrival."""
        return self._engines[ticket.instrument].preview(
            EngineTicket(
                side=ticket.sign, quantity=quantity, type=m.MARKET if price is None else m.LIMIT,
                price=price or 0, tif=_TIMES[ticket.time_in_force],
            )
        )  # fmt: skip

    def terms(self, record: OrderRecord) -> tuple[int, int, int]:
        """(quantity, price, trigger) of a live order as they are now; 0 for none."""
        return self._engines[record.ticket.instrument].terms(record.handle)

    def take(self) -> list[Report]:
        """What happened since the last time: in order, instrument by instrument."""
        acted, self._acted = self._acted, {}
        return [Report(*row) for engine in acted.values() for row in engine.take().tolist()]

    def _act(self, instrument: str) -> Engine:
        """The engine of an instrument, which may have something to tell then."""
        engine = self._engines[instrument]
        self._acted[instrument] = engine
        return engine

    # A restart

    def restore(self, record: OrderRecord, *, parent: int = 0, group: int = 0) -> None:
        """Put a live order back, before any market is seen."""
        ticket = self._ticket(record, parent, group)
        if record.state in {"accepted", "partially_filled"}:  # it has been triggered, if it waited
            ticket = replace(ticket, type=m.LIMIT, trigger=0, trail=0, offset=0)
        record.handle = self._engines[record.ticket.instrument].restore(
            ticket,
            state=states.NAMES.index(record.state),
            filled=record.filled,
            fee_carry=record.fee_carry,
        )

    def restore_position(self, account: str, instrument: str, quantity: int) -> None:
        self._engines[instrument].restore_position(0, quantity, self._accounts[account])

    def _ticket(self, record: OrderRecord, parent: int, group: int) -> EngineTicket:
        t = record.ticket
        return EngineTicket(
            side=t.sign, quantity=record.quantity,
            type=_TYPES[t.type], price=record.limit_price or 0, tif=_TIMES[t.time_in_force],
            flags=_flags(t), trigger=record.trigger_price or 0, trail=t.trail or 0,
            offset=t.limit_offset or record.protection, display=t.display_quantity or 0,
            expire_ns=record.ends_ns or 0, account=self._accounts[record.account],
            tag=record.sequence, parent=parent, group=group,
        )  # fmt: skip


def named_ticket(
    ticket: EngineTicket,
    *,
    order_id: str,
    instrument: str,
    parent_id: str | None,
    group_id: str | None,
) -> Ticket:
    """A kernel's ticket, as a strategy makes it, in the terms of the desk."""
    kind, flags = _TYPE_NAMES[ticket.type], ticket.flags
    tif = _TIME_NAMES[ticket.tif]
    oco, ouo = flags & m.OCO, flags & m.OUO
    return Ticket(
        order_id=order_id, instrument=instrument, side="buy" if ticket.side > 0 else "sell",
        type=kind, quantity=ticket.quantity, limit_price=ticket.price or None,
        time_in_force="IOC" if kind == "market" and tif == "GTC" else tif, recommendation_id=None,
        trigger_price=ticket.trigger or None,
        trigger_by="trade" if flags & m.BY_TRADE else "quote", trail=ticket.trail or None,
        limit_offset=ticket.offset or None, display_quantity=ticket.display or None,
        post_only=bool(flags & m.POST_ONLY), reduce_only=bool(flags & m.REDUCE_ONLY),
        expires_ns=ticket.expire_ns or None, parent_id=parent_id, group_id=group_id,
        contingency="oco" if oco else "ouo" if ouo else None,
    )  # fmt: skip


def _flags(ticket: Ticket) -> int:
    return (
        m.POST_ONLY * ticket.post_only
        | m.REDUCE_ONLY * ticket.reduce_only
        | m.BY_TRADE * (ticket.trigger_by == "trade" and ticket.waits)
        | m.OCO * (ticket.contingency == "oco")
        | m.OUO * (ticket.contingency == "ouo")
    )
