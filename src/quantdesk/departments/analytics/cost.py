"""What would an order cost now? Pure functions, in basis points of the mid price.

    expected cost = half spread + taker fee + Y · σ · √(Q / V)

The last term is the square-root law of market impact (Tóth et al., Phys. Rev. X 1, 021006, 2011):
σ is the volatility over the horizon in which the volume V is traded, Q the order's size, and Y a
constant of order one. It is the cost of one order; a round trip pays it twice.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64s = NDArray[np.float64]

IMPACT_COEFFICIENT = 1.0
RETURNS_MIN = 5


def half_spread_bps(bid: int, ask: int) -> float:
    return (ask - bid) / (ask + bid) * 10_000.0


def volatility_bps(mids: Float64s) -> float | None:
    """Realised volatility per √second from mid prices one second apart, as root mean square.

    The mean is taken as zero: over a minute it is noise. None below `RETURNS_MIN` returns.
    """
    if len(mids) <= RETURNS_MIN:
        return None
    returns = np.diff(np.log(mids))
    return float(np.sqrt(np.mean(returns * returns))) * 10_000.0


def impact_bps(quantity: int, volume: int, volatility: float, horizon_s: float) -> float:
    """Impact of `quantity` where `volume` was traded in `horizon_s`; volatility per √second.

    A quiet market (no volume) is taken as if the order were all of it.
    """
    share = quantity / max(volume, quantity)
    return IMPACT_COEFFICIENT * volatility * float(np.sqrt(horizon_s * share))
