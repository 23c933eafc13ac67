"""From features to a recommendation: what MIKEY knows at one moment, put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from quantdesk.departments.analytics import Analytics, AssessCost, CostAssessed
from quantdesk.departments.trading import PositionsQuery, Side, Trading
from quantdesk.kernel import (
    Amount,
    Caller,
    CallerKind,
    InvalidInput,
    NotFound,
    Quantity,
    Refused,
    Seam,
    spec_of,
    utc,
)
from quantdesk.policies import ROLES

from . import Reason, Recommendation
from .config import AIConfig
from .decision import ROUND_TRIP, Decision, View, decide, note, signal_reasons, sized
from .features import FEATURES, FeatureBook
from .memory import MemoryStore
from .model import NAME, Microprice
from .signals import signals_of, situation_of
from .weights import Weights

SIMILAR_MAX = 3
SIMILAR_AGE_NS = 30_000_000_000
"""A moment is always like the one just before it; older ones say more."""


def agent_of(caller: Caller) -> Caller:
    """MIKEY acting for the caller: never more than both may do."""
    if caller.kind is CallerKind.AGENT:
        return caller
    return caller.acting_as_agent("mikey", ROLES["agent"])


class Adviser:
    """Makes recommendations; storing them is the department's."""

    def __init__(
        self,
        *,
        book: FeatureBook,
        model: Microprice,
        memory: MemoryStore,
        analytics: Analytics,
        trading_for: Callable[[Caller], Trading],
        seam: Seam,
        config: AIConfig,
    ) -> None:
        self._book = book
        self._model = model
        self._memory = memory
        self._analytics = analytics
        self._trading_for = trading_for
        self._seam = seam
        self._config = config
        self._chance = seam.random("ai.exploration")

    async def advise(self, instrument: str, caller: Caller, weights: Weights) -> Recommendation:
        """What to do with an instrument now. `NotFound` before its first quote."""
        spec = spec_of(instrument)
        if not spec.tradable:
            raise Refused(f"{instrument} is watched, not traded", where="/instrument")
        chance = self._chance.random()
        evidence = self._book.evidence(instrument)
        view = await self._view(instrument, weights)
        quantity = sized(view, spec, self._config)
        cost = await self._cost(view, view.side, quantity)
        decision = decide(
            view, cost, await self._position(instrument, caller), spec, self._config,
            age_s=(self._seam.now_ns() - view.vector.as_of_ns) / 1e9, chance=chance,
        )  # fmt: skip
        return self._recommendation(view, decision, cost, caller, evidence)

    async def propose(
        self, instrument: str, side: Side, quantity: str, caller: Caller, weights: Weights
    ) -> Recommendation:
        """What the caller asked for, as a proposal with MIKEY's view of it. It is no order."""
        spec = spec_of(instrument)
        if not spec.tradable:
            raise Refused(f"{instrument} is watched, not traded", where="/instrument")
        units = Quantity(quantity).to_units()
        if units % spec.lot:
            raise InvalidInput(
                f"{quantity} is not a whole number of lots of {Amount.from_units(spec.lot)}",
                where="/quantity",
            )
        evidence = self._book.evidence(instrument)
        view = await self._view(instrument, weights)
        cost = await self._cost(view, side, units)
        agrees = "agree" if side == view.side else "point the other way"
        reasons: list[Reason] = [
            *signal_reasons(view),
            note("request", f"asked for by {caller.account}; the signals {agrees}"
                 f" (score {view.score:+.3f})", 1.0 if side == "buy" else -1.0),
        ]  # fmt: skip
        return self._recommendation(view, Decision(side, units, reasons), cost, caller, evidence)

    async def _view(self, instrument: str, weights: Weights) -> View:
        vector = self._book.vector(instrument)
        if vector is None:
            raise NotFound(
                f"no quote of {instrument} has been seen",
                advice="Wait for market data, or check the sources with list_sources.",
            )
        move = await self._model.move(vector)
        signals = signals_of(vector, move.bps)
        score = weights.score(signals)
        edge = weights.edge_bps(score, vector["volatility_bps"], self._config.horizon_s)
        return View(
            vector=vector, move=move, signals=signals, weights=weights, score=score, edge_bps=edge
        )

    async def _cost(self, view: View, side: Literal["buy", "sell"], quantity: int) -> CostAssessed:
        return await self._analytics.assess_cost(
            AssessCost(
                instrument=view.vector.instrument,
                side=side,
                quantity=quantity,
                expected_edge_bps=view.edge_bps,
            )
        )

    async def _position(self, instrument: str, caller: Caller) -> int:
        """The account's position in units of 1e-8; none where it has no account."""
        try:
            portfolio = await self._trading_for(agent_of(caller)).get_positions(PositionsQuery())
        except NotFound:
            return 0
        for position in portfolio.positions:
            if position.instrument == instrument:
                return position.quantity.to_units()
        return 0

    def _recommendation(
        self,
        view: View,
        decision: Decision,
        cost: CostAssessed,
        caller: Caller,
        evidence: dict[str, int],
    ) -> Recommendation:
        vector = view.vector
        # Rounded before they are used again: what is stored is what was compared and learned from.
        features = {
            name: round(value, 6) for name, value in zip(FEATURES, vector.values, strict=True)
        }
        similar = self._memory.nearest(
            "situation",
            situation_of(features),
            count=SIMILAR_MAX,
            known_by_ns=vector.as_of_ns - SIMILAR_AGE_NS,
        )
        features["round_trip_cost_bps"] = round(ROUND_TRIP * cost.expected_cost_bps, 6)
        return Recommendation(
            recommendation_id=self._seam.uuid7(),
            account=caller.account,
            instrument=vector.instrument,
            action=decision.action,
            quantity=Amount.from_units(decision.quantity),
            score=view.score,
            expected_edge_bps=view.edge_bps,
            reference_price=Amount.from_units(vector.mid),
            reasons=decision.reasons,
            features=features,
            model=NAME,
            model_version=view.move.version,
            weights_version=view.weights.version,
            evidence=evidence,
            similar=[
                {
                    "memory_id": found.row.memory_id,
                    "kind": found.row.kind,
                    "text": found.row.text,
                    "similarity": f"{found.similarity:.4f}",
                    "as_of": utc(found.row.as_of_ns).isoformat().replace("+00:00", "Z"),
                }
                for found in similar
            ],
            state="proposed",
            approved_by=None,
            as_of=utc(vector.as_of_ns),
            created_at=self._seam.now(),
        )
