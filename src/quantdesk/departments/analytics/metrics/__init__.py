"""Metrics of performance: pure functions over arrays, one list of them, each with its source.

`Sample` holds a series; `METRICS` lists what can be measured of it; `measure` gives figures.
"""

from .declare import Metric, NotEnough
from .registry import GROUPS, HEADLINE, METRICS, Measured, chosen, measure
from .sample import Float64s, Int64s, Sample, returns_of

__all__ = [
    "GROUPS", "HEADLINE", "METRICS", "Float64s", "Int64s", "Measured", "Metric", "NotEnough",
    "Sample", "chosen", "measure", "returns_of",
]  # fmt: skip
