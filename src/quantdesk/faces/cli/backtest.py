"""`quantdesk backtest`: how it is asked and shown."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from quantdesk.kernel import InvalidInput, encode

from .options import BacktestOptions, DeskCommands
from .running import log_to_stderr

Texts = tuple[str, ...]
Queue = Literal[
    "none", "risk_averse", "power_prob", "log_prob", "power_prob_2", "log_prob_2", "power_prob_3"
]
File = Annotated[Path, Parameter(help="A strategy file.")]
Feed = Annotated[str, Parameter(help="replay:FILE[,FILE…]")]
Instruments = Annotated[Texts, Parameter(help="Such as BTC-USDT-PERP (may be repeated).")]
Params = Annotated[Texts, Parameter(help="name=value (may be repeated).")]
Rate = Annotated[str, Parameter(help="A fraction of the notional.")]
Balance = Annotated[str, Parameter(help="To begin with, in the quote asset.")]
Begin = Annotated[str | None, Parameter(name="--from", help="ISO 8601, UTC.")]
End = Annotated[str | None, Parameter(help="ISO 8601, UTC; not included.")]
LatencyMs = Annotated[str, Parameter(help="To the venue and back: ENTRY or ENTRY,RESPONSE.")]
Depth = Annotated[Literal[0, 1, 2], Parameter(help="1: quotes, 2: levels too, 0: as on paper.")]
Waits = Annotated[Queue, Parameter(help="How much of a level stands before an order.")]
Mode = Annotated[
    Literal["callback", "batch", "compiled"] | None,
    Parameter(help="Default: the one that is done first. Fills are the same."),
]
Sweep = Annotated[Texts, Parameter(help="name=a,b,c: every combination is run (repeatable).")]
Forward = Annotated[
    int | None, Parameter(help="Choose on the past, test on what follows, so many times.")
]
Folds = Annotated[int | None, Parameter(help="Purged cross-validation with so many blocks.")]
EmbargoS = Annotated[float, Parameter(help="Seconds left out between training and testing.")]
Objective = Annotated[str, Parameter(help="What is best: pnl, or a metric such as sharpe.")]
Fills = Annotated[Path | None, Parameter(help="Write every fill there, as JSON lines.")]
Report = Annotated[Path | None, Parameter(help="Write an HTML report there.")]
Workers = Annotated[int | None, Parameter(help="Processes (default: one a core).")]
On = Annotated[Literal["processes", "ray"], Parameter(help="Where a sweep runs.")]
SecondsMax = Annotated[int, Parameter(help="A run that takes longer is stopped.")]
DataDir = Annotated[
    Path | None, Parameter(help="The desk's folder, for models (default: quantdesk-data).")
]
Output = Annotated[Literal["json", "table"], Parameter(help="json (one object) or table.")]
Json = Annotated[bool, Parameter(negative="", help="The same as --output json.")]


def add_backtest(app: App, commands: DeskCommands) -> None:
    """Add the command."""

    @app.command
    def backtest(
        strategy: File,
        /,
        *,
        feed: Feed,
        instrument: Instruments,
        param: Params = (),
        maker_fee: Rate = "0.0002",
        taker_fee: Rate = "0.0005",
        balance: Balance = "100000",
        from_: Begin = None,
        to: End = None,
        latency_ms: LatencyMs = "0",
        depth: Depth = 0,
        queue: Waits = "risk_averse",
        mode: Mode = None,
        sweep: Sweep = (),
        walk_forward: Forward = None,
        cross_validation: Folds = None,
        embargo_s: EmbargoS = 0.0,
        objective: Objective = "sharpe",
        fills: Fills = None,
        report: Report = None,
        workers: Workers = None,
        on: On = "processes",
        seconds_max: SecondsMax = 600,
        data_dir: DataDir = None,
        output: Output = "table",
        json: Json = False,
    ) -> int:
        """Run a strategy file over recordings, on the kernel that trades on paper and live."""
        from .tables import progress_bar, show_facts

        log_to_stderr()
        options = BacktestOptions(
            strategy=strategy, feed=feed, instruments=instrument, params=_pairs(param, "--param"),
            maker_fee=maker_fee, taker_fee=taker_fee, balance=balance, begin=from_, end=to,
            latency_ms=latency_ms, depth=depth, queue=queue, mode=mode,
            sweep={name: _values(name, given) for name, given in _pairs(sweep, "--sweep").items()},
            walk_forward=walk_forward, cross_validation=cross_validation, embargo_s=embargo_s,
            objective=objective, fills=fills, report=report, workers=workers, on=on,
            seconds_max=seconds_max, data_dir=data_dir,
        )  # fmt: skip
        with progress_bar() as progress:
            done = commands.backtest(options, progress)
        if json or output == "json":
            sys.stdout.write(encode(done.data).decode() + "\n")
            sys.stdout.flush()
        else:
            show_facts(done.facts)
        return 0


def _pairs(given: tuple[str, ...], option: str) -> dict[str, str]:
    """`name=value` each. Raises `InvalidInput` for one that is not, or twice the same name."""
    found: dict[str, str] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise InvalidInput(f"{text[:80]!r} is not name=value", where=option)
        if name in found:
            raise InvalidInput(f"{name!r} is given twice", where=option)
        found[name] = value
    return found


def _values(name: str, given: str) -> tuple[str, ...]:
    values = tuple(given.split(","))
    if not all(values) or len(set(values)) < len(values):
        raise InvalidInput(
            f"{given[:80]!r} is no list of different values", where=f"--sweep {name}"
        )
    return values
