"""The same market and seed give the same bytes, in another process, with another hash seed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .replay import session

pytestmark = pytest.mark.spec("NEW-2")

PROGRAM = """
import importlib.util, sys
from pathlib import Path
folder = Path({folder!r})
spec = importlib.util.spec_from_file_location(
    "ai_tests", folder / "__init__.py", submodule_search_locations=[str(folder)])
package = importlib.util.module_from_spec(spec)
sys.modules["ai_tests"] = package
from ai_tests.replay import run
print(run(Path(sys.argv[1]), int(sys.argv[2])))
"""


def elsewhere(folder: Path, seed: int, hash_seed: str) -> str:
    """The digest of a session in a process of its own."""
    folder.mkdir()
    program = PROGRAM.format(folder=str(Path(__file__).parent))
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder), str(seed)],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "OMP_NUM_THREADS": "1"},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


async def test_a_session_replays_to_the_same_digest(tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    digest = await session(here, 7)
    assert elsewhere(tmp_path / "one", 7, "1") == digest
    assert elsewhere(tmp_path / "two", 7, "2") == digest
    assert elsewhere(tmp_path / "other", 8, "1") != digest
