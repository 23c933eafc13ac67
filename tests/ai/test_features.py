"""Features: known answers, streaming equal to replay in other pieces, nothing from the future."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantdesk.departments.ai.features import (
    BUCKET_NS,
    BUCKETS_MAX,
    FEATURES,
    WARM_UP_S,
    FeatureBook,
)
from quantdesk.departments.ingestion import INSTRUMENT_NAMES, QUOTE, TRADE, MarketBatch
from quantdesk.kernel import UNIT

from .market import NS, batch

pytestmark = pytest.mark.spec("ING-5")
T0 = 1_723_161_300 * NS


def steady(seconds: int, mid: float = 100.0, instrument: str = "SOL-USDC") -> MarketBatch:
    quotes = [(T0 + s * NS, mid - 0.01, mid + 0.01) for s in range(seconds + 1)]
    return batch(quotes=quotes, instrument=instrument)


def test_nothing_before_the_first_quote() -> None:
    book = FeatureBook()
    book.observe(batch(trades=[(T0, 100.0, 1.0, 1)]))
    assert book.vector("BTC-USDT") is None
    assert book.quoted == ()


def test_best_level_features_have_known_answers() -> None:
    book = FeatureBook()
    assert book.observe(batch(quotes=[(T0, 99.0, 101.0, 3.0, 1.0)])) == ("BTC-USDT",)
    vector = book.vector("BTC-USDT")
    assert vector is not None
    assert vector["imbalance"] == pytest.approx(0.5)
    assert vector["spread_bps"] == pytest.approx(200.0)
    assert vector["microprice_bps"] == pytest.approx(50.0)  # 99.0 × ¼ + 101.0 × ¾ = 100.5
    assert (vector.mid, vector.warm) == (100 * UNIT, False)


def test_momentum_flow_and_volatility_have_known_answers() -> None:
    book = FeatureBook()
    mids = [100.0 * math.exp(1e-4 * (s % 2)) for s in range(41)]
    quotes = [(T0 + s * NS, mid - 0.01, mid + 0.01) for s, mid in enumerate(mids)]
    trades = [
        (T0 + 34 * NS, 100.0, 50.0, 1),
        (T0 + 37 * NS, 100.0, 3.0, 1),
        (T0 + 40 * NS, 100.0, 1.0, -1),
    ]
    book.observe(batch(quotes=quotes, trades=trades))
    vector = book.vector("BTC-USDT")
    assert vector is not None
    assert vector["momentum_1s_bps"] == pytest.approx(-1.0, abs=1e-6)
    assert vector["momentum_5s_bps"] == pytest.approx(-1.0, abs=1e-6)
    assert vector["momentum_30s_bps"] == pytest.approx(0.0, abs=1e-6)
    assert vector["volatility_bps"] == pytest.approx(1.0, abs=1e-6)
    assert vector["flow_1s"] == pytest.approx(-1.0)
    assert vector["flow_5s"] == pytest.approx((3 - 1) / 4)
    assert vector.warm


def test_basis_says_that_the_peer_is_ahead() -> None:
    book = FeatureBook()
    book.observe(steady(40, 100.0, "BTC-USDT"))
    book.observe(steady(40, 100.0, "BTC-USDT-PERP"))
    assert book.vector("BTC-USDT")["basis_bps"] == pytest.approx(0.0, abs=1e-9)  # type: ignore[index]  # quoted above
    ahead = 100.0 * math.exp(10e-4)
    later = [(T0 + 40 * NS + BUCKET_NS, ahead - 0.01, ahead + 0.01)]
    book.observe(batch(quotes=later, instrument="BTC-USDT-PERP"))
    spot, perpetual = book.vector("BTC-USDT"), book.vector("BTC-USDT-PERP")
    assert spot is not None
    assert perpetual is not None
    assert spot["basis_bps"] == pytest.approx(10.0 * (1 - 1 / 301), rel=1e-3)
    assert perpetual["basis_bps"] == pytest.approx(-spot["basis_bps"], rel=1e-3)
    assert spot["momentum_1s_bps"] == 0.0


def test_warm_up_and_silence() -> None:
    book = FeatureBook()
    book.observe(steady(WARM_UP_S - 1))
    assert not book.vector("SOL-USDC").warm  # type: ignore[union-attr]  # quoted above
    book.observe(batch(quotes=[(T0 + WARM_UP_S * NS, 99.99, 100.01)], instrument="SOL-USDC"))
    assert book.vector("SOL-USDC").warm  # type: ignore[union-attr]  # quoted above
    # silence far longer than the ring: the price stands, nothing flows, no old volume returns
    late = T0 + (WARM_UP_S + 2 * BUCKETS_MAX) * NS
    book.observe(batch(quotes=[(late, 99.99, 100.01)], instrument="SOL-USDC"))
    vector = book.vector("SOL-USDC")
    assert vector is not None
    assert vector["flow_5s"] == vector["momentum_30s_bps"] == vector["volatility_bps"] == 0.0
    assert vector.history_s == (BUCKETS_MAX - 1) / 10


def test_late_rows_do_not_rewrite_an_older_moment() -> None:
    book = FeatureBook()
    book.observe(steady(20))
    book.observe(batch(quotes=[(T0 + 5 * NS, 109.9, 110.1)], instrument="SOL-USDC"))
    vector = book.vector("SOL-USDC")
    assert vector is not None
    assert vector.as_of_ns == T0 + 20 * NS
    assert vector["momentum_1s_bps"] == pytest.approx(math.log(1.1) * 10_000)
    assert vector["momentum_5s_bps"] == vector["momentum_1s_bps"]


@pytest.mark.spec("NEW-3")
@settings(deadline=None, max_examples=25)
@given(st.integers(min_value=0, max_value=2**32 - 1), st.integers(min_value=1, max_value=40))
def test_pieces_do_not_matter_and_the_future_is_not_seen(seed: int, pieces: int) -> None:
    """The features at a moment are the same however the rows before it were cut into batches,
    and whatever comes after it (here: a crash of the price) changes none of them."""
    quotes, trades = random_market(seed)
    moment = T0 + 30 * NS
    whole, cut = FeatureBook(), FeatureBook()
    whole.observe(rows(quotes, trades, T0, moment))
    edges = np.unique(np.linspace(T0, moment, pieces + 1).astype(np.int64))
    for start, end in itertools.pairwise(edges):
        cut.observe(rows(quotes, trades, int(start), int(end)))
    before = [whole.vector(name) for name in INSTRUMENT_NAMES]
    for one, other in zip(before, (cut.vector(n) for n in INSTRUMENT_NAMES), strict=True):
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            assert one.values == pytest.approx(other.values, abs=1e-9)
    future = batch(quotes=[(moment + NS, 1.0, 1.1)])
    assert [whole.vector(name) for name in INSTRUMENT_NAMES] == before
    whole.observe(future)
    assert whole.vector("BTC-USDT") != before[INSTRUMENT_NAMES.index("BTC-USDT")]


def random_market(seed: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    quotes, trades = np.zeros(400, QUOTE), np.zeros(200, TRADE)
    for table in (quotes, trades):
        table["received_ns"] = T0 + np.sort(draw.integers(0, 30 * NS, len(table)))
        table["instrument"] = draw.integers(3, 6, len(table))
    quotes["bid"] = 100 * UNIT + draw.integers(0, UNIT, len(quotes))
    quotes["ask"] = quotes["bid"] + draw.integers(1, UNIT, len(quotes))
    quotes["bid_size"] = draw.integers(1, UNIT, len(quotes))
    quotes["ask_size"] = draw.integers(1, UNIT, len(quotes))
    trades["size"] = draw.integers(1, UNIT, len(trades))
    trades["side"] = draw.choice([-1, 1], len(trades))
    return quotes, trades


def rows(quotes: np.ndarray, trades: np.ndarray, start: int, end: int) -> MarketBatch:
    def part(table: np.ndarray) -> np.ndarray:
        return table[(table["received_ns"] >= start) & (table["received_ns"] < end)]

    made = batch(quotes=[(end, 1.0, 2.0)])
    return MarketBatch(
        source="test", quotes=part(quotes), trades=part(trades), levels=made.levels, frames=0,
        quarantined=0, offset=0, last_received_ns=end,
    )  # fmt: skip


def test_evidence_names_the_newest_batch_of_each_source_and_peer() -> None:
    book = FeatureBook()
    spot = batch(quotes=[(T0, 99.0, 101.0)], offset=4, source="spot")
    book.observe(spot)
    book.observe(batch(quotes=[(T0, 9.0, 11.0)], offset=5, source="sol", instrument="SOL-USDC"))
    perpetual = batch(
        quotes=[(T0, 99.0, 101.0)], offset=7, source="usdm", instrument="BTC-USDT-PERP"
    )
    book.observe(perpetual)
    assert book.evidence("BTC-USDT") == {"spot": 4, "usdm": 7}
    assert book.evidence("SOL-USDC") == {"sol": 5}
    assert book.evidence("ETH-USDC") == {}


def test_every_feature_is_finite_in_a_strange_market() -> None:
    book = FeatureBook()
    strange = [(T0, 100.0, 100.0, 0.0, 0.0), (T0 + 20 * NS, 1e-8, 2e-8, 1.0, 1.0)]
    book.observe(batch(quotes=strange))
    vector = book.vector("BTC-USDT")
    assert vector is not None
    assert len(vector.values) == len(FEATURES)
    assert all(math.isfinite(value) for value in vector.values)
