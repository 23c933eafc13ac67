"""Where compiled functions are kept, and what happens where nothing can be kept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from quantdesk.departments.trading.engine import _exact
from quantdesk.departments.trading.engine.jit import FOLDERS_MAX, cache_folder, is_jitted

pytestmark = pytest.mark.spec("TRD-5")

USE = (
    "from quantdesk.departments.trading.engine._exact import fits\n"
    "print(fits(1, 2), sum(fits.stats.cache_hits.values()), sum(fits.stats.cache_misses.values()))"
)


def used() -> str:
    done = subprocess.run([sys.executable, "-c", USE], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_second_process_compiles_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert used() == "True 0 1"
    assert used() == "True 1 0"
    (folder,) = (tmp_path / "quantdesk").iterdir()
    assert folder.stat().st_mode & 0o077 == 0


def test_old_caches_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    base = tmp_path / "quantdesk"
    for number in range(FOLDERS_MAX):
        (base / f"engine-{number}").mkdir(parents=True)
        os.utime(base / f"engine-{number}", ns=(number, number))
    newest = cache_folder()
    assert newest is not None
    left = {folder.name for folder in base.iterdir()}
    assert left == {newest.name, *(f"engine-{number}" for number in range(1, FOLDERS_MAX))}


def test_without_a_place_to_write_functions_are_compiled_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert cache_folder() is None
    assert used() == "True 0 1"


def test_compiled_functions_are_told_from_plain_ones() -> None:
    assert is_jitted(_exact.fits)
    assert not is_jitted(used)
