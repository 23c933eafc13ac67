"""What we believe of an order, held against what its venue says: one table, and every pair in it.

Rows are beliefs: an order's state, and the request of ours that has no answer yet.

    sent         it went out, and nothing ever came back      submitted, or unknown with `new`
    open         the venue took it                            accepted, partially_filled
    armed        the venue took it and waits for its trigger  held, waiting, triggered
    cancelling   open or armed, and a cancellation is out
    amending     open or armed, and an amendment is out
    lost         the venue took it, then could not be asked   unknown
    done         filled, cancelled, expired
    refused      rejected
    nobody       no order of ours

Columns are findings. Of the quantity filled first: `less` than we know (the answer is older than
our knowledge), `more` and still open, `more, ended`. Where both agree on it: the venue does not
know the order (`missing`), or lists it as `open`, as open on other terms (`changed`), or as ended.
A cell with two actions does the first until it has been asked often enough, then the second.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal

from msgspec import Struct

from . import FINAL, OrderReport

InFlight = Literal["new", "cancel", "amend"]
Finding = Literal[
    "less", "more", "more, ended", "missing", "open", "changed", "filled", "cancelled", "expired",
    "rejected",
]  # fmt: skip


class Action(StrEnum):
    KEEP = "keep"
    """Both agree; a request still out has come to nothing more."""
    ADOPT = "adopt"
    """Take the venue's state and terms."""
    FILLS = "fills"
    """Fetch and book what has been filled, then look again."""
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    """Say that nobody knows, and tell a person."""
    ASK = "ask"
    LET_GO = "let go"
    """The request that was out came to nothing; take the venue's state."""
    CANCEL_THERE = "cancel there"
    """It is over for us, and the venue could still fill it: cancel it there, and tell a person."""
    EXTERNAL = "external"
    """Somebody traded on this account beside the desk: show it."""
    ALARM = "alarm"
    """They cannot both be right: tell a person, change nothing."""


TABLE_TEXT: Final = """
belief     | less       | more         | more, ended | missing       | open              | changed           | filled   | cancelled | expired  | rejected
sent       | ask, alarm | fills        | fills       | ask, rejected | adopt             | adopt             | adopt    | cancelled | expired  | rejected
open       | ask, alarm | fills        | fills       | ask, unknown  | adopt             | adopt             | adopt    | cancelled | expired  | cancelled
armed      | ask, alarm | fills        | fills       | ask, unknown  | adopt             | adopt             | adopt    | cancelled | expired  | rejected
cancelling | ask, alarm | fills        | fills       | ask, unknown  | ask, let go       | ask, let go       | adopt    | cancelled | expired  | cancelled
amending   | ask, alarm | fills        | fills       | ask, unknown  | ask, let go       | adopt             | adopt    | cancelled | expired  | cancelled
lost       | ask, alarm | fills        | fills       | ask, alarm    | adopt             | adopt             | adopt    | cancelled | expired  | rejected
done       | ask, alarm | cancel there | alarm       | keep          | ask, cancel there | ask, cancel there | keep     | keep      | keep     | keep
refused    | ask, alarm | cancel there | alarm       | keep          | cancel there      | cancel there      | alarm    | keep      | keep     | keep
nobody     | alarm      | external     | external    | keep          | external          | external          | external | keep      | keep     | keep
"""  # noqa: E501 - a table is read across


class Cell(Struct, frozen=True):
    """What to do, and what once asking has not helped."""

    first: Action
    then: Action


def read_table(text: str) -> dict[tuple[str, str], Cell]:
    """(belief, finding) → cell."""
    lines = [line.split("|") for line in text.strip().splitlines()]
    columns = [name.strip() for name in lines[0]]
    table = {}
    for line in lines[1:]:
        belief, *cells = (cell.strip() for cell in line)
        for finding, cell in zip(columns[1:], cells, strict=True):
            first, _, then = cell.partition(", ")
            table[belief, finding] = Cell(Action(first), Action(then or first))
    return table


TABLE: Final = read_table(TABLE_TEXT)
_BELIEFS: Final = {
    "submitted": "sent", "held": "armed", "waiting": "armed", "triggered": "armed",
    "accepted": "open", "partially_filled": "open", "filled": "done", "cancelled": "done",
    "expired": "done", "rejected": "refused", "unknown": "lost",
}  # fmt: skip


class Belief(Struct, frozen=True, kw_only=True):
    """What we know of one order."""

    state: str
    in_flight: InFlight | None = None
    filled: int = 0
    quantity: int = 0
    price: int = 0

    @property
    def row(self) -> str:
        row = _BELIEFS[self.state]
        if row == "lost" and self.in_flight == "new":
            return "sent"
        if row in {"open", "armed"}:
            return {"cancel": "cancelling", "amend": "amending"}.get(self.in_flight or "", row)
        return row


def finding_of(belief: Belief | None, report: OrderReport | None) -> Finding:
    """The column. `report` is the venue's answer, None where it does not know the order."""
    if report is None:
        return "missing"
    filled = belief.filled if belief else 0
    if report.filled < filled:
        return "less"
    if report.filled > filled:
        return "more, ended" if report.state in FINAL else "more"
    if report.state in FINAL:
        return report.state  # type: ignore[return-value]  # FINAL are columns, a test keeps it
    if belief and (report.quantity, report.price) != (belief.quantity, belief.price):
        return "changed"
    return "open"


def decide(
    belief: Belief | None, report: OrderReport | None, *, asked_enough: bool, too_late: bool = True
) -> Action:
    """What to do. `too_late`: whether what was sent can no longer arrive; until then an order that
    the venue does not know is on its way, not refused."""
    row, finding = belief.row if belief else "nobody", finding_of(belief, report)
    cell = TABLE[row, finding]
    if row == "sent" and finding == "missing" and not too_late:
        return Action.ASK
    action = cell.then if asked_enough else cell.first
    if action is Action.REJECTED and belief and belief.filled:
        return Action.CANCELLED  # what has filled was not rejected
    return action
