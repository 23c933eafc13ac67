"""Weights: bounded, versioned, learning the sign of a signal from rewards, bit for bit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantdesk.departments.ai.signals import SIGNALS, risk_bps
from quantdesk.departments.ai.weights import (
    EDGE_MAX,
    REWARD_RISKS_MAX,
    SHARE,
    Weights,
    learned,
    prior,
    reward_of,
)
from quantdesk.kernel import InvalidInput, decode, encode

pytestmark = pytest.mark.spec("AI-5")
unit = st.floats(min_value=-1, max_value=1)
signal_rows = st.tuples(*[unit] * len(SIGNALS))


def mass(weights: Weights) -> float:
    return sum(weights.believe) + sum(weights.doubt)


def test_the_prior_is_a_distribution() -> None:
    assert mass(prior()) == pytest.approx(1.0)
    assert min(prior().believe + prior().doubt) > 0
    assert prior().version == 0


@given(st.lists(st.tuples(signal_rows, st.sampled_from([-1, 1]), unit), max_size=40))
def test_weights_stay_bounded(lessons: list[tuple[tuple[float, ...], int, float]]) -> None:
    weights = prior()
    for signals, direction, reward in lessons:
        weights = learned(weights, signals, direction, reward)
        assert -1.0 <= weights.score(signals) <= 1.0
    assert weights.version == len(lessons)
    assert mass(weights) == pytest.approx(1.0)
    floor = SHARE * min(prior().believe + prior().doubt)
    assert min(weights.believe + weights.doubt) >= floor * 0.999
    edge = weights.edge_bps(1.0, 1.0, 4.0)
    assert 0.0 <= edge <= EDGE_MAX * risk_bps(1.0, 4.0)
    assert decode(encode(weights), Weights) == weights


@given(signal_rows, unit)
def test_long_and_short_teach_the_same_about_the_market(
    signals: tuple[float, ...], reward: float
) -> None:
    assert learned(prior(), signals, 1, reward) == learned(prior(), signals, -1, -reward)


def test_a_signal_that_was_right_gains_and_one_that_was_wrong_loses() -> None:
    signals = (1.0, -1.0, 0.0, 0.0, 0.0, 0.0)
    after = learned(prior(), signals, 1, 0.8).by_signal
    before = prior().by_signal
    assert after["imbalance"] > before["imbalance"]
    assert after["flow"] < before["flow"]


def test_learning_finds_the_signal_and_its_sign_in_a_market_with_an_edge() -> None:
    """The move follows `trend` against its prior sign; the rest is noise."""
    draw = np.random.default_rng(11)
    weights = prior()
    for _ in range(400):
        signals = tuple(draw.uniform(-1, 1, len(SIGNALS)).tolist())
        move = 0.6 * signals[SIGNALS.index("trend")] + 0.3 * draw.normal()
        direction = 1 if weights.score(signals) >= 0 else -1
        weights = learned(weights, signals, direction, max(-1.0, min(1.0, direction * move)))
    by_signal = weights.by_signal
    assert by_signal["trend"] > 0.5
    assert all(abs(by_signal[name]) < 0.2 for name in SIGNALS if name != "trend")
    assert weights.edge_bps(0.5, 1.0, 10.0) > prior().edge_bps(0.5, 1.0, 10.0)


def test_a_market_without_an_edge_teaches_that_there_is_none() -> None:
    draw = np.random.default_rng(12)
    weights = prior()
    for _ in range(400):
        signals = tuple(draw.uniform(-1, 1, len(SIGNALS)).tolist())
        weights = learned(weights, signals, 1, float(np.clip(0.3 * draw.normal(), -1, 1)))
    assert weights.edge_bps(0.5, 1.0, 10.0) < prior().edge_bps(0.5, 1.0, 10.0) / 2


def test_rewards_are_in_risk_before_cost_and_clipped() -> None:
    # 1 bp/√s over 4 s: one risk is 2 bps; -1 bps after 3 bps of cost is +2 bps: one risk
    assert reward_of(-1.0, 3.0, 1.0, 4.0) == pytest.approx(1 / REWARD_RISKS_MAX)
    assert reward_of(1e9, 0.0, 1.0, 4.0) == 1.0
    assert reward_of(-1e9, 0.0, 1.0, 4.0) == -1.0
    assert reward_of(0.01, 0.0, 0.0, 0.0) == pytest.approx(0.01 / 0.05 / REWARD_RISKS_MAX)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_reward_of_no_number_is_refused(bad: float) -> None:
    with pytest.raises(InvalidInput):
        reward_of(bad, 0.0, 1.0, 1.0)
    with pytest.raises(InvalidInput):
        reward_of(0.0, 0.0, 1.0, bad)
    with pytest.raises(InvalidInput):
        reward_of(0.0, 0.0, 1.0, -1.0)
