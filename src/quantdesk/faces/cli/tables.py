"""Tables and the progress bar, on a terminal or as plain text."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from quantdesk.flows import DemoReport, FlowReport, Story
from quantdesk.kernel import encode

from .options import DoctorRow
from .options import Progress as Report

_COLOURS = {"ok": "green", "missing": "yellow", "unreachable": "yellow"}


@contextmanager
def progress_bar() -> Iterator[Report]:
    """What a command reports its progress to. Without a terminal nothing is drawn."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _done, _total: None
        return
    columns = (
        TextColumn("events"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("events", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def show_demo(report: DemoReport) -> None:
    """One table per flow, then the digest."""
    console = Console()
    for flow in report.flows:
        table = Table(title=f"{flow.name}: {'ok' if flow.ok else 'NOT OK'}", title_justify="left")
        table.add_column("step")
        table.add_column("department")
        for name in ("in", "out", "ms"):
            table.add_column(name, justify="right")
        for step in flow.steps:
            idle = step.out == 0
            table.add_row(
                step.name, step.department, f"{step.in_:,}", f"{step.out:,}", f"{step.ms:,.1f}",
                style="red" if idle else None,
            )  # fmt: skip
        console.print(table)
        console.print(_summary(flow), highlight=False)
    console.print(f"digest {report.digest}", highlight=False, soft_wrap=True)
    console.print("ok" if report.ok else "not ok: a step did no work, or the books do not balance")


def _summary(flow: FlowReport) -> str:
    orders, ledger = flow.orders, flow.ledger
    return (
        f"orders {orders.placed} placed, {orders.filled} filled, {orders.rejected} rejected; "
        f"settlements {flow.settlements.confirmed} confirmed; ledger {ledger.entries} entries, "
        f"{'balanced' if ledger.balanced else 'NOT BALANCED'}; feedback {flow.feedback.updates}\n"
    )


def show_story(story: Story) -> None:
    """The chapters of an order, in their order."""
    console = Console()
    console.print(f"order {story.order_id}", highlight=False)
    for section in story.sections:
        table = Table(title=section.title, title_justify="left", show_header=False)
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for label, value in section.facts:
            table.add_row(Text(label), Text(value))
        console.print(table)


def show_doctor(rows: Sequence[DoctorRow]) -> None:
    """Each part with its state."""
    table = Table()
    table.add_column("part")
    table.add_column("state")
    table.add_column("detail", overflow="fold")
    for row in rows:
        state = Text(row.state, style=_COLOURS.get(row.state, "red"))
        table.add_row(Text(row.part), state, Text(row.detail))
    Console().print(table)


def show_facts(groups: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> None:
    """A table of names and values for each group."""
    console = Console()
    for title, facts in groups:
        table = Table(title=title, title_justify="left", show_header=False)
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in facts:
            table.add_row(Text(name), Text(value))
        console.print(table)


def show_data(data: Any, *, as_table: bool) -> None:
    """A reply: one line of JSON, or a table of its fields and a table of each list in it."""
    if not as_table or not isinstance(data, Mapping):
        # In the order of the declaration, which `encode` would sort.
        sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        return
    console = Console()
    plain = {key: value for key, value in data.items() if not _is_rows(value)}
    if plain:
        table = Table(show_header=False)
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for key, value in plain.items():
            table.add_row(Text(key), _cell(value))
        console.print(table)
    for key, value in data.items():
        if _is_rows(value):
            console.print(_rows(key, value))


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, Mapping) for v in value)


def _rows(title: str, rows: list[Mapping[str, Any]]) -> Table:
    table = Table(title=title, title_justify="left")
    names = list(dict.fromkeys(name for row in rows for name in row))
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row.get(name)) for name in names))
    return table


def _cell(value: object) -> Text:
    if value is None:
        return Text("–", style="dim")
    return Text(value if isinstance(value, str) else encode(value).decode())
