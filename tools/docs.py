"""Write the pages that are made from the code: specification, errors, reference, metrics,
contract, dashboard.

`--check` writes nothing and fails if a page is not what the code says.
"""

from __future__ import annotations

import ast
import json
import sys
import tomllib
from pathlib import Path

from grafana import dashboard
from metrics_page import metrics_page

from quantdesk import __version__
from quantdesk.faces.contract import ALL_ERRORS, breaking_changes, document, frozen
from quantdesk.gateways import GATEWAYS

ROOT = Path(__file__).resolve().parents[1]
CONTRACT = ROOT / "contract" / "quantdesk.json"
BEGIN, END = "<!-- rows: begin -->", "<!-- rows: end -->"
MARK = {"done": "done", "thin": "thin", "later": "later"}


def rows() -> dict[str, tuple[str, str, str]]:
    """ID → (title, state, note)."""
    table = tomllib.loads((ROOT / "docs" / "rows.toml").read_text("utf-8"))["rows"]
    return {key: (title, state, note) for key, (title, state, note) in table.items()}


def tests_by_row() -> dict[str, list[str]]:
    """ID → the test files that carry its marker."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "spec"
            ):
                for argument in node.args:
                    if isinstance(argument, ast.Constant):
                        name = path.relative_to(ROOT).as_posix()
                        found.setdefault(str(argument.value), set()).add(name)
    return {key: sorted(names) for key, names in found.items()}


def spec_page() -> str:
    """Every row with its state and its tests."""
    tests = tests_by_row()
    lines = [
        "# The specification, row by row",
        "",
        "Made by `make docs` from `docs/rows.toml` and the tests' markers. *done*: all of the row"
        " works and is tested; *thin*: it works end to end on embedded parts, the note says what"
        " is missing; *later*: not there yet.",
        "",
        "| ID | Row | State | Note | Tests |",
        "|---|---|---|---|---|",
    ]
    for key, (title, state, note) in rows().items():
        shown = ", ".join(f"`{name}`" for name in tests.get(key, []))
        lines.append(f"| {key} | {title} | {MARK[state]} | {note} | {shown} |")
    return "\n".join(lines) + "\n"


def readme() -> str:
    """The README with its table of rows brought up to date."""
    text = (ROOT / "README.md").read_text("utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    table = ["", "| Row | State | |", "|---|---|---|"]
    table += [
        f"| {key} {title} | {MARK[state]} | {note} |"
        for key, (title, state, note) in rows().items()
    ]
    return head + BEGIN + "\n".join(table) + "\n" + END + tail


def errors_page() -> str:
    """The catalogue of error codes."""
    lines = [
        "# Errors",
        "",
        "Every face reports an error with its stable `code`. Over HTTP it is an RFC 9457 problem;"
        " on the command line it is one line and an exit code.",
        "",
        "| Code | HTTP | Exit | Retry | What to do |",
        "|---|---|---|---|---|",
    ]
    for code, error in ALL_ERRORS.items():
        retry = "yes" if error.retryable else "no"
        lines.append(
            f"| `{code}` | {error.status} | {error.exit_code} | {retry} | {error.advice} |"
        )
    return "\n".join(lines) + "\n"


def reference_page() -> str:
    """Gateways and operations as declared."""
    lines = ["# Reference", "", "Made by `make docs` from the declarations.", ""]
    for gateway in GATEWAYS:
        lines += [f"## {gateway.name}", "", gateway.doc, ""]
        lines += ["| Operation | Route | Effect | Permission | |", "|---|---|---|---|---|"]
        for operation in gateway.operations.values():
            route = "internal"
            if operation.route is not None:
                route = f"`{operation.route.method} /v1/{gateway.name}{operation.route.path}`"
            permission = f"`{operation.permission}`" if operation.permission else "public"
            lines.append(
                f"| {operation.name} | {route} | {operation.effect} | {permission} |"
                f" {operation.summary} |"
            )
        lines.append("")
    return "\n".join(lines)


def contract() -> str:
    """The frozen contract as the code declares it now."""
    return json.dumps(frozen(document(GATEWAYS, __version__)), indent=1, sort_keys=True) + "\n"


def main() -> int:
    """Write the pages, or compare them."""
    check = "--check" in sys.argv[1:]
    new_contract = contract()
    if CONTRACT.exists():
        broken = breaking_changes(json.loads(CONTRACT.read_text("utf-8")), json.loads(new_contract))
        for change in broken:
            print(f"breaking change of the contract: {change}")
        if broken:
            return 1
    pages = {
        ROOT / "docs" / "spec.md": spec_page(),
        ROOT / "docs" / "errors.md": errors_page(),
        ROOT / "docs" / "reference.md": reference_page(),
        ROOT / "docs" / "metrics.md": metrics_page(),
        ROOT / "docs" / "grafana" / "quantdesk.json": dashboard(),
        ROOT / "README.md": readme(),
        CONTRACT: new_contract,
    }
    stale = [
        path for path, text in pages.items() if not path.exists() or path.read_text("utf-8") != text
    ]
    if check:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not up to date: run `make docs`")
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pages[path], "utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
