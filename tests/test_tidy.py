"""The conventions that matter, as tests."""

from __future__ import annotations

import ast
import importlib
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "quantdesk"
MODULES = sorted(SOURCE.rglob("*.py"))
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70

BANNED = {
    "time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter",
    "time.perf_counter_ns", "time.sleep", "datetime.now", "datetime.utcnow", "datetime.today",
    "date.today", "uuid.uuid1", "uuid.uuid4", "uuid4", "os.urandom", "secrets.token_bytes",
    "secrets.token_hex", "secrets.token_urlsafe", "random.random", "random.Random",
    "random.randint", "random.choice",
}  # fmt: skip
SEAM = SOURCE / "kernel" / "seam.py"


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    return ".".join(reversed(parts))


def clock_calls(source: str) -> list[str]:
    """Calls that read a clock or draw randomness, with their lines."""
    lines = source.splitlines()
    return [
        f"line {node.lineno}: {_dotted(node.func)}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and _dotted(node.func) in BANNED
        and "# sim-ok:" not in lines[node.lineno - 1]
    ]


@pytest.mark.spec("NEW-2")
@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_time_and_chance_enter_by_the_seam(path: Path) -> None:
    if path != SEAM:
        assert clock_calls(path.read_text("utf-8")) == []


def test_the_ban_finds_what_it_bans() -> None:
    assert clock_calls("import time\nx = time.time()") == ["line 2: time.time"]
    assert clock_calls("import time\nx = time.time()  # sim-ok: shown to people") == []


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_files_and_functions_stay_readable(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= FILE_LINES_MAX
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            lines = node.end_lineno - node.lineno + 1
            assert lines <= FUNCTION_LINES_MAX, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


@pytest.mark.parametrize(
    "path", [p for p in MODULES if p.name == "__init__.py" and p.parent != SOURCE], ids=_name
)
def test_public_faces_list_what_they_export(path: Path) -> None:
    name = ".".join(path.parent.relative_to(SOURCE.parent).parts)
    module = importlib.import_module(name)
    exported = getattr(module, "__all__", [])
    assert len(set(exported)) == len(exported)
    for entry in exported:
        assert hasattr(module, entry), f"{name} does not have {entry}"


@pytest.mark.spec("TST-1")
def test_markers_name_rows_that_exist() -> None:
    rows = tomllib.loads((ROOT / "docs" / "rows.toml").read_text("utf-8"))["rows"]
    marker = re.compile(r"mark\.spec\(([^)]*)\)")
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for arguments in marker.findall(path.read_text("utf-8")):
            for row in re.findall(r'"([A-Z]+-\d+)"', arguments):
                assert row in rows, f"{_name(path)}: there is no row {row}"


def test_rows_that_claim_to_work_have_a_test() -> None:
    rows = tomllib.loads((ROOT / "docs" / "rows.toml").read_text("utf-8"))["rows"]
    text = "".join(p.read_text("utf-8") for p in sorted((ROOT / "tests").rglob("test_*.py")))
    shown = set(re.findall(r'"([A-Z]+-\d+)"', " ".join(re.findall(r"mark\.spec\(([^)]*)\)", text))))
    claimed = {key for key, (_, state, _) in rows.items() if state != "later"}
    assert sorted(claimed - shown) == []


def test_nothing_is_mocked() -> None:
    for path in sorted((ROOT / "tests").rglob("*.py")):
        if path != Path(__file__):
            assert not re.search(r"unittest\.mock|MagicMock|mocker\.", path.read_text("utf-8"))
