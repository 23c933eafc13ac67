"""What a metric is: a function of a `Sample` that carries how it is made and where that is from."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .sample import Sample

FRACTION = "fraction"
PER_YEAR = "fraction per year"
PER_PERIOD = "fraction per period"
RATIO = "ratio"
ANNUALISED = "ratio, annualised"
PERIODS = "periods"
PROBABILITY = "probability"
COUNT = "count"


class NotEnough(Exception):
    """There is too little to measure, or the figure is not defined for these data; says why.

    It never leaves the department: a face shows no value and this reason.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Metric:
    """`needs`: the fewest returns it is measured from. `source`: paper, book or library."""

    name: str
    unit: str
    method: str
    source: str
    needs: int
    benchmark: bool
    compute: Callable[[Sample], float]

    @property
    def group(self) -> str:
        """The subject: the module that it stands in."""
        return self.compute.__module__.rsplit(".", 1)[1]

    def __call__(self, sample: Sample) -> float:
        """The figure, always finite. Raises `NotEnough`."""
        if sample.count < self.needs:
            raise NotEnough(f"needs at least {self.needs} returns, has {sample.count}")
        if self.benchmark and sample.benchmark is None:
            raise NotEnough("needs the returns of a benchmark")
        with np.errstate(all="ignore"):
            try:
                value = float(self.compute(sample))
            except (OverflowError, ZeroDivisionError):
                value = math.inf
        if not math.isfinite(value):
            raise NotEnough("the figure is beyond what a float can hold")
        return value


def metric(
    name: str, unit: str, method: str, source: str, *, needs: int = 1, benchmark: bool = False
) -> Callable[[Callable[[Sample], float]], Metric]:
    """Declare a function as a metric. Nothing is registered: `registry` lists them by hand."""

    def declare(compute: Callable[[Sample], float]) -> Metric:
        return Metric(
            name=name, unit=unit, method=method, source=source, needs=needs, benchmark=benchmark,
            compute=compute,
        )  # fmt: skip

    return declare


def ratio(above: float, below: float, reason: str) -> float:
    """`above / below`; `NotEnough(reason)` where `below` is not above zero."""
    if not below > 0.0:
        raise NotEnough(reason)
    return above / below
