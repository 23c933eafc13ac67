"""What the gate learns as time goes by: volume, scenarios, days and losses; and their bounds."""

from __future__ import annotations

import numpy as np
import pytest

from quantdesk.departments.trading import RiskLimits, ScopeLimits, SetRiskLimits
from quantdesk.departments.trading.gate import Bounds, Gate
from quantdesk.departments.trading.gate.limits import (
    MESSAGES_COUNTED_MAX,
    STRATEGIES_MAX,
    account_limits,
)
from quantdesk.departments.trading.gate.model import NS_PER_S
from quantdesk.departments.trading.gate.watch import (
    DAY_NS,
    KEEP_NS,
    VOLUME_WINDOW_S,
    Standing,
    Watch,
)
from quantdesk.kernel import INSTRUMENTS, UNIT, InvalidInput

from .desk import Desk

pytestmark = pytest.mark.spec("TRD-3", "NEW-6")

START = 20_000 * DAY_NS + 43_200 * NS_PER_S
ALICE = 2


def made(scenarios_max: int = 5) -> tuple[Gate, Watch]:
    gate = Gate(
        (INSTRUMENTS["SOL-USDC"], INSTRUMENTS["BTC-USDC"]),
        account_limits={"daily_loss_max": 100 * UNIT, "drawdown_max": 150 * UNIT}, desk_limits={},
        bounds=Bounds(scenarios_max=scenarios_max),
    )  # fmt: skip
    assert gate.row("account", "alice") == ALICE
    return gate, Watch(gate, interval_s=10)


def test_volume_is_of_the_last_minute_and_never_wraps() -> None:
    gate, watch = made()
    volume = gate.state.markets["volume"]
    watch.traded(0, 5 * UNIT, START)
    watch.traded(0, 7 * UNIT, START + 30 * NS_PER_S)
    watch.traded(1, UNIT, START + 30 * NS_PER_S)
    assert volume.tolist() == [12 * UNIT, UNIT]
    watch.look(START + (VOLUME_WINDOW_S - 1) * NS_PER_S, (0, 0))
    assert volume.tolist() == [12 * UNIT, UNIT]
    watch.look(START + VOLUME_WINDOW_S * NS_PER_S, (0, 0))
    assert volume.tolist() == [7 * UNIT, UNIT]
    watch.look(START + 3_600 * NS_PER_S, (0, 0))
    assert volume.tolist() == [0, 0]
    for second in range(2 * VOLUME_WINDOW_S):
        for _ in range(3):
            watch.traded(0, 2**63 - 1, START + (4_000 + second) * NS_PER_S)
    assert 0 < volume[0] < 2**63


def test_one_scenario_an_interval_in_a_ring() -> None:
    gate, watch = made(scenarios_max=5)
    for number in range(8):
        watch.look(START + number * 10 * NS_PER_S, ((100 + number) * UNIT, 0))
        watch.look(START + (number * 10 + 5) * NS_PER_S, (7 * UNIT, 7 * UNIT))
    assert gate.hub["scenarios"] == 5, "seven came, the newest five are kept"
    expected = sorted((101 + n) / (100 + n) - 1 for n in range(2, 7))
    assert np.allclose(sorted(gate.state.returns[0]), expected)
    assert not gate.state.returns[1].any(), "it never had a price at both ends"


def test_a_missed_interval_and_a_clock_that_goes_back_give_no_scenario() -> None:
    gate, watch = made()
    for seconds, count in ((0, 0), (10, 1), (30, 1), (40, 2), (25, 2), (35, 3)):
        watch.look(START + seconds * NS_PER_S, (100 * UNIT, 100 * UNIT))
        assert gate.hub["scenarios"] == count


def test_a_book_is_tripped_once_and_only_beyond_its_limit() -> None:
    gate, watch = made()
    watch.look(START, (100 * UNIT, 0))
    gate.fill(ALICE, -1, 0, 10 * UNIT, -1_000 * UNIT)
    assert watch.look(START + NS_PER_S, (90 * UNIT, 0)) == []
    (trip,) = watch.look(START + 2 * NS_PER_S, (90 * UNIT - 1, 0))
    assert trip == (ALICE, "daily_loss", 100 * UNIT + 10, 100 * UNIT)
    gate.state.books[ALICE]["reducing"] = 1
    assert watch.look(START + 3 * NS_PER_S, (80 * UNIT, 0)) == []
    gate.state.books[ALICE]["reducing"] = 0
    (trip,) = watch.look(START + DAY_NS, (80 * UNIT, 0))
    assert trip == (ALICE, "drawdown", 200 * UNIT, 150 * UNIT), "a new day, the same best"


def test_standings_are_kept_once_a_minute_and_only_where_they_changed() -> None:
    gate, watch = made()
    watch.look(START, (100 * UNIT, 0))
    gate.fill(ALICE, -1, 0, UNIT, -90 * UNIT)
    assert watch.to_keep(START + KEEP_NS - 1) == []
    day = START // DAY_NS
    kept = watch.to_keep(START + KEEP_NS)
    assert kept == [Standing(0, day, 0, 10 * UNIT), Standing(ALICE, day, 0, 10 * UNIT)]
    assert watch.to_keep(START + 2 * KEEP_NS) == []
    again, later = made()
    for standing in kept:
        later.restore(standing)
    assert again.state.books[ALICE]["peak"] == 10 * UNIT
    assert later.day == day


def test_more_messages_than_are_counted_are_no_limit() -> None:
    for limit, expected in (
        (MESSAGES_COUNTED_MAX, MESSAGES_COUNTED_MAX), (MESSAGES_COUNTED_MAX + 1, None),
    ):  # fmt: skip
        found = account_limits(RiskLimits(orders_per_s_max=limit))
        assert found.get("orders_per_s_max") == expected


async def test_so_many_strategies_have_limits(desk: Desk) -> None:
    restraint = desk.department._core.restraint
    for number in range(STRATEGIES_MAX):
        restraint.check("strategy", f"s{number}")
        restraint.set_limits("strategy", f"s{number}", ScopeLimits(), reason="x", set_by="x")
    again = SetRiskLimits(scope="strategy", name="s0", limits=ScopeLimits(), reason="y")
    assert (await desk.own.set_risk_limits(again)).reason == "y"
    more = SetRiskLimits(scope="strategy", name="more", limits=ScopeLimits(), reason="y")
    with pytest.raises(InvalidInput, match="1000 strategies"):
        await desk.own.set_risk_limits(more)
