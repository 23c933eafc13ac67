"""`python -m benchmarks SUITE [--json]`: run one suite and print its figures."""

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
        return 0
    width = max(len(name) for name, _, _ in results)
    for name, value, how in results:
        print(f"{name:<{width}}  {value:>14,.3f}  {how}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
