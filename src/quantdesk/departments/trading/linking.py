"""Orders that depend on others: held for a parent, or of a group of which one ends the others."""

from __future__ import annotations

from collections.abc import Sequence

from quantdesk.kernel import InvalidInput

from .booking import Booking
from .order_messages import GROUP_ORDERS_MAX
from .orders import OrderRecord
from .tickets import Ticket


class Links:
    """What the venue must find when linked orders come to it."""

    def __init__(self, booking: Booking) -> None:
        self._booking = booking

    def problem(self, tickets: Sequence[Ticket], account: str, now_ns: int) -> InvalidInput | None:
        """Why these cannot be placed together, naming the field; None where they can."""
        if len({ticket.instrument for ticket in tickets}) > 1:
            return InvalidInput("orders placed together are of one instrument", where="/orders")
        if len({ticket.order_id for ticket in tickets}) < len(tickets):
            return InvalidInput("an order id stands there twice", where="/orders")
        for number, ticket in enumerate(tickets):
            if ticket.expires_ns is not None and ticket.expires_ns <= now_ns:
                return InvalidInput("it would have expired already", where="/expires_at")
            earlier = tickets[:number]
            found = self._parent_problem(ticket, earlier, account)
            found = found or self._group_problem(ticket, earlier, account)
            if found is not None:
                return found
        return None

    def _parent_problem(
        self, ticket: Ticket, earlier: Sequence[Ticket], account: str
    ) -> InvalidInput | None:
        parent_id = ticket.parent_id
        if parent_id is None:
            return None
        together = [other for other in earlier if other.order_id == parent_id]
        parent = together[0] if together else self._live(parent_id, account)
        siblings = sum(other.parent_id == parent_id for other in earlier)
        siblings += len(self._booking.children.get(parent_id, ()))
        if parent is None:
            why = "its parent is no open order of this account, nor one before it in the request"
        elif parent.instrument != ticket.instrument:
            why = "its parent is of another instrument"
        elif self._is_held(parent, together):
            why = "its parent is itself held for another order"
        elif siblings >= GROUP_ORDERS_MAX:
            why = f"its parent has {GROUP_ORDERS_MAX} children, the most"
        else:
            return None
        return InvalidInput(why, where="/parent_id")

    def _group_problem(
        self, ticket: Ticket, earlier: Sequence[Ticket], account: str
    ) -> InvalidInput | None:
        if ticket.group_id is None:
            return None
        known = self._booking.accounts.get(account)
        standing = known.groups.get(ticket.group_id, {}).values() if known else ()
        together = [other for other in earlier if other.group_id == ticket.group_id]
        mates = [*(record.ticket for record in standing), *together]
        held_for = {
            *(record.ticket.parent_id if record.state == "held" else None for record in standing),
            *(other.parent_id for other in together),
        }
        if len(mates) >= GROUP_ORDERS_MAX:
            why = f"its group has {GROUP_ORDERS_MAX} orders, the most"
        elif any(mate.contingency != ticket.contingency for mate in mates):
            why = "its group has another contingency"
        elif any(mate.instrument != ticket.instrument for mate in mates):
            why = "its group is of another instrument"
        elif held_for - {ticket.parent_id}:
            why = "its group is held for another parent, or for none"
        else:
            return None
        return InvalidInput(why, where="/group_id")

    def _live(self, order_id: str, account: str) -> Ticket | None:
        record = self._booking.orders.get(order_id)
        if record is None or record.final or record.account != account:
            return None
        return record.ticket

    def _is_held(self, parent: Ticket, together: Sequence[Ticket]) -> bool:
        if together:
            return parent.parent_id is not None
        record = self._booking.orders.get(parent.order_id)
        return record is not None and record.state == "held"

    def handles(self, record: OrderRecord) -> tuple[int, int]:
        """The venue's handles of the parent and of one of the group; 0 for none."""
        parent = self._booking.orders.get(record.ticket.parent_id or "")
        group = self._booking.accounts[record.account].groups.get(record.ticket.group_id or "", {})
        mate = next((other for other in group.values() if other.handle), None)
        waits = parent is not None and not parent.final and parent.handle
        return parent.handle if parent is not None and waits else 0, mate.handle if mate else 0
