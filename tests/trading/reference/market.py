"""Both venues on one generated market: rows for the kernel, dicts for the reference."""

from __future__ import annotations

from itertools import zip_longest

import numpy as np

from quantdesk.departments.trading.engine import _loop as loop
from quantdesk.departments.trading.engine import _requests as requests
from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine import states as s
from quantdesk.departments.trading.engine._book import ladder
from quantdesk.departments.trading.engine._trailing import trigger_of

from .venue import Reference, Spec

Op = tuple[str, dict[str, int]]


class Kernel:
    """The kernel's state, and what it told, in the terms of the reference."""

    def __init__(
        self, specs: list[Spec], *, accounts: int = 1, cash: int = 0, stp: int = 0,
        entry_ns: int = 0, jitter: list[tuple[int, int]] | None = None, reports_max: int = 4096,
    ) -> None:  # fmt: skip
        bounds = m.Bounds(256, 64, 128, 256, reports_max, accounts, 1, 64)
        st = self.st = m.allocate(len(specs), bounds)
        for row, spec in zip(st.markets, specs, strict=True):
            for name, value in vars(spec).items():
                row[name] = value
            row["left"] = -1
        if jitter:
            st = self.st = st._replace(latencies=np.array(jitter, np.int64))
        st.accounts["cash"] = cash
        hub = st.hub
        hub["stp"], hub["entry_ns"], hub["actions_max"], hub["report_states"] = stp, entry_ns, 1, 1
        self.hub = hub[0]
        self.numbers: dict[int, int] = {}
        self.handles: dict[int, int] = {}
        self.reports: list[tuple[int, ...]] = []
        self.pauses = 0
        self.events = np.zeros(1, m.EVENT)

    def take_reports(self) -> None:
        loop.show(self.st)
        assert self.hub["shown"] == self.hub["reports"]
        for row in self.st.reports[: self.hub["reports"]].tolist():
            r = dict(zip(m.REPORT.names or (), row, strict=True))
            if r["kind"] == m.REFUSED:
                self.reports.append((m.REFUSED, r["ts"], r["reason"]))
                continue
            self.reports.append(
                (r["kind"], r["ts"], self.numbers[r["handle"]], r["price"], r["quantity"],
                 r["fee"], r["maker"], r["state"], r["reason"])
            )  # fmt: skip
        self.hub["reports"] = self.hub["shown"] = 0

    def event(self, e: dict[str, int]) -> None:
        for name in m.EVENT.names or ():
            self.events[0][name] = e.get(name, 0)
        while True:
            status, _ = loop.run(self.st, self.events, 0, 1, 0)
            if status != m.REPORTS_FULL:
                break
            self.pauses += 1
            self.take_reports()
        assert status == m.DONE

    def settle(self) -> None:
        self.hub["actions"] = 0
        while loop.settle(self.st) != m.DONE:
            self.pauses += 1
            self.take_reports()

    def submit(self, number: int, a: dict[str, int], parent: int, group: int) -> int:
        for name in m.ACTION.names or ():
            self.st.scratch[0][name] = a.get(name, 0)
        handle = requests.submit(
            self.st, self.st.scratch, 0, self.handles.get(parent, 0), self.handles.get(group, 0)
        )
        if handle > 0:
            self.handles[number] = handle
            self.numbers[handle] = number
        return handle


def play(ops: list[Op], kernel: Kernel, reference: Reference, first: int = 0) -> int:
    """Run every operation through both; the first has this number. Returns how many orders were
    possible."""
    sent = 0
    for number, (what, terms) in enumerate(ops, first):
        if what == "event":
            kernel.event(terms)
            reference.event(terms)
        elif what == "submit":
            sent += _submit(number, terms, kernel, reference)
        elif what == "cancel all":
            assert requests.cancel_all(kernel.st, terms["account"], terms["instrument"]) == 0
            reference.send(what, 0, terms)
        elif terms["number"] in kernel.handles:
            handle = kernel.handles[terms["number"]]
            if what == "cancel":
                assert requests.cancel(kernel.st, handle) == 0
                reference.send(what, terms["number"], terms)
            else:
                new = (terms["quantity"], terms["price"], terms["trigger"])
                if requests.amend(kernel.st, handle, *new) == 0:
                    reference.send("amend", terms["number"], terms)
        kernel.settle()
        reference.drain(reference.now)
    kernel.take_reports()
    return sent


def _submit(number: int, terms: dict[str, int], kernel: Kernel, reference: Reference) -> int:
    parent, group = terms.get("parent", -1), terms.get("group", -1)
    handle = kernel.submit(number, terms, parent, group)
    if handle < 0:
        return 0
    full = {name: terms.get(name, 0) for name in m.ACTION.names or ()}
    full["slot"] = handle & 0xFFFFFFFF
    known = kernel.handles
    reference.submit(
        number, full, parent if parent in known else -1, group if group in known else -1
    )
    return 1


def compare(kernel: Kernel, reference: Reference) -> None:
    for ours, theirs in zip_longest(kernel.reports, reference.reports):
        assert ours == theirs, f"kernel {ours}, reference {theirs}"
    st = kernel.st
    for number, positions in enumerate(reference.positions):
        assert int(st.accounts[number]["cash"]) == reference.cash[number]
        for i, position in enumerate(positions):
            row = st.positions[number, i]
            assert {name: int(row[name]) for name in vars(position)} == vars(position)
    for i, book in enumerate(reference.books):
        for side in (1, -1):
            row = 2 * i + (side < 0)
            prices, sizes = np.zeros(256, np.int64), np.zeros(256, np.int64)
            count = ladder(st, i, side, prices, sizes)
            pairs = zip(prices[:count].tolist(), sizes[:count].tolist(), strict=True)
            assert list(pairs) == book.ladder(side)
            standing = [kernel.numbers[int(st.orders[slot]["handle"])]
                        for slot in st.resting[row, : st.resting_counts[row]][::-1]]  # fmt: skip
            assert standing == [order.number for order in reference.standing(i, side)]
            if reference.specs[i].depth == 3:
                fronts = [int(st.orders[slot]["front"])
                          for slot in st.resting[row, : st.resting_counts[row]][::-1]]  # fmt: skip
                assert fronts == [reference.ahead(i, o) for o in reference.standing(i, side)]
    for order in reference.orders:
        if order.state == s.WAITING and (level := reference.trailed(order)) is not None:
            slot = kernel.handles[order.number] & 0xFFFFFFFF
            assert trigger_of(st, slot) == max(level, 1)
    hub = kernel.hub
    assert (hub["refused"], hub["crossed"], hub["overflows"]) == (
        reference.refused, reference.crossed, reference.overflows,
    )  # fmt: skip
    live = sum(order.state in range(1, 7) for order in reference.orders)
    assert hub["live"] == live == len(st.orders) - hub["slots_free"]
