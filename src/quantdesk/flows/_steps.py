"""Counting what each step of a flow took in and gave out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from quantdesk.departments.trading import LedgerQuery, Order, Trading
from quantdesk.kernel import stopwatch_ns

from . import (
    FeedbackReport,
    FlowReport,
    LedgerReport,
    OrdersReport,
    SettlementsReport,
    StepReport,
)


class Step:
    """One arrow of a flow's diagram. A step that gave nothing out did nothing."""

    __slots__ = ("department", "name", "out", "spent_ns", "taken")

    def __init__(self, name: str, department: str) -> None:
        self.name = name
        self.department = department
        self.taken = 0
        self.out = 0
        self.spent_ns = 0

    @contextmanager
    def take(self, count: int = 1) -> Iterator[Step]:
        """Time one pass through the step that took in `count` things."""
        self.taken += count
        started = stopwatch_ns()
        try:
            yield self
        finally:
            self.spent_ns += stopwatch_ns() - started

    def gave(self, count: int = 1) -> None:
        self.out += count

    def report(self) -> StepReport:
        return StepReport(
            name=self.name,
            department=self.department,
            in_=self.taken,
            out=self.out,
            ms=round(self.spent_ns / 1e6, 3),
        )


class Steps:
    """The steps of one flow, in order, and the totals of its report.

    A flow names its steps by role: `("settle", "smart contract", "chain")` is the role that the
    shared halves count under, the name on the flow's diagram, and the department that does it.
    A role that the diagram does not show is counted nowhere.
    """

    def __init__(self, steps: Sequence[tuple[str, str, str]]) -> None:
        self._steps = {role: Step(name, department) for role, name, department in steps}
        self._unseen = Step("", "")
        self.placed = 0
        self.filled = 0
        self.rejected = 0
        self.settled = 0
        self.lessons = 0

    def __getitem__(self, role: str) -> Step:
        return self._steps.get(role, self._unseen)

    def took_place(self, order: Order) -> None:
        """Count an order that was placed."""
        self.placed += 1
        if order.filled_quantity:
            self.filled += 1

    async def report(self, name: str, trading: Trading) -> FlowReport:
        ledger = await trading.get_ledger(LedgerQuery(limit=1))
        steps = [step.report() for step in self._steps.values()]
        worked = all(step.in_ > 0 and step.out > 0 for step in steps)
        return FlowReport(
            name=name,
            ok=worked and ledger.balanced and self.filled > 0 and self.settled > 0,
            steps=steps,
            orders=OrdersReport(placed=self.placed, filled=self.filled, rejected=self.rejected),
            settlements=SettlementsReport(confirmed=self.settled),
            ledger=LedgerReport(balanced=ledger.balanced, entries=ledger.entries_total),
            feedback=FeedbackReport(updates=self.lessons),
        )
