"""Every check of the gate at its limit and one beyond it, its bounds, and numbers beyond int64."""

from __future__ import annotations

import numpy as np
import pytest

from quantdesk.departments.trading.gate import Asked, Bounds, Gate, Verdict, failed
from quantdesk.departments.trading.gate import model as m
from quantdesk.departments.trading.risk_models import MarginRate, MarginTerms, RiskHolding
from quantdesk.departments.trading.risk_models.margin import leveraged, weighted
from quantdesk.departments.trading.risk_models.messages import CollateralBalance
from quantdesk.kernel import INSTRUMENTS, UNIT, Amount, InvalidInput, Price, Unavailable

pytestmark = pytest.mark.spec("TRD-3")

SOL, BTC = INSTRUMENTS["SOL-USDC"], INSTRUMENTS["BTC-USDC"]
LOT, TICK = SOL.lot, SOL.tick
SAID = m.PERMITTED | m.IS_OPEN | m.IS_TRADABLE | m.AGREES | m.RESTS
LIMITS = {
    "order_lots_min": 10, "order_lots_max": 1_000, "order_notional_min": 1 * UNIT,
    "order_notional_max": 1_000 * UNIT, "price_collar_bps": 100, "reference_age_ms_max": 5_000,
    "oracle_deviation_bps_max": 50, "participation_bps_max": 1_000,
    "position_notional_max": 5_000 * UNIT, "gross_notional_max": 8_000 * UNIT,
    "net_notional_max": 7_000 * UNIT, "daily_loss_max": 100 * UNIT, "drawdown_max": 200 * UNIT,
    "open_orders_max": 3, "orders_per_s_max": 5, "repeated_orders_max": 4,
    "value_at_risk_max": 50 * UNIT,
}  # fmt: skip
DESK = {name: LIMITS[name] for name in ("price_collar_bps", "reference_age_ms_max",
                                        "oracle_deviation_bps_max")}  # fmt: skip
UNSET = dict.fromkeys(LIMITS, m.NO_LIMIT) | {"order_lots_min": 0, "order_notional_min": 0}
ALICE, BOB = 2, 3
GOOD = Asked(
    account=ALICE, strategy=m.NO_STRATEGY, place=0, sign=1, quantity=100 * LOT, price=100 * UNIT,
    notional=10 * UNIT, required=10 * UNIT, available=1_000 * UNIT, executes_at=100 * UNIT,
    reference=100 * UNIT, age_ms=0, oracle=100 * UNIT, oracle_bps=0, now_ns=10**18, said=SAID,
)  # fmt: skip


def made(**more: int) -> Gate:
    gate = Gate(
        (SOL, BTC), account_limits={**LIMITS, **more}, desk_limits={**DESK, "open_orders_max": 5}
    )
    gate.hub["settlements_pending_max"], gate.hub["settlement_bps_max"] = 7, 100
    assert (gate.row("account", "alice"), gate.row("account", "bob")) == (ALICE, BOB)
    for place, price in enumerate((100, 10_000)):
        gate.mark(place, price * UNIT)
        gate.state.markets[place]["volume"] = 10 * UNIT
    return gate


def names(gate: Gate, asked: Asked) -> list[str]:
    return [verdict.check for verdict in failed(gate.verdicts(asked))]


def told(gate: Gate, asked: Asked, check: str) -> Verdict:
    return {verdict.check: verdict for verdict in gate.verdicts(asked)}[check]


def test_a_good_order_passes_every_check() -> None:
    gate = made()
    assert gate.decide(GOOD) == 0
    verdicts = gate.verdicts(GOOD)
    assert [verdict.check for verdict in verdicts] == list(m.CHECKS)
    assert names(gate, GOOD) == []


@pytest.mark.parametrize(
    ("check", "at", "beyond"),
    [
        ("size_min", {"quantity": 10 * LOT}, {"quantity": 9 * LOT}),
        ("size_max", {"quantity": 1_000 * LOT}, {"quantity": 1_001 * LOT}),
        ("notional_min", {"notional": UNIT}, {"notional": UNIT - 1}),
        ("notional_max", {"notional": 1_000 * UNIT}, {"notional": 1_000 * UNIT + 1}),
        ("reference_fresh", {"age_ms": 5_000}, {"age_ms": 5_001}),
        ("price_collar", {"price": 101 * UNIT}, {"price": 101 * UNIT + TICK}),
        ("price_collar", {"sign": -1, "price": 99 * UNIT},
         {"sign": -1, "price": 99 * UNIT - TICK}),
        ("oracle", {"oracle_bps": 50 * UNIT}, {"oracle_bps": 50 * UNIT + 1}),
        ("oracle", {}, {"said": SAID - m.AGREES}),
        ("settlement_price", {"executes_at": 101 * UNIT}, {"executes_at": 101 * UNIT + 1}),
        ("settlement_price", {"executes_at": 99 * UNIT}, {"executes_at": 99 * UNIT - 1}),
        ("participation", {"quantity": 1_000 * LOT}, {"quantity": 1_001 * LOT}),
        ("balance", {"required": 1_000 * UNIT}, {"required": 1_000 * UNIT + 1}),
        ("permission", {}, {"said": SAID - m.PERMITTED}),
        ("account_open", {}, {"said": SAID - m.IS_OPEN}),
        ("tradable", {}, {"said": SAID - m.IS_TRADABLE}),
        ("duplicate", {}, {"said": SAID | m.KNOWN}),
        ("tick", {"price": 100 * UNIT}, {"price": 100 * UNIT + 1}),
        ("lot", {"quantity": 100 * LOT}, {"quantity": 100 * LOT + 1}),
    ],
)  # fmt: skip
def test_at_the_limit_and_one_beyond(
    check: str, at: dict[str, int], beyond: dict[str, int]
) -> None:
    assert names(made(), GOOD._replace(**at)) == []
    assert check in names(made(), GOOD._replace(**beyond))


@pytest.mark.parametrize(
    ("check", "column", "at", "beyond"),
    [
        ("position_max", "quantity", 50 * UNIT - 100 * LOT, 50 * UNIT - 100 * LOT + 1),
        ("position_max", "buys", 50 * UNIT - 100 * LOT, 50 * UNIT - 100 * LOT + 1),
    ],
)
def test_the_worst_case_counts_the_position_and_open_orders(
    check: str, column: str, at: int, beyond: int
) -> None:
    for size, expected in ((at, []), (beyond, [check])):
        gate = made()
        gate.state.cells[ALICE, 0][column] = size
        gate.mark(0, 100 * UNIT)
        assert names(gate, GOOD) == expected


def test_open_orders_rates_and_repeats_at_their_limits() -> None:
    gate = made()
    assert [names(gate, GOOD._replace(price=(90 + n) * UNIT)) for n in range(6)] == [
        [], [], [], [], [], ["message_rate"],
    ]  # fmt: skip
    assert names(gate, GOOD._replace(now_ns=GOOD.now_ns + m.NS_PER_S)) == []
    later = GOOD._replace(now_ns=GOOD.now_ns + 10 * m.NS_PER_S)
    assert [names(gate, later) for _ in range(5)] == [[], [], [], [], ["repeated_orders"]]
    assert names(gate, later._replace(now_ns=later.now_ns + m.NS_PER_S)) == []
    for number, account in enumerate((ALICE, ALICE, BOB, BOB)):
        gate.count(str(number), account=account, strategy=-1, place=0, sign=1, size=LOT, price=1)
    now = later._replace(now_ns=later.now_ns + 10 * m.NS_PER_S)
    assert names(gate, now) == []
    gate.count("4", account=ALICE, strategy=-1, place=0, sign=1, size=LOT, price=1)
    assert names(gate, now) == ["open_orders_max", "open_orders_desk_max"]
    assert names(gate, now._replace(said=SAID - m.RESTS)) == [], "one that never rests adds none"
    gate.forget("4")
    gate.forget("4")
    assert names(gate, now) == []
    gate.hub["settlements_pending"] = 6
    assert names(gate, now._replace(now_ns=now.now_ns + 5 * m.NS_PER_S)) == []
    gate.hub["settlements_pending"] = 7
    later = now._replace(now_ns=now.now_ns + 10 * m.NS_PER_S)
    assert names(gate, later) == ["settlements_pending_max"]


def test_gross_and_net_are_of_all_instruments() -> None:
    gate = made()
    gate.fill(ALICE, -1, 1, -UNIT // 2, 5_000 * UNIT)
    assert told(gate, GOOD, "gross_exposure").value == 5_010 * UNIT
    assert told(gate, GOOD, "net_exposure").value == 5_000 * UNIT
    gate.fill(ALICE, -1, 0, 30 * UNIT, -3_000 * UNIT)
    assert "gross_exposure" in names(gate, GOOD)
    assert "gross_exposure" not in names(gate, GOOD._replace(sign=-1)), "it does not raise it"
    gate.fill(ALICE, -1, 0, -60 * UNIT, 6_000 * UNIT)
    assert "net_exposure" in names(gate, GOOD._replace(sign=-1))
    assert "net_exposure" not in names(gate, GOOD)


def test_losses_stop_what_opens_and_let_through_what_closes() -> None:
    gate = made()
    gate.fill(ALICE, -1, 0, 10 * UNIT, -1_100 * UNIT)
    assert told(gate, GOOD, "daily_loss").value == 100 * UNIT
    assert names(gate, GOOD) == []
    lower = GOOD._replace(reference=100 * UNIT - TICK, oracle=100 * UNIT, price=99 * UNIT)
    assert names(gate, lower) == ["daily_loss"]
    assert names(gate, lower._replace(sign=-1)) == []
    gate.state.books[ALICE]["day_start"], gate.state.books[ALICE]["peak"] = -100 * UNIT, 100 * UNIT
    later = GOOD.now_ns + m.NS_PER_S
    assert names(gate, GOOD._replace(now_ns=later)) == []
    assert names(gate, lower._replace(now_ns=later)) == ["drawdown"]


def test_reduce_only_mode_of_any_scope_lets_only_reductions_through() -> None:
    gate = made()
    strategy = gate.row("strategy", "ema")
    asked = GOOD._replace(strategy=strategy)
    for book, scope in ((0, "desk"), (ALICE, "account"), (strategy, "strategy")):
        gate.state.books[book]["reducing"] = 1
        verdict = told(gate, asked, "reducing")
        assert (verdict.passed, verdict.value, verdict.scope) == (False, 100 * LOT, scope)
        gate.state.books[book]["reducing"] = 0
    gate.fill(ALICE, strategy, 0, -150 * LOT, 15 * UNIT)
    gate.state.books[0]["reducing"] = 1
    assert "reducing" not in names(gate, asked)
    assert told(gate, asked._replace(quantity=151 * LOT), "reducing").value == LOT
    gate.count("1", account=ALICE, strategy=strategy, place=0, sign=1, size=100 * LOT)
    assert told(gate, asked, "reducing").value == 50 * LOT, "open orders may reduce before it"


def test_reduce_only_orders_need_something_to_reduce() -> None:
    gate, only = made(), GOOD._replace(said=SAID | m.ONLY_REDUCES)
    assert names(gate, only) == ["reduce_only"]
    assert names(gate, only._replace(said=SAID | m.ONLY_REDUCES | m.IS_CHILD)) == []
    gate.fill(ALICE, -1, 0, -LOT, UNIT // 10)
    assert names(gate, only) == []


def test_restrictions_of_any_scope_hold() -> None:
    gate = made()
    strategy = gate.row("strategy", "ema")
    asked = GOOD._replace(strategy=strategy)
    for book, scope in ((0, "desk"), (ALICE, "account"), (strategy, "strategy")):
        gate.restrict(book, ["SOL-USDC"])
        verdict = told(gate, asked, "restricted")
        assert (verdict.passed, verdict.scope) == (False, scope)
        assert told(gate, asked._replace(place=1), "restricted").passed
        gate.restrict(book, [])
    assert told(gate, asked, "restricted").passed


def test_the_tightest_scope_applies_and_is_named() -> None:
    gate = made()
    strategy = gate.row("strategy", "ema")
    gate.set_limits(strategy, {"order_notional_max": 9 * UNIT, "position_notional_max": 9 * UNIT})
    found = {v.check: v for v in gate.verdicts(GOOD._replace(strategy=strategy))}
    for check in ("notional_max", "position_max"):
        assert (found[check].limit, found[check].scope) == (9 * UNIT, "strategy")
        assert not found[check].passed


def test_an_own_order_on_the_other_side_is_not_matched() -> None:
    gate = made()
    gate.count("1", account=ALICE, strategy=-1, place=0, sign=-1, size=LOT, price=101 * UNIT)
    gate.count("2", account=BOB, strategy=-1, place=0, sign=-1, size=LOT, price=100 * UNIT)
    assert names(gate, GOOD) == []
    verdict = told(gate, GOOD._replace(price=101 * UNIT), "self_match")
    assert (verdict.passed, verdict.value, verdict.limit) == (False, 101 * UNIT, 101 * UNIT)
    gate.forget("1")
    assert told(gate, GOOD._replace(price=101 * UNIT), "self_match").passed


@pytest.mark.parametrize("model", ["hyperliquid", "drift"])
def test_free_collateral_is_that_of_the_margin_models(model: str) -> None:
    """The requirement after the order, and the collateral against it, as risk_models has them."""
    gate = made(**UNSET)
    factor = 0.0 if model == "hyperliquid" else 0.001
    for place in range(2):
        gate.margin_rate(place, initial_ppm=100_000, premium=round(factor * 10**12))
    gate.on_margin(ALICE, collateral=100_000 * UNIT)
    gate.fill(ALICE, -1, 0, 200 * UNIT, -21_000 * UNIT)
    gate.fill(ALICE, -1, 1, -9 * UNIT, 91_000 * UNIT)
    buys = 4_000 * UNIT
    verdict = told(gate, GOOD._replace(quantity=buys), "free_collateral")
    holdings = [
        RiskHolding(
            instrument="SOL-USDC", quantity=Amount("200"), price=Price("100"),
            entry_price=Price("105"), open_buys=Amount("4000"),
        ),
        RiskHolding(
            instrument="BTC-USDC", quantity=Amount("-9"), price=Price("10000"),
            entry_price=Price("10111.11111111"),
        ),
    ]  # fmt: skip
    if model == "hyperliquid":  # it has no open orders: the worst case as the holding
        holdings[0] = RiskHolding(
            instrument="SOL-USDC", quantity=Amount("4200"), price=Price("100"),
        )  # fmt: skip
    terms = MarginTerms(
        model=model,
        collateral=(CollateralBalance(asset="USDC", amount=Amount("100000"), price=Price("1")),),
        rates=tuple(
            MarginRate(instrument=name, leverage=10, initial_ppm=100_000, size_premium=factor)
            for name in ("SOL-USDC", "BTC-USDC")
        ),
    )  # fmt: skip
    figures = (leveraged if model == "hyperliquid" else weighted)(holdings, terms)
    assert verdict.value == figures.initial_requirement.to_units()
    assert verdict.limit == 100_000 * UNIT, "SOL lost what BTC made"
    assert verdict.passed
    assert not told(gate, GOOD._replace(quantity=200_000 * UNIT), "free_collateral").passed


@pytest.mark.spec("NEW-6")
def test_the_value_at_risk_is_the_order_statistic_of_the_losses() -> None:
    gate = made()
    chance = np.random.default_rng(4)
    returns = chance.standard_t(4, (2, 200)) * 0.01
    gate.set_scenarios(returns, minimum=200, confidence_bps=9_900)
    gate.fill(ALICE, -1, 1, UNIT // 10, -1_000 * UNIT)
    verdict = told(gate, GOOD, "value_at_risk")
    losses = np.sort(-(1_000 * returns[1] + 10 * returns[0]))
    assert abs(verdict.value / UNIT - losses[197]) < 1e-6
    assert (verdict.passed, verdict.limit) == (True, 50 * UNIT)
    gate.set_limits(ALICE, {"value_at_risk_max": verdict.value - 1})
    tighter = told(gate, GOOD, "value_at_risk")
    alone = np.sort(-1_000 * returns[1])[197]
    assert tighter.passed == (verdict.value / UNIT <= alone)
    assert "value_at_risk" in names(gate, GOOD._replace(place=1, quantity=UNIT))
    assert "value_at_risk" not in names(gate, GOOD._replace(place=1, sign=-1, quantity=UNIT // 10))


@pytest.mark.spec("NEW-6")
def test_too_few_scenarios_pass_and_say_so() -> None:
    gate = made()
    gate.set_scenarios(np.full((2, 19), 0.5), minimum=20, confidence_bps=9_900)
    verdict = told(gate, GOOD, "value_at_risk")
    assert (verdict.passed, verdict.note) == (True, "19 of 20 scenarios")


def test_without_a_reference_the_checks_that_need_one_fail() -> None:
    gate = made()
    found = {v.check: v for v in gate.verdicts(GOOD._replace(reference=0, price=0, oracle=0))}
    assert [v.check for v in found.values() if not v.passed] == ["reference_fresh", "price_collar"]
    assert found["price_collar"].note == "no market price yet"


def test_all_checks_are_evaluated_not_only_the_first() -> None:
    gate = made()
    gate.hub["kill_switch"] = 1
    asked = GOOD._replace(notional=10**15, required=10**15, quantity=10**12)
    assert names(gate, asked) == [
        "kill_switch", "size_max", "notional_max", "participation", "position_max",
        "gross_exposure", "net_exposure", "balance",
    ]  # fmt: skip


def test_numbers_beyond_int64_fail_and_say_so() -> None:
    gate = made(**UNSET)
    found = {v.check: v for v in gate.verdicts(GOOD._replace(quantity=m.INT64_MAX))}
    for check in ("position_max", "gross_exposure", "net_exposure", "daily_loss", "drawdown"):
        assert not found[check].passed
        assert found[check].note == "larger than can be counted"
    gate.fill(ALICE, -1, 1, m.INT64_MAX, 0)
    assert "gross_exposure" in names(gate, GOOD), "a book that cannot be summed trusts no sum"
    assert names(gate, GOOD._replace(account=BOB)) == [], "the desk has no limit on its own"
    gate.set_limits(0, {"gross_notional_max": m.INT64_MAX - 1})
    assert "gross_exposure" in names(gate, GOOD._replace(account=BOB)), "and now it has"
    other = made(**UNSET)
    other.mark(1, m.INT64_MAX)
    other.fill(ALICE, -1, 1, 10**9, 0)
    assert "gross_exposure" in names(other, GOOD)
    other.mark(1, UNIT)
    assert names(other, GOOD) == [], "a mark that can be counted makes it whole again"


def test_limits_that_cannot_be_counted_are_refused() -> None:
    gate = made()
    with pytest.raises(InvalidInput, match="out of range"):
        gate.set_limits(ALICE, {"order_lots_max": m.INT64_MAX // SOL.lot + 1})
    with pytest.raises(InvalidInput, match="out of range"):
        gate.on_margin(ALICE, collateral=m.SIZE_MAX + 1)


def test_books_grow_to_their_bound_and_keep_what_they_have() -> None:
    gate = Gate((SOL,), account_limits=LIMITS, desk_limits=DESK, bounds=Bounds(books_max=130))
    gate.mark(0, 100 * UNIT)
    gate.set_scenarios(np.full((1, 30), -0.1), minimum=20, confidence_bps=9_000)
    alice = gate.row("account", "alice")
    gate.fill(alice, -1, 0, UNIT, -100 * UNIT)
    gate.decide(GOOD)
    for number in range(127):
        gate.row("strategy", str(number))
    assert gate.state.cells[alice, 0]["quantity"] == UNIT
    assert told(gate, GOOD, "message_rate").value == 2
    assert told(gate, GOOD, "value_at_risk").value == 11 * UNIT
    with pytest.raises(Unavailable, match="130"):
        gate.row("account", "one too many")


def test_a_window_counts_as_far_as_it_reaches() -> None:
    gate = Gate(
        (SOL,), account_limits={**LIMITS, "orders_per_s_max": 7}, desk_limits=DESK,
        bounds=Bounds(messages_max=8),
    )  # fmt: skip
    gate.row("account", "alice")
    counts = [told(gate, GOOD, "message_rate").value for _ in range(10)]
    assert counts == [1, 2, 3, 4, 5, 6, 7, 8, 8, 8]
    later = GOOD._replace(now_ns=GOOD.now_ns + m.NS_PER_S)
    assert told(gate, later, "message_rate").value == 1
