"""Returns by calendar month, compounded, in UTC."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .sample import Float64s, Int64s


class MonthReturn(NamedTuple):
    year: int
    month: int
    value: float


def monthly(times_ns: Int64s, returns: Float64s, months_max: int) -> list[MonthReturn]:
    """The newest `months_max` months with a return, oldest first. A return belongs to the month
    of its time, which is the end of its period."""
    if not len(returns):
        return []
    months = times_ns.astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
    firsts = np.flatnonzero(np.diff(months, prepend=months[0] - 1))
    compounded = np.multiply.reduceat(1.0 + returns, firsts) - 1.0
    return [
        MonthReturn(1970 + int(months[first]) // 12, int(months[first]) % 12 + 1, float(value))
        for first, value in zip(firsts, compounded, strict=True)
    ][-months_max:]
