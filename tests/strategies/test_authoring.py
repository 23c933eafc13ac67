"""Strategy files: what is read from a good one, and the one error of a bad one."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import numpy as np
import pytest

from quantdesk.departments.strategies.authoring import (
    MODELS_MAX,
    STRATEGY_BYTES_MAX,
    Actions,
    load_source,
    load_strategy,
    model_ref,
    read_source,
)
from quantdesk.departments.strategies.authoring.loading import LOADED_MAX
from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine.setup import Market
from quantdesk.kernel import CorruptData, DeskError, InvalidInput, NotFound, Quantity

pytestmark = pytest.mark.spec("TRD-2", "TRD-5")

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples" / "strategies"
MARKETS = (Market(name="BTC-USDT", tick=10**6, lot=10**4),)
HEAD = """from quantdesk.strategy import *
from typing import Annotated
from msgspec import Meta
"""


def load(text: str, **params: str) -> object:
    return load_source((HEAD + text).encode(), "mine.py", params)


def refused(text: str, **params: str) -> DeskError:
    with pytest.raises(DeskError) as caught:
        load(text, **params)
    return caught.value


def test_a_strategy_is_named_by_its_text_and_keeps_its_parameters() -> None:
    path = EXAMPLES / "ema_cross.py"
    loaded = load_strategy(path, {"fast": "5", "size": "0.010"})
    assert loaded.name == "ema-cross"
    assert loaded.version == hashlib.sha256(path.read_bytes()).hexdigest()
    assert loaded.modes == ("compiled", "batch", "callback")
    assert loaded.given == {"fast": "5", "slow": "10", "size": "0.01"}
    assert loaded.make(MARKETS, {}).p.size == Quantity("0.01")
    assert [info.type for info in loaded.declared] == ["int ≥ 1, ≤ 16", "int ≥ 2, ≤ 20", "Quantity"]
    assert loaded.mode(None) == "compiled"
    assert loaded.mode("batch") == "batch"
    assert load_source(read_source(path), "elsewhere.py").version == loaded.version


@pytest.mark.parametrize(("params", "said"), [
    ({"fast": "x"}, "--param fast"), ({"fast": "0"}, ">= 1"), ({"fast": "17"}, "<= 16"),
    ({"size": "-1"}, "--param size"), ({"size": "1e3"}, "--param size"), ({"size": "NaN"}, "size"),
    ({"quick": "1"}, "It has fast, slow, size"),
])  # fmt: skip
def test_a_parameter_that_does_not_fit_is_one_error(params: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        load_strategy(EXAMPLES / "ema_cross.py", params)
    assert said in str(caught.value)


NOTHING = "class A(Strategy[Parameters]):\n    pass"
CLASS = "class A(Strategy[Parameters]):\n    def on_wake(self, context): pass\n"


@pytest.mark.parametrize(("text", "said", "line"), [
    ("x = (", "not Python", 4),
    ("import nowhere_at_all", "ModuleNotFoundError", 4),
    ("def f():\n    return 1 / 0\nf()", "ZeroDivisionError", 5),
    ("raise SystemExit(3)", "SystemExit", 4),
    ("x = 1", "no strategy", None),
    (CLASS + CLASS.replace("class A", "class B"), "2 strategies in this file: A, B", None),
    (NOTHING, "A does nothing", 4),
    (NOTHING.replace("pass", "on_event = staticmethod(lambda st, events, i, memory: None)"),
     "no compiled function", 4),
    (CLASS + "    models = {'x': 'edge'}", "names no version", 4),
    (CLASS + "    models = 7", "`models` is a dict", 4),
    (CLASS + "    name = 'Not A Name'", "no name of a strategy", 4),
    ("class P(Parameters):\n    x: Annotated[int, Meta(ge=3)] = 1\n"
     "class A(Strategy[P]):\n    def on_wake(self, context): pass", "defaults of P do not hold",
     None),
    ("class P(Parameters):\n    x: int\n"
     "class A(Strategy[P]):\n    def on_wake(self, context): pass", "defaults of P do not hold",
     None),
])  # fmt: skip
def test_a_file_that_is_no_strategy_is_one_error_with_its_line(
    text: str, said: str, line: int | None
) -> None:
    error = refused(text)
    assert isinstance(error, InvalidInput)
    assert said in error.message
    assert error.where == ("mine.py" if line is None else f"mine.py:{line}")


def test_a_strategy_that_raises_when_it_is_made_names_its_line() -> None:
    loaded = load_source(
        (HEAD + CLASS + "    def __init__(self, *given):\n        self.nothing.here").encode(),
        "mine.py",
    )
    with pytest.raises(InvalidInput, match="AttributeError") as caught:
        loaded.make(MARKETS, {})
    assert caught.value.where == "mine.py:7"


def test_a_wake_that_is_none_is_refused() -> None:
    loaded = load_source((HEAD + CLASS + "    wake = 8").encode(), "mine.py")
    with pytest.raises(InvalidInput, match="`wake` is 8"):
        loaded.make(MARKETS, {})


def test_files_that_are_not_there_too_large_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        load_strategy(tmp_path / "none.py")
    with pytest.raises(NotFound):
        load_strategy(tmp_path)
    path = tmp_path / "large.py"
    text = HEAD + CLASS + "#"
    path.write_text(text + "x" * (STRATEGY_BYTES_MAX - len(text)))
    assert load_strategy(path).name == "a"
    path.write_text(text + "x" * (STRATEGY_BYTES_MAX - len(text) + 1))
    with pytest.raises(CorruptData, match="more than"):
        load_strategy(path)
    path.write_bytes(b"\0\1\2\xff")
    with pytest.raises(InvalidInput, match="not Python"):
        load_strategy(path)


def test_as_many_models_as_allowed_and_one_more() -> None:
    models = {f"m{number}": f"edge@{number + 1}" for number in range(MODELS_MAX)}
    loaded = load_source((HEAD + CLASS + f"    models = {models}").encode(), "mine.py")
    assert loaded.models["m0"] == model_ref("edge@1")
    assert "at most" in refused(CLASS + f"    models = {models | {'more': 'edge@1'}}").message


def test_texts_of_many_files_are_not_kept() -> None:
    for number in range(LOADED_MAX + 5):
        load(CLASS + f"# {number}")
    kept = [name for name in sys.modules if name.startswith("quantdesk_strategy_")]
    assert len(kept) == LOADED_MAX


def test_actions_are_the_rows_of_a_batch() -> None:
    actions = Actions()
    first = actions.submit(3, m.BUY, 500, type=m.LIMIT, price=7)
    actions.amend(4, first, price=8)
    actions.cancel(5, first)
    actions.cancel_all(6)
    rows = actions.rows()
    assert rows.dtype == m.ACTION
    assert rows["event"].tolist() == [3, 4, 5, 6]
    assert rows["kind"].tolist() == [m.NEW, m.AMEND, m.CANCEL, m.CANCEL_ALL]
    assert rows["target"].tolist() == [-1, first, first, -1]
    assert rows["instrument"].tolist() == [0, 0, 0, -1]
    assert rows["price"].tolist() == [7, 8, 0, 0]
    assert (rows["parent"] == -1).all()
    with pytest.raises(KeyError):
        actions.submit(7, m.BUY, 1, colour=3)
    assert np.array_equal(Actions().rows(), np.zeros(0, m.ACTION))
