"""Train the model of `book_model.py` and register it with a desk's ML service.

    python docs/examples/strategies/train_book_model.py replay:FILE BTC-USDT-PERP quantdesk-data

It learns on the first `SHARE` of the recording's time and is measured on the rest: test it with
`--from` the time that it prints. Needs `pip install onnx`; the desk must not be running on that
folder meanwhile.
"""

import asyncio
import sys
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from quantdesk.departments.strategies.authoring import load_strategy
from quantdesk.departments.strategies.backtests import BacktestRequest
from quantdesk.departments.strategies.backtests.market import marks_of, read_market
from quantdesk.kernel import Seam, utc
from quantdesk.services.database.sqlite import SqliteDatabase
from quantdesk.services.ml import Register
from quantdesk.services.ml.onnx import OnnxModels
from quantdesk.strategy import Event

NAME = "book-edge"
HORIZON_NS = 1_000_000_000
EVERY_NS = 100_000_000
SHARE = 0.6
RIDGE = 1.0


def table(events, features):
    """(times, features, move of the mid over the next second in basis points)."""
    times, rows = [], []
    for event in map(Event._make, events.tolist()):
        features.update(event)
        if features.values and (not times or event.ts - times[-1] >= EVERY_NS):
            times.append(event.ts)
            rows.append(features.values)
    at, marks = np.array(times), marks_of(events, 0)
    known = at + HORIZON_NS <= events["ts"][-1]
    at, x = at[known], np.array(rows)[known]
    now, then = marks.before(at), marks.before(at + HORIZON_NS)
    return at, x, (then / now - 1.0) * 1e4


def fitted(x, y):
    """Ridge regression on standardised features, as weights and bias for raw ones."""
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-12
    z = (x - mean) / scale
    weights = np.linalg.solve(z.T @ z + RIDGE * np.eye(x.shape[1]), z.T @ (y - y.mean())) / scale
    return weights, y.mean() - mean @ weights


def onnx_of(weights, bias):
    """answer = rows × weights + bias."""
    constants = [
        numpy_helper.from_array(np.float32(weights).reshape(-1, 1), "weights"),
        numpy_helper.from_array(np.float32([bias]), "bias"),
    ]
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["rows", "weights"], ["product"]),
            helper.make_node("Add", ["product", "bias"], ["answer"]),
        ],
        NAME,
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["n", len(weights)])],
        [helper.make_tensor_value_info("answer", TensorProto.FLOAT, ["n", 1])],
        constants,
    )
    opset = [helper.make_opsetid("", 13)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


async def main(feed, instrument, folder):
    """Train, measure, register."""
    market = await read_market(BacktestRequest(feed=feed, instruments=(instrument,)))
    strategy = load_strategy(Path(__file__).with_name("book_model.py")).kind
    features = sys.modules[strategy.__module__].BookFeatures()
    at, x, y = table(market.events, features)
    split = int(at[0] + SHARE * (at[-1] - at[0]))
    # A label looks one second ahead: those that would see the test part are left out.
    train, test = at + HORIZON_NS < split, at >= split
    weights, bias = fitted(x[train], y[train])
    guess = x @ weights + bias
    correlation = float(np.corrcoef(guess[test], y[test])[0, 1])
    seam = Seam.live()
    folder = Path(folder)
    folder.mkdir(exist_ok=True)
    database = SqliteDatabase(folder / "desk.sqlite3", seam)
    await database.start()
    try:
        models = OnnxModels(database, seam)
        await models.start()
        card = {
            "features": ", ".join(features.NAMES),
            "answers": "move of the mid over the next second, in basis points",
            "trained_on": f"{instrument}, {int(train.sum())} rows",
            "trained_until": utc(split).isoformat(),
            "correlation_out_of_sample": f"{correlation:.3f}",
        }
        info = await models.register(Register(name=NAME, onnx=onnx_of(weights, bias), card=card))
    finally:
        await database.close()
    print(f"{info.name}@{info.version}: correlation out of sample {correlation:.3f}")
    print(f"test it with --from {utc(split).isoformat()}")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
