"""`quantdesk backtest`: the feed is read here, the strategy runs in processes of its own."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from quantdesk.commands.backtest_facts import facts_of, sweep_facts
from quantdesk.departments.strategies.authoring import ModelRef, read_source
from quantdesk.departments.strategies.backtests import BacktestRequest
from quantdesk.departments.strategies.backtests.market import Market, read_market, save_market
from quantdesk.departments.strategies.backtests.pool import ProcessPool, Runner
from quantdesk.departments.strategies.backtests.running import setup_of
from quantdesk.departments.strategies.backtests.station import Job, Run
from quantdesk.departments.strategies.backtests.sweeping import Plan, check_plan, grid_of, swept
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
    grid = grid_of(request.params, options.sweep)
    many = bool(options.sweep) or options.walk_forward is not None
    many = many or options.cross_validation is not None
    source = read_source(options.strategy)
    with (
        tempfile.TemporaryDirectory(prefix="quantdesk-backtest-") as folder,
        _runner(options, many=many) as runner,
    ):
        began = stopwatch_ns()
        market = asyncio.run(read_market(request))
        path = Path(folder) / "events.npy"
        save_market(market, path)
        job = job_of(options.strategy, source, market, path, stopwatch_ns() - began)
        plan = Plan(
            request, grid, options.objective, market.events["ts"], options.walk_forward,
            options.cross_validation, options.embargo_s, _text(options.fills),
            _text(options.report),
        )  # fmt: skip

        def fetch(refs: Mapping[str, ModelRef]) -> dict[str, ModelFile]:
            return _models(options, refs)

        if many:
            check_plan(plan)
            total = plan.events_total
            result = swept(plan, runner, job, fetch, lambda at: progress(at, total))
            return Backtested(data=result, facts=sweep_facts(result, options))
        run = Run(request=request, fills=plan.fills, report=plan.report)
        events = len(market.events)
        (done,) = runner.run(job, [run], fetch, lambda at: progress(at, events))
        return Backtested(data=done.result, facts=[("backtest", facts_of(done.result, options))])


def _runner(options: BacktestOptions, *, many: bool) -> AbstractContextManager[Runner]:
    if not many:
        return ProcessPool(1, options.seconds_max)
    if options.on == "ray":
        from quantdesk.departments.strategies.backtests.ray_pool import RayPool

        return RayPool(options.workers, options.seconds_max)
    return ProcessPool(options.workers, options.seconds_max)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


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
