"""What an order's terms come to at the moment when it arrives: when it ends, where a trailing
trigger begins, and the worst price at which it may fill."""

from __future__ import annotations

from .book import Book
from .config import BPS
from .orders import PAPER, OrderRecord

DAY_NS = 86_400_000_000_000


def complete(record: OrderRecord, book: Book, venue: str, collar_bps: int) -> None:
    """Fill in what the ticket leaves to the market and the clock."""
    ticket, spec = record.ticket, record.spec
    record.venue = venue
    record.arrival_price = book.mid or None
    if ticket.time_in_force == "DAY":
        record.ends_ns = (record.created_ns // DAY_NS + 1) * DAY_NS
    best = book.ask if ticket.sign > 0 else book.bid
    if ticket.trail is not None and best:
        # Where the kernel would begin to trail; known here, so that it can be reserved for.
        start = best - best % spec.tick + ticket.sign * ticket.trail
        record.trigger_price = max(spec.tick, start)
    if venue != PAPER and record.limit_price is None and book.mid:
        # No further than the gate lets it reach: `outside.venue_order` says why.
        worst = book.mid + ticket.sign * (book.mid * collar_bps // BPS)
        record.limit_price = worst - ticket.sign * (ticket.sign * worst % spec.tick)
    if ticket.waits and record.limit_price is None and ticket.limit_offset is None:
        beyond = (record.trigger_price or 0) * collar_bps // BPS
        record.protection = max(spec.tick, beyond - beyond % spec.tick)
