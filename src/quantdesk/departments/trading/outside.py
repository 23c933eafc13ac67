"""Orders at venues outside: from the core to the port of `venues/`, and back into the books.

An order is journalled as submitted before it is sent, so that a crash at any moment leaves a row to
ask the venue about. What the venue says is booked as it comes: a fill once, by an id made of the
venue's own, so that a restart does not book it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from quantdesk.kernel import ASSETS, Misconfigured, Refused, Seam, utc

from . import VenueShown
from .changes import Changes
from .core import Core
from .hosting import outside_report, tell
from .journal import Journal
from .ledger import USER, venue_legs
from .orders import PAPER, OrderRecord
from .outgoing import Outgoing, Wish
from .reader import Reader
from .rows import FillRow
from .states import FINAL
from .tickets import Ticket
from .venues import Card, FillReport, Venue, VenueOrder
from .venues.config import VENUES_MAX, VenueConfig
from .venues.place import Place
from .venues.tracking import Step, Tracked


def open_venue(name: str, config: VenueConfig, seam: Seam) -> Venue:
    """The adapter of a kind. Raises `Misconfigured` where it cannot be had."""
    from .venues.ccxt import CcxtVenue

    return CcxtVenue(name, config, seam)


class Outside:
    """The desk's orders at venues outside."""

    def __init__(
        self,
        core: Core,
        journal: Journal,
        reader: Reader,
        seam: Seam,
        venues: Mapping[str, VenueConfig],
    ) -> None:
        self._core = core
        self._journal = journal
        self._reader = reader
        self._seam = seam
        self.places: dict[str, Place] = {}
        self._outgoing: dict[str, Outgoing] = {}
        self._loops: list[asyncio.Task[None]] = []
        if len(venues) > VENUES_MAX:
            raise Misconfigured(f"{len(venues)} venues are more than {VENUES_MAX}", where="venues")
        for name, config in venues.items():
            for instrument in config.instruments:
                if instrument in core.outside or name == PAPER:
                    raise Misconfigured(
                        f"{instrument} is routed twice, or {name!r} is the desk's own venue",
                        where=f"venues.{name}",
                    )
                core.outside[instrument] = name
            made = open_venue(name, config, seam)
            self.places[name] = Place(made, config, _Books(core, journal, name), seam)
            self._outgoing[name] = Outgoing(self.places[name])
        core.check_outside = self.check

    async def start(self) -> None:
        """Take up the orders that the journal says are live, hold them against their venues, and
        go on doing so. A venue that is down does not stop the desk."""
        for record in self._core.booking.live.values():
            if record.venue == PAPER:
                continue
            place = self.places.get(record.venue)
            if place is None:
                raise Misconfigured(
                    f"order {record.order_id} is live at {record.venue}",
                    where=f"venues.{record.venue}",
                    advice="Keep the venue in the settings until its orders have ended.",
                )
            place.orders[record.order_id] = await self._taken_up(record)
        for name, place in self.places.items():
            for loop in (place.watch(), place.follow(), self._outgoing[name].run()):
                self._loops.append(asyncio.get_running_loop().create_task(loop))

    async def close(self) -> None:
        """Stop asking. Orders stay where they are."""
        for task in self._loops:
            task.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        self._loops.clear()
        for place in self.places.values():
            await place.close()  # last, or a loop would open it again

    async def _taken_up(self, record: OrderRecord) -> Tracked:
        fills, _ = await self._reader.of_order(record.account, record.order_id)
        return Tracked(
            order=venue_order(record), quantity=record.quantity, state=record.state,
            in_flight=record.in_flight, filled=record.filled, filled_quote=record.filled_quote,
            told=record.filled, born_ns=record.created_ns, sent_ns=record.updated_ns,
            fill_ids={str(fill.fill_id) for fill in fills},
        )  # fmt: skip

    def check(self, tickets: Sequence[Ticket]) -> None:
        """Raises `Refused` where the venue of the instrument cannot do what is asked."""
        name = self._core.outside.get(tickets[0].instrument)
        if name is not None:
            card = self.places[name].venue.card
            for ticket in tickets:
                _check_card(ticket, card, name)

    async def send(self, records: Iterable[OrderRecord]) -> None:
        """Send what was journalled as submitted."""
        for record in records:
            if record.venue != PAPER and record.state == "submitted":
                await self.places[record.venue].send(venue_order(record))

    async def cancel(self, records: Iterable[OrderRecord]) -> None:
        """Ask the venues to cancel these."""
        for record in records:
            if record.venue in self.places and not record.final:
                await self.places[record.venue].cancel(record.order_id)

    async def post(self, wishes: Iterable[Wish]) -> None:
        """Have sent, in its turn, what strategies asked for and the journal has."""
        for kind, record in wishes:
            outgoing = self._outgoing[record.venue]
            if kind == "send":
                await outgoing.send(venue_order(record))
            else:
                await outgoing.cancel(record.order_id)

    def shown(self) -> list[VenueShown]:
        """How each venue stands."""
        return [_shown(name, place) for name, place in sorted(self.places.items())]


class _Books:
    """Writes into the core's books what one venue told."""

    def __init__(self, core: Core, journal: Journal, venue: str) -> None:
        self._core = core
        self._journal = journal
        self._venue = venue

    def knows(self, client_order_id: str) -> bool:
        orders = self._core.orders
        return client_order_id in orders or orders.may_be_in_journal(client_order_id)

    async def take(self, order: Tracked, step: Step) -> None:
        record = self._core.orders.get(order.order.client_order_id)
        if record is None or record.final:
            return
        booking, changes = self._core.booking, Changes()
        with self._journal.halting_on_defects():
            record.in_flight = order.in_flight
            if step.fill is not None:
                book_fill(self._core, record, step.fill, self._venue, changes)
            if order.state == "filled":
                record.quantity = record.filled  # the venue may have cut it
            if step.fill is not None or step.state is not None:
                booking.move(record, order.state, changes, order.reason or None)
            if record.state in FINAL:
                booking.close(record)
            else:
                booking.accounts[record.account].hold(record)
                self._core.gatekeeper.count(record)
            changes.order(record)
            told = None if step.fill is None else outside_report(record, step.fill)
            tell(self._core.hosts, record, told, changed=True)
        await self._journal.submit(changes)


def book_fill(
    core: Core, record: OrderRecord, fill: FillReport, venue: str, changes: Changes
) -> None:
    """Ledger, position and the fill's row. A fee that the account cannot pay (in a coin that it
    does not have) is the desk's."""
    booking = core.booking
    spec, sign, account = record.spec, record.ticket.sign, record.account
    in_quote = fill.fee_asset == spec.quote
    fee = fill.fee if in_quote else 0
    notional = record.take_fill(fill.price, fill.quantity, fee, maker=fill.maker)
    got = {spec.base: sign * fill.quantity, spec.quote: -sign * notional}
    known = fill.fee_asset in ASSETS
    left = booking.ledger.balance(USER + account, fill.fee_asset) + got.get(fill.fee_asset, 0)
    taken = fill.fee if known else 0
    legs = venue_legs(
        user=account, venue=venue, moved=got, fee_asset=fill.fee_asset, fee=taken,
        user_pays=left >= fill.fee,
    )  # fmt: skip
    booking.post(changes, account, legs, record.order_id, fill.at_ns)
    holding = booking.accounts[account].holding(spec.instrument)
    holding.apply(sign, fill.price, fill.quantity, fee)
    core.gatekeeper.fill(record, fill.quantity, notional, fee)
    booking.fill_sequence += 1
    changes.fill(
        FillRow(
            booking.fill_sequence, fill.venue_fill_id, record.order_id, account, spec.instrument,
            record.ticket.side, fill.price, fill.quantity, fill.fee, fill.fee_asset,
            "maker" if fill.maker else "taker", venue, fill.at_ns,
        )
    )  # fmt: skip


def venue_order(record: OrderRecord) -> VenueOrder:
    """What is sent. A market order goes as a limit at the price collar: an exchange's book may be
    thinner than what was seen, and no more is reserved than that costs."""
    ticket = record.ticket
    return VenueOrder(
        client_order_id=record.order_id,
        instrument=ticket.instrument,
        side=ticket.side,
        quantity=ticket.quantity,
        type="limit",
        price=record.limit_price or 0,
        time_in_force=ticket.time_in_force,
        post_only=ticket.post_only,
    )


def _check_card(ticket: Ticket, card: Card, venue: str) -> None:
    can = {
        f"{ticket.type} orders": ticket.type in card.order_types and not ticket.waits,
        f"{ticket.time_in_force} orders": ticket.time_in_force in card.times_in_force,
        "post-only orders": card.post_only or not ticket.post_only,
        "reduce-only orders": card.reduce_only or not ticket.reduce_only,
        "icebergs": card.iceberg or ticket.display_quantity is None,
        "linked orders": ticket.parent_id is None and ticket.group_id is None,
    }
    for what, possible in can.items():
        if not possible:
            raise Refused(
                f"{venue} does not take {what}",
                where="/instrument",
                advice=f"GET /v1/trading/venues says what {venue} takes.",
            )


def _shown(name: str, place: Place) -> VenueShown:
    card = place.venue.card
    return VenueShown(
        venue=name,
        exchange=place.config.exchange,
        sandbox=place.config.sandbox,
        instruments=list(place.config.instruments),
        state="ok" if place.down is None else f"down: {place.down}",
        reconciled_at=None if place.reconciled_ns is None else utc(place.reconciled_ns),
        live_orders=len(place.orders),
        unknown_orders=sum(order.state == "unknown" for order in place.orders.values()),
        differences_total=place.differences_total,
        differences=list(place.differences),
        order_types=list(card.order_types),
        times_in_force=list(card.times_in_force),
        amend=card.amend,
        cancel_on_disconnect=card.cancel_on_disconnect,
    )
