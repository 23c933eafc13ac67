"""Learned weights: exponentiated gradient over signals, with a floor.

Every signal is two experts, one that believes it and one that believes the opposite; a weight is
the difference of their shares (EG±: Kivinen & Warmuth, Information and Computation 132, 1997). A
closed trade multiplies the experts that were right about its move and mixes a little of the prior
back in (fixed share: Herbster & Warmuth, 1998), so nothing is ever forgotten for good and weights
stay bounded. All sums run in the order of `SIGNALS`: the same lessons give the same bits.
"""

from __future__ import annotations

import math

from msgspec import Struct

from quantdesk.kernel import InvalidInput

from .signals import SIGNALS, risk_bps

LEARNING_RATE = 0.5
SHARE = 0.02
"""Part of the prior that is mixed back with every lesson."""
REWARD_RISKS_MAX = 3.0
"""A return is clipped at so many standard deviations: one wild trade must not rule."""
HOLDING_S_MIN = 1.0

EDGE_PRIOR = 0.3
EDGE_PRIOR_WEIGHT = 1.0
EDGE_MEMORY = 0.99
EDGE_MAX = 2.0

_PRIOR = {"imbalance": 0.25, "flow": 0.1, "momentum": 0.05, "trend": -0.05, "basis": 0.15,
          "model": 0.3}  # fmt: skip


class Weights(Struct, frozen=True, kw_only=True):
    """`believe` and `doubt` are the shares of the experts per signal; together they sum to 1.

    `edge_xy` and `edge_xx` are the sums of the regression of moves (in units of risk) on scores.
    """

    version: int
    believe: tuple[float, ...]
    doubt: tuple[float, ...]
    edge_xy: float
    edge_xx: float

    @property
    def net(self) -> tuple[float, ...]:
        """The weight of each signal, in the order of `SIGNALS`; their sizes sum to at most 1."""
        return tuple(b - d for b, d in zip(self.believe, self.doubt, strict=True))

    @property
    def by_signal(self) -> dict[str, float]:
        return dict(zip(SIGNALS, self.net, strict=True))

    def score(self, signals: tuple[float, ...]) -> float:
        """Σ weight × signal, in [-1, 1]."""
        total = 0.0
        for weight, signal in zip(self.net, signals, strict=True):
            total += weight * signal
        return max(-1.0, min(1.0, total))

    def edge_bps(self, score: float, volatility_bps: float, horizon_s: float) -> float:
        """The move expected in the score's direction: calibration × |score| × risk."""
        slope = (EDGE_PRIOR * EDGE_PRIOR_WEIGHT + self.edge_xy) / (EDGE_PRIOR_WEIGHT + self.edge_xx)
        return max(0.0, min(EDGE_MAX, slope)) * abs(score) * risk_bps(volatility_bps, horizon_s)


def prior() -> Weights:
    """Before the first lesson. The signs come from market microstructure, the sizes from modesty:
    what is left of 1 is spread over belief and doubt alike."""
    rest = (1.0 - sum(abs(w) for w in _PRIOR.values())) / (2 * len(SIGNALS))
    return Weights(
        version=0,
        believe=tuple(rest + max(0.0, _PRIOR[name]) for name in SIGNALS),
        doubt=tuple(rest + max(0.0, -_PRIOR[name]) for name in SIGNALS),
        edge_xy=0.0,
        edge_xx=0.0,
    )


def reward_of(return_bps: float, cost_bps: float, volatility_bps: float, holding_s: float) -> float:
    """A closed trade's move in units of risk, clipped and scaled to [-1, 1].

    `cost_bps`, the expected cost of the round trip, is added back: whether a trade was worth its
    cost is for the edge to say; the weights learn which way the market went.
    """
    if not (math.isfinite(return_bps) and math.isfinite(holding_s) and holding_s >= 0):
        raise InvalidInput("a return and a holding time are finite numbers", where="/return_bps")
    risks = (return_bps + cost_bps) / risk_bps(volatility_bps, max(holding_s, HOLDING_S_MIN))
    return max(-REWARD_RISKS_MAX, min(REWARD_RISKS_MAX, risks)) / REWARD_RISKS_MAX


def learned(weights: Weights, signals: tuple[float, ...], direction: int, reward: float) -> Weights:
    """The weights after one closed trade. `direction`: 1 bought, -1 sold."""
    move = direction * reward  # which way the market went, whatever was done
    start = prior()
    believe = [
        share * math.exp(LEARNING_RATE * move * signal)
        for share, signal in zip(weights.believe, signals, strict=True)
    ]
    doubt = [
        share * math.exp(-LEARNING_RATE * move * signal)
        for share, signal in zip(weights.doubt, signals, strict=True)
    ]
    total = sum(believe) + sum(doubt)
    score = weights.score(signals)
    return Weights(
        version=weights.version + 1,
        believe=_mixed(believe, start.believe, total),
        doubt=_mixed(doubt, start.doubt, total),
        edge_xy=EDGE_MEMORY * weights.edge_xy + score * move * REWARD_RISKS_MAX,
        edge_xx=EDGE_MEMORY * weights.edge_xx + score * score,
    )


def _mixed(shares: list[float], before: tuple[float, ...], total: float) -> tuple[float, ...]:
    return tuple(
        (1 - SHARE) * share / total + SHARE * start
        for share, start in zip(shares, before, strict=True)
    )
