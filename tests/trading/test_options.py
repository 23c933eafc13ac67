"""Black and Scholes: the textbook's numbers, parity, and every Greek as the slope that it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from quantdesk.departments.trading.risk_models._options import (
    greeks,
    implied_volatility,
    option,
)

pytestmark = pytest.mark.spec("TRD-3")
TERMS = st.tuples(
    st.floats(20, 500), st.floats(20, 500), st.floats(0.02, 3), st.floats(-0.05, 0.15),
    st.floats(-0.05, 0.1), st.floats(0.05, 1.5),
)  # fmt: skip
SIGNS = st.sampled_from([1.0, -1.0])


def test_hulls_example() -> None:
    """Hull, Options, Futures: S = 42, K = 40, r = 10 %, σ = 20 %, half a year: 4.76 and 0.81."""
    assert option(1.0, 42.0, 40.0, 0.5, 0.1, 0.0, 0.2)[0] == pytest.approx(4.76, abs=0.005)
    assert option(-1.0, 42.0, 40.0, 0.5, 0.1, 0.0, 0.2)[0] == pytest.approx(0.81, abs=0.005)


@settings(max_examples=100, deadline=None)
@given(TERMS)
def test_a_call_less_a_put_is_a_forward(
    terms: tuple[float, float, float, float, float, float],
) -> None:
    spot, strike, years, rate, carry, _ = terms
    call, put = option(1.0, *terms), option(-1.0, *terms)
    forward = spot * np.exp(-carry * years) - strike * np.exp(-rate * years)
    assert call[0] - put[0] == pytest.approx(forward, abs=1e-9 * (spot + strike))
    assert call[1] - put[1] == pytest.approx(np.exp(-carry * years))
    assert (call[2], call[3]) == pytest.approx((put[2], put[3]))


@settings(max_examples=100, deadline=None)
@given(SIGNS, TERMS)
def test_greeks_are_slopes(
    sign: float, terms: tuple[float, float, float, float, float, float]
) -> None:
    spot, strike = terms[:2]

    def slope(place: int, step: float, of: int = 0) -> float:
        ends = []
        for way in (1, -1):
            moved = list(terms)
            moved[place] += way * step
            ends.append(option(sign, *moved)[of])
        return (ends[0] - ends[1]) / (2 * step)

    found = option(sign, *terms)
    scale = spot + strike
    assert found[1] == pytest.approx(slope(0, 1e-4 * spot), abs=1e-5)
    assert found[2] * spot == pytest.approx(slope(0, 1e-4 * spot, 1) * spot, abs=1e-3, rel=1e-3)
    assert found[3] == pytest.approx(slope(5, 1e-5), abs=1e-5 * scale, rel=1e-3)
    assert found[4] == pytest.approx(-slope(2, 1e-5), abs=1e-5 * scale, rel=1e-3)
    assert found[5] == pytest.approx(slope(3, 1e-5), abs=1e-5 * scale, rel=1e-3)


@settings(max_examples=200, deadline=None)
@given(SIGNS, TERMS)
def test_implied_volatility_gives_the_price_back(
    sign: float, terms: tuple[float, float, float, float, float, float]
) -> None:
    price = option(sign, *terms)[0]
    vega = option(sign, *terms)[3]
    assume(vega > 1e-3)
    found = implied_volatility(sign, *terms[:5], price)
    assert found == pytest.approx(terms[5], rel=1e-6)


def test_a_price_that_no_volatility_gives_has_none() -> None:
    assert np.isnan(implied_volatility(1.0, 100.0, 90.0, 1.0, 0.0, 0.0, 9.99))
    assert np.isnan(implied_volatility(1.0, 100.0, 90.0, 1.0, 0.0, 0.0, 100.0))
    assert np.isnan(implied_volatility(-1.0, 100.0, 90.0, 1.0, 0.0, 0.0, 90.0))


def test_a_column_is_its_rows() -> None:
    rng = np.random.default_rng(3)
    columns = [
        rng.choice([1.0, -1.0], 50), rng.uniform(50, 150, 50), rng.uniform(50, 150, 50),
        rng.uniform(0.1, 2, 50), rng.uniform(0, 0.1, 50), rng.uniform(0, 0.1, 50),
        rng.uniform(0.1, 1, 50),
    ]  # fmt: skip
    rows = greeks(*columns)
    for i in range(50):
        assert tuple(rows[i]) == option(*(float(column[i]) for column in columns))
