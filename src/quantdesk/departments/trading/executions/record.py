"""An execution and its children as the desk keeps them. Amounts in units of 1e-8."""

from __future__ import annotations

import hashlib
from typing import Literal, NamedTuple
from uuid import UUID

from msgspec import Struct, field

from quantdesk.departments.trading.positions import average
from quantdesk.kernel import Amount, Caller, InstrumentSpec, Internal, utc

from .messages import BeginExecution, Execution, ExecutionState
from .states import FINAL, ExecutionEvent, next_state

CHILDREN_MAX = 10_000
"""Orders that one execution may send; the attempt beyond that fails it."""


_V7 = 0x7 << 76 | 0b10 << 62
_TAIL = ((1 << 12) - 1) << 64 | (1 << 62) - 1


class Target(NamedTuple):
    """From `at_ns` on, `quantity` in all is to be done; None: the market's volume says it."""

    at_ns: int
    quantity: int | None


class Child(Struct):
    """One order of an execution: one attempt at one slice.

    It counts with its whole quantity while it is open, and with what it filled once it is not.
    """

    order_id: str
    slice: int
    attempt: int
    type: Literal["market", "limit"]
    time_in_force: Literal["GTC", "IOC"]
    quantity: int
    limit_price: int | None
    sent_ns: int
    open: bool = True
    filled: int = 0
    filled_quote: int = 0
    fees: int = 0
    reason: str | None = None

    @property
    def committed(self) -> int:
        return self.quantity if self.open else self.filled

    @property
    def rests(self) -> bool:
        return self.open and self.time_in_force == "GTC"


class Tally(Struct):
    """The market over the execution's life: traded size and value (units × units), and the mid's
    integral over time (units × ns)."""

    volume: int = 0
    value: int = 0
    area: int = 0
    watched_ns: int = 0


class ExecutionRecord(Struct, kw_only=True):
    """`caller` is who began it, with the rights that they had then. `targets` is the plan.

    `retry_ns`: nothing is sent before. `refusals` in a row. `base` is the tape when it last began
    to count for this execution; `before` what was counted until then.
    """

    request: BeginExecution
    spec: InstrumentSpec
    caller: Caller
    sequence: int
    targets: tuple[Target, ...]
    created_ns: int
    start_ns: int
    end_ns: int
    updated_ns: int
    state: ExecutionState = "scheduled"
    reason: str | None = None
    decision_price: int | None = None
    arrival_price: int | None = None
    last_price: int | None = None
    ended_ns: int | None = None
    retry_ns: int = 0
    refusals: int = 0
    base: Tally | None = None
    before: Tally = field(default_factory=Tally)
    children: list[Child] = field(default_factory=list)

    # Read at every tick, so they are kept: what the children have come to, and the request in
    # integers (`sign` 1 buys, -1 sells).
    filled: int = 0
    filled_quote: int = 0
    fees: int = 0
    execution_id: str = ""
    quantity: int = 0
    limit_price: int | None = None
    sign: int = 1

    def __post_init__(self) -> None:
        request = self.request
        self.execution_id = str(request.execution_id)
        self.quantity = request.quantity.to_units()
        self.limit_price = None if request.limit_price is None else request.limit_price.to_units()
        self.sign = 1 if request.side == "buy" else -1

    @property
    def account(self) -> str:
        return self.caller.account

    @property
    def final(self) -> bool:
        return self.state in FINAL

    @property
    def open_child(self) -> Child | None:
        """There is one at most, and it is the newest."""
        return self.children[-1] if self.children and self.children[-1].open else None

    @property
    def done(self) -> bool:
        """Nothing of it can change any more."""
        return self.final and self.open_child is None

    def move(self, event: ExecutionEvent, now_ns: int, reason: str | None) -> None:
        """Take a transition. Raises `Internal` if the table forbids it."""
        self.state = next_state(self.state, event)
        self.reason = reason
        self.updated_ns = now_ns
        if self.final:
            self.ended_ns = now_ns

    def add(self, child: Child) -> None:
        """Raises `Internal` for a child that could take the execution beyond its quantity."""
        if self.final or self.open_child is not None or child.quantity <= 0:
            raise Internal(f"execution {self.execution_id} cannot send a child now")
        if self.filled + child.quantity > self.quantity:
            raise Internal(f"execution {self.execution_id} would be filled beyond its quantity")
        self.children.append(child)
        self.updated_ns = child.sent_ns

    def attempts(self, number: int) -> int:
        """Children that slice `number` has had."""
        last = self.children[-1] if self.children else None
        return last.attempt + 1 if last is not None and last.slice == number else 0

    def fill_child(self, child: Child, filled: int, filled_quote: int, fees: int) -> bool:
        """Take what its order says now. True if that was news."""
        if filled == child.filled and fees == child.fees:
            return False
        if not child.filled <= filled <= child.quantity:
            raise Internal(f"order {child.order_id} went from {child.filled} filled to {filled}")
        self.filled += filled - child.filled
        self.filled_quote += filled_quote - child.filled_quote
        self.fees += fees - child.fees
        child.filled, child.filled_quote, child.fees = filled, filled_quote, fees
        return True

    def message(self) -> Execution:
        """The execution as a face shows it."""
        request, child = self.request, self.open_child
        return Execution(
            execution_id=UUID(self.execution_id),
            account=self.account,
            begun_by=self.caller.caller_id,
            instrument=request.instrument,
            side=request.side,
            algorithm=request.algorithm,
            quantity=request.quantity,
            limit_price=request.limit_price,
            slice_order=request.slice_order,
            state=self.state,
            reason=self.reason,
            filled_quantity=Amount.from_units(self.filled),
            open_quantity=Amount.from_units(child.quantity - child.filled if child else 0),
            average_price=_amount(average(self.filled_quote, self.filled) if self.filled else None),
            fees=Amount.from_units(self.fees),
            decision_price=_amount(self.decision_price),
            arrival_price=_amount(self.arrival_price),
            last_price=_amount(self.last_price),
            children=len(self.children),
            created_at=utc(self.created_ns),
            start_at=utc(self.start_ns),
            end_at=utc(self.end_ns),
            updated_at=utc(self.updated_ns),
            ended_at=None if self.ended_ns is None else utc(self.ended_ns),
        )


def child_id(execution_id: UUID, number: int, attempt: int) -> UUID:
    """The id of the order that is this attempt: a UUIDv7 with the execution's time."""
    named = hashlib.blake2b(
        f"{number}/{attempt}".encode(), key=execution_id.bytes, digest_size=16
    ).digest()
    time = execution_id.int >> 80 << 80
    return UUID(int=time | _V7 | int.from_bytes(named, "big") & _TAIL)


def _amount(units: int | None) -> Amount | None:
    return None if units is None else Amount.from_units(units)
