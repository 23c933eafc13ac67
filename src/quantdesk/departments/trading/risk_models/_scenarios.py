"""Historical value at risk and expected shortfall, compiled. Losses are positive.

With n scenarios and confidence c, the loss L(k) is the k-th smallest and k = ⌈n·c⌉:

    VaR = L(k),  ES = [Σ over i > k of L(i) + (k - n·c) · L(k)] / (n·(1 - c))

ES is that of Acerbi and Tasche (2002): coherent, and exact where n·c is not whole.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from quantdesk.departments.trading.engine.jit import numeric

Float64s = NDArray[np.float64]
BPS = 10_000


@numeric
def _select(values: Float64s, k: int) -> float:
    """Hoare's selection: puts the k-th smallest (from 0) in its place, larger ones behind it."""
    low, high = 0, len(values) - 1
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if k <= j:
            high = j
        elif k >= i:
            low = i
        else:
            break
    return float(values[k])


@numeric
def tail_of(losses: Float64s, confidence_bps: int) -> tuple[float, float]:
    """(VaR, ES). The order of `losses` is changed."""
    count = len(losses)
    k = -(-count * confidence_bps // BPS)  # exact: ⌈n·c⌉ in integers
    value = _select(losses, k - 1)
    beyond = 0.0
    for i in range(k, count):
        beyond += losses[i]
    part = float(k * BPS - count * confidence_bps) / BPS
    return value, (beyond + part * value) / (float(count * (BPS - confidence_bps)) / BPS)


@numeric
def losses_of(exposures: Float64s, returns: Float64s) -> Float64s:
    """The loss in every scenario: `returns` has a row per position, a column per scenario."""
    losses = np.zeros(returns.shape[1])
    for i in range(len(exposures)):
        for j in range(returns.shape[1]):
            losses[j] -= exposures[i] * returns[i, j]
    return losses


@numeric
def with_one_more(
    losses: Float64s, exposure: float, returns: Float64s, confidence_bps: int
) -> tuple[float, float]:
    """(VaR, ES) with one more position: what a gate asks. `losses` are kept as they are."""
    more = np.empty(len(losses))
    for j in range(len(losses)):
        more[j] = losses[j] - exposure * returns[j]
    return tail_of(more, confidence_bps)
