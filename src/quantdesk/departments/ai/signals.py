"""Signals: what each feature says about the next move, in [-1, 1], and in words.

Moves are measured in units of the market's own volatility, so a signal means the same in a calm
and in a wild market. A positive signal says up; its learned weight may turn it round.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .features import Vector

SIGNALS = ("imbalance", "flow", "momentum", "trend", "basis", "model")
VOLATILITY_FLOOR_BPS = 0.05
MODEL_HORIZON_S = 5.0
_TIDE = 0.2  # below this a signal is called balanced

SITUATION = ("imbalance", "flow_1s", "flow_5s", "momentum_1s", "momentum_5s", "momentum_30s",
             "basis")  # fmt: skip
"""What a remembered situation is compared by."""


def risk_bps(volatility_bps: float, seconds: float) -> float:
    """One standard deviation of the move over `seconds`, from volatility per √second."""
    return max(volatility_bps, VOLATILITY_FLOOR_BPS) * math.sqrt(seconds)


def signals_of(vector: Vector, move_bps: float) -> tuple[float, ...]:
    """The signals in the order of `SIGNALS`. `move_bps` is the model's, 0 where none answered."""
    volatility = vector["volatility_bps"]
    return (
        vector["imbalance"],
        vector["flow_5s"],
        math.tanh(vector["momentum_5s_bps"] / risk_bps(volatility, 5)),
        math.tanh(vector["momentum_30s_bps"] / risk_bps(volatility, 30)),
        math.tanh(vector["basis_bps"] / risk_bps(volatility, 1)),
        math.tanh(move_bps / risk_bps(volatility, MODEL_HORIZON_S)),
    )


def situation_of(features: dict[str, float]) -> NDArray[np.float32]:
    """A unit vector of the bounded features: nearness is by direction, not by size."""
    volatility = features["volatility_bps"]
    values = np.array(
        [
            features["imbalance"],
            features["flow_1s"],
            features["flow_5s"],
            math.tanh(features["momentum_1s_bps"] / risk_bps(volatility, 1)),
            math.tanh(features["momentum_5s_bps"] / risk_bps(volatility, 5)),
            math.tanh(features["momentum_30s_bps"] / risk_bps(volatility, 30)),
            math.tanh(features["basis_bps"] / risk_bps(volatility, 1)),
        ],
        dtype=np.float32,
    )
    length = float(np.sqrt(np.einsum("i,i->", values, values)))
    unit: NDArray[np.float32] = values / np.float32(length) if length > 0 else values
    return unit


def words_of(signal: str, value: float, vector: Vector, move_bps: float) -> str:
    """One signal as a person would say it, with the number behind it."""
    tide = 0 if abs(value) < _TIDE else (1 if value > 0 else -1)
    if signal == "imbalance":
        side = (
            "the best level is balanced",
            "more is bid than offered",
            "more is offered than bid",
        )
        return f"{side[tide]} (imbalance {vector['imbalance']:+.2f})"
    if signal == "flow":
        side = ("buyers and sellers even out", "buyers are the aggressors",
                "sellers are the aggressors")  # fmt: skip
        return f"{side[tide]} (flow {vector['flow_5s']:+.2f} over 5 s)"
    if signal in {"momentum", "trend"}:
        seconds = 5 if signal == "momentum" else 30
        side = ("flat", "rising", "falling")
        return f"{side[tide]} ({vector[f'momentum_{seconds}s_bps']:+.2f} bps in {seconds} s)"
    if signal == "basis":
        side = ("in line with its peers", "its peers are ahead", "its peers are behind")
        return f"{side[tide]} (basis {vector['basis_bps']:+.2f} bps from its mean)"
    return f"the model expects {move_bps:+.3f} bps over {MODEL_HORIZON_S:.0f} s"


def describe(vector: Vector) -> str:
    """A situation in one sentence, to be remembered and found by meaning."""
    values = dict(zip(SIGNALS, signals_of(vector, 0.0), strict=True))
    said = "; ".join(
        words_of(name, values[name], vector, 0.0) for name in SIGNALS if name != "model"
    )
    return f"{vector.instrument}: {said}; volatility {vector['volatility_bps']:.2f} bps per √s"
