"""The three examples, as the documentation tells them."""

from __future__ import annotations

import asyncio
import runpy
from pathlib import Path

import pytest

from quantdesk.departments.strategies.authoring import load_models, load_source
from quantdesk.departments.strategies.backtests.running import run_backtest
from quantdesk.kernel import Seam, to_ns
from quantdesk.services.database.sqlite import SqliteDatabase
from quantdesk.services.ml import ModelsQuery
from quantdesk.services.ml.onnx import OnnxModels

from .recorded import EXAMPLES, PERP, example, feed_of, market, request

pytestmark = [pytest.mark.spec("TRD-2", "TRD-5", "SVC-5"), pytest.mark.recordings]


@pytest.mark.parametrize("fields", [
    {"depth": 2, "queue": "power_prob"},
    {"depth": 2, "entry_ns": 4_000_000, "response_ns": 7_000_000},
    {"depth": 1, "entry_ns": 1_000_000, "response_ns": 90_000_000},
], ids=["at once", "late", "told late"])  # fmt: skip
def test_the_market_maker_fills_alike_in_both_modes(
    recordings: Path, fields: dict[str, object]
) -> None:
    """With late reports, too: what it holds is what it has been told of."""
    events = market(feed_of(recordings)).events[:200_000]
    ran = [
        run_backtest(request(mode=mode, **fields), example("market_maker"), events)
        for mode in ("callback", "compiled")
    ]
    first, second = (one.result for one in ran)
    assert first.digest == second.digest
    assert first.orders == second.orders
    assert first.fills > 50
    assert set(ran[0].fills["maker"].tolist()) == {1}
    most = example("market_maker").parameters.most
    assert max(abs(point.exposure) for point in first.curve) < 2 * most * 70_000


def test_the_strategy_of_the_page_runs(recordings: Path) -> None:
    page = (EXAMPLES.parents[1] / "backtests.md").read_text("utf-8")
    source = page.split("```python\n")[1].split("```")[0]
    loaded = load_source(source.encode(), "backtests.md", {"ticks": "20"})
    assert loaded.name == "buy-dips"
    ran = run_backtest(request(), loaded, market(feed_of(recordings)).events)
    assert ran.result.fills > 5
    assert set(ran.fills["side"].tolist()) == {1}


def test_the_market_maker_leans_against_what_it_holds(recordings: Path) -> None:
    events = market(feed_of(recordings)).events[:200_000]
    held = [
        run_backtest(
            request(), example("market_maker", skew=skew, most="0.5"), events
        ).result.exposure.gross_max
        for skew in ("0", "20")
    ]  # fmt: skip
    assert held[1] < held[0]


def test_the_model_is_trained_registered_and_followed(recordings: Path, tmp_path: Path) -> None:
    script = runpy.run_path(str(EXAMPLES / "train_book_model.py"))
    asyncio.run(script["main"](feed_of(recordings), PERP, tmp_path / "desk"))
    loaded = example("book_model")

    async def fetched():
        seam = Seam.live()
        database = SqliteDatabase(tmp_path / "desk" / "desk.sqlite3", seam, read_only=True)
        await database.start()
        models = OnnxModels(database, seam)
        await models.start()
        (info,) = (await models.list_models(ModelsQuery())).models
        found = await load_models(models, loaded.models)
        await database.close()
        return info, found

    info, predictors = asyncio.run(fetched())
    assert float(info.card["correlation_out_of_sample"]) > 0.1
    model = predictors["edge"]
    events = market(feed_of(recordings)).events
    assert (model.name, model.version) == ("book-edge", 1)
    assert int(events["ts"][0]) < model.known_from_ns < int(events["ts"][-1])
    later = events[events["ts"] >= model.known_from_ns]
    result = run_backtest(request(), loaded, later, predictors=predictors).result
    assert result.strategy.models == {"edge": "book-edge@1"}
    assert result.fills > 10
    assert result.costs.gross_pnl > 0, "before costs it knows something"
    assert result.warnings == []
    early = run_backtest(request(), loaded, events[:50_000], predictors=predictors).result
    assert any("not out of sample" in text for text in early.warnings)
    assert to_ns(result.market.begin) >= model.known_from_ns // 1000 * 1000
