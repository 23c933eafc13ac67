"""`python -m benchmarks SUITE [--json] [--gate]`: run one suite and print its figures.

A suite may name bounds in `GATES`; with `--gate` a figure beyond its bound fails the run.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

SUITES = sorted(p.parent.name for p in Path(__file__).parent.glob("*/suite.py"))


def main() -> int:
    """Run the suite named on the command line."""
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    if len(arguments) != 1 or arguments[0] not in SUITES:
        print(f"error: name one suite of {', '.join(SUITES)}", file=sys.stderr)
        return 64
    suite = importlib.import_module(f"benchmarks.{arguments[0]}.suite")
    results = suite.run()
    if "--json" in sys.argv[1:]:
        print(json.dumps({"figures": {name: value for name, value, _ in results}}))
    else:
        width = max(len(name) for name, _, _ in results)
        for name, value, how in results:
            shown = "none" if value is None else f"{value:,.3f}"
            if value is not None and 0 < abs(value) < 0.001:
                shown = f"{value:.1e}"
            print(f"{name:<{width}}  {shown:>14}  {how}")
    beyond = _beyond({name: value for name, value, _ in results}, getattr(suite, "GATES", {}))
    for line in beyond:
        print(line, file=sys.stderr)
    return 1 if beyond and "--gate" in sys.argv[1:] else 0


def _beyond(found: dict[str, float | None], gates: dict[str, tuple[str, float]]) -> list[str]:
    """A line for each figure beyond its gate. A figure that was left out said so itself."""
    lines = []
    for name, (sign, bound) in gates.items():
        value = found.get(name)
        if value is not None and not (value <= bound if sign == "<=" else value >= bound):
            lines.append(f"beyond its gate: {name} is {value:,.3f}, not {sign} {bound:g}")
    return lines


if __name__ == "__main__":
    sys.exit(main())
