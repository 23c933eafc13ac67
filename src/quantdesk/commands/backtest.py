"""`quantdesk backtest`: the feed is read here, the strategy runs in processes of its own."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from quantdesk.departments.strategies.authoring import ModelRef, read_source
from quantdesk.departments.strategies.backtests import BacktestRequest, BacktestResult
from quantdesk.departments.strategies.backtests.market import Market, read_market, save_market
from quantdesk.departments.strategies.backtests.pool import ProcessPool
from quantdesk.departments.strategies.backtests.running import setup_of
from quantdesk.departments.strategies.backtests.station import Job, Run
from quantdesk.faces.cli import Backtested, BacktestOptions
from quantdesk.kernel import Amount, InvalidInput, NotFound, Seam, convert, stopwatch_ns
from quantdesk.services.database.sqlite import SqliteDatabase
from quantdesk.services.ml import FetchModel, ModelFile
from quantdesk.services.ml.onnx import OnnxModels

DATA_DIR = Path("quantdesk-data")
NS_PER_MS = 1_000_000


def run_backtests(
    options: BacktestOptions, progress: Callable[[int, int | None], None]
) -> Backtested:
    """One run, or a sweep. Raises `DeskError`; files are written whole or not at all."""
    request = request_of(options)
    setup_of(request)  # what is wrong with the settings is told before anything is read
    source = read_source(options.strategy)
    with (
        tempfile.TemporaryDirectory(prefix="quantdesk-backtest-") as folder,
        ProcessPool(1, options.seconds_max) as pool,
    ):
        began = stopwatch_ns()
        market = asyncio.run(read_market(request))
        path = Path(folder) / "events.npy"
        save_market(market, path)
        job = job_of(options.strategy, source, market, path, stopwatch_ns() - began)
        run = Run(
            request=request,
            fills=None if options.fills is None else str(options.fills),
            report=None if options.report is None else str(options.report),
        )
        events = len(market.events)
        (done,) = pool.run(
            job, [run], lambda refs: _models(options, refs), lambda at: progress(at, events)
        )
    return Backtested(data=done.result, facts=_facts(done.result, options))


def job_of(strategy: Path, source: bytes, market: Market, path: Path, load_ns: int) -> Job:
    return Job(
        source=source,
        where=str(strategy),
        events=str(path),
        frames=market.frames,
        quarantined=market.quarantined,
        sequence_gaps=market.sequence_gaps,
        load_ns=load_ns,
    )


def request_of(options: BacktestOptions) -> BacktestRequest:
    """The options as the message of the department. Raises `InvalidInput` naming the option."""
    entry_ns, response_ns = _latency(options.latency_ms)
    given = {
        "feed": options.feed,
        "instruments": [name for text in options.instruments for name in text.split(",")],
        "params": options.params,
        "from": _moment(options.begin, "--from"),
        "to": _moment(options.end, "--to"),
        "entry_ns": entry_ns,
        "response_ns": response_ns,
        "depth": options.depth,
        "queue": options.queue,
        "mode": options.mode,
        **{
            name: str(_amount(getattr(options, name), f"--{name.replace('_', '-')}"))
            for name in ("maker_fee", "taker_fee", "balance")
        },
    }
    return convert(given, BacktestRequest)


def _amount(text: str, where: str) -> Amount:
    try:
        return Amount(text)
    except InvalidInput as error:
        error.where = where
        raise


def _latency(text: str) -> tuple[int, int]:
    """`ENTRY[,RESPONSE]` in milliseconds; without the second one both are the same."""
    entry, comma, response = text.partition(",")
    found = []
    for part in (entry, response if comma else entry):
        scaled = Decimal(_amount(part, "--latency-ms")) * NS_PER_MS
        if scaled < 0 or scaled != int(scaled):
            raise InvalidInput("a latency is whole nanoseconds, not below 0", where="--latency-ms")
        found.append(int(scaled))
    return found[0], found[1]


def _moment(text: str | None, where: str) -> datetime | None:
    """ISO 8601; a time without a zone is UTC."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            f"{text[:80]!r} is no time", where=where, advice="Write it as 2024-08-08T23:55:00Z."
        ) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _models(options: BacktestOptions, refs: Mapping[str, ModelRef]) -> dict[str, ModelFile]:
    return asyncio.run(_fetched(options.data_dir or DATA_DIR, refs))


async def _fetched(folder: Path, refs: Mapping[str, ModelRef]) -> dict[str, ModelFile]:
    """From the ML service of a desk's folder, whether the desk runs or not."""
    wanted = ", ".join(f"{ref.name}@{ref.version}" for ref in refs.values())
    if not (folder / "desk.sqlite3").is_file():
        raise NotFound(
            f"the strategy needs {wanted}, and there is no desk here that could have it",
            where=str(folder), advice="Name the desk's folder with --data-dir.",
        )  # fmt: skip
    seam = Seam.live()
    database = SqliteDatabase(folder / "desk.sqlite3", seam, read_only=True)
    await database.start()
    try:
        models = OnnxModels(database, seam)
        await models.start()
        return {
            key: await models.fetch(FetchModel(name=ref.name, version=ref.version))
            for key, ref in refs.items()
        }
    finally:
        await database.close()


def _facts(
    result: BacktestResult, options: BacktestOptions
) -> list[tuple[str, list[tuple[str, str]]]]:
    strategy, orders, costs = result.strategy, result.orders, result.costs
    params = ", ".join(f"{name}={value}" for name, value in strategy.params.items())
    market = result.market
    known = {figure.name: figure.value for figure in result.metrics}
    sharpe = known["sharpe"]
    span = f"{market.begin:%Y-%m-%d %H:%M:%S} to {market.end:%H:%M:%S} UTC"
    written = (("fills", options.fills), ("report", options.report))
    timing = result.timing
    facts = [
        ("strategy", f"{strategy.name} {strategy.version[:12]} ({strategy.mode}) {params}"),
        ("market", f"{market.events:,} events, {span}"),
        ("P&L", f"{result.pnl} of {result.settings.balance}"),
        ("costs", f"gross {costs.gross_pnl}, spread {costs.spread_paid} taking and"
         f" {costs.spread_earned} making, fees {costs.fees}, funding {costs.funding}"),
        ("max drawdown", str(result.max_drawdown)),
        ("Sharpe", "–" if sharpe is None else f"{sharpe:,.2f} (annualised, {result.step_s} s)"),
        ("orders", f"{orders.submitted:,} submitted, {orders.filled:,} filled, {orders.cancelled:,}"
         f" cancelled, {orders.rejected:,} rejected; {result.fills:,} fills"),
        *(("position", f"{p.quantity} {p.instrument} at {p.mark}") for p in result.positions),
        *(("warning", text) for text in result.warnings),
        ("digest", result.digest),
        ("time", f"feed {timing.load_s:.2f} s, compile {timing.compile_s:.2f} s,"
         f" run {timing.run_s:.2f} s ({timing.run_ns_per_event:,.0f} ns an event)"),
        *((name, str(path)) for name, path in written if path is not None),
    ]  # fmt: skip
    return [("backtest", facts)]
