"""Each rule of aggregation by itself."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantdesk.departments.oracle import OracleConfig
from quantdesk.departments.oracle._aggregate import ONE, Aggregate, Reading, aggregate
from quantdesk.departments.oracle._board import Board
from quantdesk.departments.oracle.config import Kind
from quantdesk.kernel import NotFound, OracleRefused, Refused

pytestmark = pytest.mark.spec("GW-6")
U = 10**8
NS = 10**9
NOW = 1_723_161_254 * NS
CONFIG = OracleConfig()


def says(
    price: float, *, by: Kind = "venue", source: str = "", sigma: float = 0.1, age_s: float = 0,
    verified: bool = True,
) -> Reading:  # fmt: skip
    return Reading(
        source=source or by,
        kind=by,
        price=round(price * U),
        confidence=round(sigma * U),
        published_ns=NOW - round(age_s * NS),
        local=False,
        verified=verified,
        provenance=f"told by {source or by}",
    )


def agree(*readings: Reading, config: OracleConfig = CONFIG) -> Aggregate:
    return aggregate("SOL-USD", readings, NOW, config)


def statuses(found: Aggregate) -> dict[str, str]:
    return {j.reading.source: j.status for j in found.judged}


def refusal(*readings: Reading, config: OracleConfig = CONFIG) -> OracleRefused:
    with pytest.raises(OracleRefused) as error:
        agree(*readings, config=config)
    return error.value


def test_one_source_is_its_own_price() -> None:
    found = agree(says(150, by="pyth", age_s=3))
    assert (found.price, found.confidence, found.age_ms) == (150 * U, U // 10, 3_000)
    assert found.judged[0].weight == ONE
    assert found.provenance == ("pyth: told by pyth",)


@pytest.mark.parametrize(("kind", "limit_s"), [("pyth", 60), ("switchboard", 60), ("venue", 10)])
def test_staleness_is_per_kind(kind: Kind, limit_s: float) -> None:
    assert statuses(agree(says(150, by=kind, age_s=limit_s))) == {kind: "used"}
    error = refusal(says(150, by=kind, age_s=limit_s + 0.001))
    assert "no fresh source" in error.message
    assert error.detail[kind].startswith("stale")


def test_a_stale_source_is_left_out_with_its_reason() -> None:
    found = agree(says(150, by="pyth"), says(151, age_s=11))
    assert statuses(found) == {"pyth": "used", "venue": "stale"}
    assert found.price == 150 * U
    assert found.judged[1].reason == "11.0 s old, at most 10"
    assert found.judged[1].weight == 0


def test_ahead_of_the_clock() -> None:
    assert agree(says(150, age_s=-5)).age_ms == 0
    assert "ahead of the clock" in refusal(says(150, age_s=-5.1)).detail["venue"]


def test_what_is_unverified_has_no_vote() -> None:
    found = agree(says(150), says(190, by="pyth", verified=False))
    assert statuses(found) == {"pyth": "unverified", "venue": "used"}
    assert found.price == 150 * U


def test_weights_are_inverse_variances() -> None:
    loose = OracleConfig(weight_bps_max=10_000)
    found = agree(
        says(100, source="a", sigma=0.1), says(100.5, source="b", sigma=0.2), config=loose
    )
    assert [j.weight for j in found.judged] == [80_000_000, 20_000_000]
    assert found.price == 10_010_000_000


def test_no_source_weighs_more_than_the_cap() -> None:
    found = agree(says(100, source="a", sigma=0.01), says(100.5, source="b", sigma=0.5))
    assert [j.weight for j in found.judged] == [60_000_000, 40_000_000]
    three = agree(
        says(100, source="a", sigma=0.01), says(100, source="b", sigma=0.5),
        says(100, source="c", sigma=0.5),
    )  # fmt: skip
    assert [j.weight for j in three.judged] == [60_000_000, 20_000_000, 20_000_000]


def test_a_confidence_of_zero_does_not_outweigh_everything() -> None:
    found = agree(says(100, source="a", sigma=0), says(100, source="b", sigma=0.01))
    assert [j.weight for j in found.judged] == [50_000_000, 50_000_000]
    assert found.confidence == 2 * U // 100  # one basis point, two steps of fallback


def test_divergence_at_the_limit_and_beyond() -> None:
    within = agree(says(100, source="a"), says(100, source="b"), says(101, source="c"))
    assert set(statuses(within).values()) == {"used"}
    beyond = agree(says(100, source="a"), says(100, source="b"), says(101.02, source="c"))
    assert statuses(beyond) == {"a": "used", "b": "used", "c": "diverging"}
    assert beyond.price == 100 * U
    assert beyond.judged[2].reason == "102 basis points from the median, at most 100"


def test_without_a_majority_there_is_no_price() -> None:
    error = refusal(says(100, by="pyth"), says(102))
    assert "disagree" in error.message
    assert sorted(state.split(":")[0] for state in error.detail.values()) == ["diverging", "used"]
    assert "disagree" in refusal(*(says(100 + 2 * i, source=f"{i}") for i in range(3))).message
    assert (
        "disagree" in refusal(*(says(100 + 5 * (i % 2), source=f"{i}") for i in range(4))).message
    )


def test_the_fewest_sources() -> None:
    two = OracleConfig(sources_min=2)
    error = refusal(says(100), config=two)
    assert "1 usable sources, at least 2" in error.message
    assert agree(says(100, source="a"), says(100, source="b"), config=two).price == 100 * U
    # A source that diverges does not count.
    three = OracleConfig(sources_min=3)
    assert "2 usable" in refusal(
        says(100, source="a"), says(100, source="b"), says(110, source="c"), config=three
    ).message  # fmt: skip


def test_the_fallback_widens_step_by_step() -> None:
    sigmas = {
        kind: agree(says(100, by=kind, sigma=0.1)).confidence
        for kind in ("pyth", "switchboard", "venue")
    }  # fmt: skip
    assert sigmas == {"pyth": 10_000_000, "switchboard": 15_000_000, "venue": 20_000_000}
    both = agree(says(100, by="pyth"), says(100))
    assert both.confidence == 10_000_000  # carried by Pyth, confirmed by the venue
    assert [j.reading.kind for j in both.judged] == ["pyth", "venue"]


def test_a_kind_outside_the_fallback_only_confirms() -> None:
    proved = OracleConfig(fallback=("pyth", "switchboard"))
    assert "may carry a price" in refusal(says(100), config=proved).message
    found = agree(says(100), says(100, by="switchboard"), config=proved)
    assert statuses(found) == {"switchboard": "used", "venue": "used"}


def test_confidence_is_that_of_the_mixture() -> None:
    same = agree(says(100, source="a"), says(100, source="b"), says(100, source="c"))
    assert same.confidence == 2 * U // 10  # not smaller than one's; two steps of fallback
    apart = agree(says(99.9, by="pyth", sigma=0.1), says(100.1, by="switchboard", sigma=0.1))
    assert (apart.price, apart.confidence) == (100 * U, 14_142_135)  # 0.1 × √2


def test_too_uncertain() -> None:
    assert agree(says(100, by="pyth", sigma=2)).confidence == 2 * U
    assert "too uncertain" in refusal(says(100, by="pyth", sigma=2.01)).message


def test_the_age_is_that_of_the_oldest_used() -> None:
    found = agree(
        says(100, by="pyth", age_s=7), says(100, age_s=1), says(100, source="x", age_s=50)
    )
    assert found.age_ms == 7_000


def test_no_reading_at_all() -> None:
    assert "no fresh source" in refusal().message


readings = st.lists(
    st.builds(
        says,
        st.floats(0.01, 100_000),
        by=st.sampled_from(("pyth", "switchboard", "venue")),
        source=st.sampled_from("abcdefgh"),
        sigma=st.floats(0, 10),
        age_s=st.floats(-10, 100),
        verified=st.booleans(),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda reading: reading.source,
)


def outcome(found: list[Reading]) -> tuple[Aggregate | None, OracleRefused | None]:
    try:
        return agree(*found), None
    except OracleRefused as error:
        return None, error


@settings(max_examples=300, deadline=None)
@given(readings)
def test_whatever_the_sources_say(found: list[Reading]) -> None:
    result, refused = outcome(found)
    if result is None:
        assert refused is not None
        assert set(refused.detail) == {reading.source for reading in found}
        return
    used = [j for j in result.judged if j.status == "used"]
    assert sum(j.weight for j in result.judged) == sum(j.weight for j in used) == ONE
    prices = [j.reading.price for j in used]
    assert min(prices) <= result.price <= max(prices)
    assert 2 * len(used) > sum(j.status in {"used", "diverging"} for j in result.judged)
    assert 0 < result.confidence * 10_000 <= CONFIG.confidence_bps_max * result.price


def test_the_order_of_arrival_does_not_matter() -> None:
    told = (
        says(100, by="pyth", sigma=0.3),
        says(100.2),
        says(100.4, source="x"),
        says(120, source="y"),
    )
    results = [agree(*order) for order in permutations(told)]
    assert all(result == results[0] for result in results)


def test_the_board_keeps_no_more_than_its_bounds() -> None:
    board = Board(CONFIG, symbols_max=2, sources_max=2, history_max=3)
    for symbol, source in (("A", "1"), ("A", "2"), ("B", "1")):
        assert board.take(symbol, says(100, source=source), NOW)
    with pytest.raises(Refused, match="2 sources"):
        board.take("A", says(100, source="3"), NOW)
    with pytest.raises(Refused, match="2 symbols"):
        board.take("C", says(100, source="1"), NOW)
    assert board.take("A", says(101, source="2"), NOW)
    for second in range(4):
        board.aggregate("A", NOW + second * NS)
        board.aggregate("A", NOW + second * NS)  # once per interval
    points = board.history("A", 10)
    assert [point.at_ns for point in points] == [NOW + second * NS for second in (3, 2, 1)]
    assert len(board.history("A", 1)) == 1
    with pytest.raises(NotFound):
        board.history("C", 1)


def test_a_newer_reading_stays_unless_it_came_from_the_future() -> None:
    board = Board(CONFIG)
    assert board.take("A", says(100, age_s=1), NOW)
    assert not board.take("A", says(90, age_s=2), NOW)
    assert board.take("A", says(110, age_s=-3_600), NOW)
    assert board.take("A", says(101), NOW)
    assert board.aggregate("A", NOW).price == 101 * U
