"""The kernels are compiled before they are needed, elsewhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from quantdesk.departments.trading import ahead
from quantdesk.departments.trading.engine import jit

pytestmark = pytest.mark.spec("TRD-5")

FIRST_ORDER = """
import numpy as np
from quantdesk.departments.trading.engine import _loop, _requests, _preview, _restore, _book
from quantdesk.departments.trading.engine.engine import Engine, Ticket
from quantdesk.departments.trading.engine.model import EVENT
from quantdesk.departments.trading.engine.setup import Market, Setup
one = Engine(Setup(markets=(Market(name="X", tick=1, lot=1), Market(name="Y", tick=1, lot=1))))
one.feed(np.zeros(1, EVENT)); one.submit(Ticket(side=1, quantity=1)); one.settle(); one.book(0, 1)
one.preview(Ticket(side=1, quantity=1)); one.cancel_all(); one.take()
used = [_loop.run, _loop.settle, _loop.show, _requests.submit, _requests.cancel_all,
        _preview.preview, _book.ladder]
print(*(sum(f.stats.cache_misses.values()) for f in used))
print(*(sum(f.stats.cache_hits.values()) for f in used))
"""


async def test_a_first_order_after_it_compiles_nothing() -> None:
    assert await ahead.compile_elsewhere()
    assert ahead.is_compiled()
    done = subprocess.run(
        [sys.executable, "-c", FIRST_ORDER], capture_output=True, text=True, check=True
    )
    missed, hit = done.stdout.splitlines()
    assert set(missed.split()) == {"0"}
    assert hit.split()[0] == "1"


async def test_it_ends_at_its_time_and_compiles_no_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert not await ahead.compile_elsewhere(seconds_max=0.2)
    assert not ahead.is_compiled()


async def test_where_nothing_can_be_kept_nothing_is_compiled_ahead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert not await ahead.compile_elsewhere()


def test_a_note_of_other_sources_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = jit.cache_folder()
    assert folder is not None
    (folder / "compiled").write_text("engine-0")
    assert not ahead.is_compiled()
    (folder / "compiled").write_text(jit.digests())
    assert ahead.is_compiled()
