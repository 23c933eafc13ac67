"""What the pages point to is there: files by their paths, other pages by their links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.spec("DEV-1")
ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FILE = re.compile(r"`([\w./-]*\w\.(?:py|ts|toml|json|sh))(?::[^`]*)?`")
_LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
_MADE = {"quantdesk.toml", "figures.toml", "schema.d.ts", "STRATEGY.py"}
"""Files of the reader's own."""


def _names(folder: str) -> set[str]:
    return {
        path.as_posix() for path in (ROOT / folder).rglob("*") if "node_modules" not in path.parts
    }


HOUSE = {
    name
    for folder in ("src", "tests", "docs", "benchmarks", "tools", "clients", "contract")
    for name in _names(folder)
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_points_to_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    named = {name for name in _FILE.findall(text) if name not in _MADE}
    lost = {name for name in named if not any(f"/{one}".endswith(f"/{name}") for one in HOUSE)}
    links = {link for link in _LINK.findall(text) if not (page.parent / link).exists()}
    assert not lost | links
