"""Shared fixtures: a replaying seam, and the recordings where they are to be had."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from quantdesk.kernel import Seam

START_NS = 1_723_161_254_000_000_000
"""2024-08-08T23:54:14Z, just before the recordings begin."""


def recordings_folder() -> Path | None:
    """`QUANTDESK_RECORDINGS`, else `../shared/data` beside the checkout."""
    named = os.environ.get("QUANTDESK_RECORDINGS")
    folder = Path(named) if named else Path(__file__).parents[2] / "shared" / "data"
    return folder if (folder / "binance").is_dir() else None


@pytest.fixture
def seam() -> Seam:
    """A manual clock and seeded randomness: tests replay too."""
    return Seam.replay(7, START_NS)


@pytest.fixture
def recordings() -> Path:
    """The folder of recordings. Skips without one, except on CI, where it must be there."""
    folder = recordings_folder()
    if folder is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs the recordings: set QUANTDESK_RECORDINGS")
        pytest.skip("no recordings: set QUANTDESK_RECORDINGS to their folder")
    return folder
