"""MIKEY's tools: few, written by hand, each calling operations through a door.

A tool runs with the rights of the agent acting for the caller. Where the door is the department's
own (public market data), the permission of the operation is checked here first. No tool has an
effect on the market: `recommend` and `propose_order` store a proposal that a person must approve.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from quantdesk.departments.analytics import Analytics, AssessCost, PerformanceQuery
from quantdesk.departments.ingestion import Ingestion, QuoteQuery, SourcesQuery
from quantdesk.departments.oracle import Oracle, PriceQuery
from quantdesk.departments.trading import (
    OrdersQuery,
    PositionsQuery,
    RiskQuery,
    Side,
    Trading,
)
from quantdesk.kernel import INSTRUMENTS, Caller, Forbidden, InvalidInput, Quantity, Unavailable

from . import AI, LessonsQuery, Recommend, Recommendation, SearchMemory

TOOLS_MAX = 12
_PAGE = 5
Arguments = dict[str, str]


class Said(Struct, frozen=True):
    """What a tool answers in words, and the proposal it made, if any."""

    text: str
    proposal: Recommendation | None = None


@dataclass(frozen=True, kw_only=True)
class Rooms:
    """Where the tools go. Doors named `…_for` open with a caller's rights."""

    ingestion: Ingestion
    oracle: Oracle
    analytics: Analytics
    analytics_for: Callable[[Caller], Analytics] | None
    trading_for: Callable[[Caller], Trading]
    ai_for: Callable[[Caller], AI]
    propose: Callable[[Caller, str, Side, str], Awaitable[Recommendation]]


Run = Callable[[Rooms, Caller, Arguments], Awaitable[Said]]


@dataclass(frozen=True)
class Tool:
    """A tool as a model sees it, with the permission of the operation behind it."""

    name: str
    description: str
    permission: str
    run: Run
    arguments: tuple[str, ...] = ()

    @property
    def schema(self) -> dict[str, Any]:
        """In the form that chat models take."""
        return {
            "type": "function",
            "function": {
                "name": self.name,
                "description": self.description,
                "parameters": {
                    "type": "object",
                    "properties": {name: ARGUMENTS[name] for name in self.arguments},
                    "required": list(self.arguments),
                    "additionalProperties": False,
                },
            },
        }


ARGUMENTS: dict[str, dict[str, Any]] = {
    "instrument": {"type": "string", "enum": list(INSTRUMENTS)},
    "side": {"type": "string", "enum": ["buy", "sell"]},
    "quantity": {"type": "string", "pattern": r"^[0-9]{1,9}(\.[0-9]{1,8})?$",
                 "description": "In the base asset."},
    "text": {"type": "string", "maxLength": 4_000},
}  # fmt: skip


async def run(tool: Tool, rooms: Rooms, agent: Caller, arguments: Arguments) -> Said:
    """Carry out a tool call. Raises what the door raises, `Forbidden` before any door."""
    if tool.permission not in agent.permissions:
        raise Forbidden(
            f"{agent.caller_id} may not use {tool.name}",
            advice=f"It needs the permission {tool.permission!r}.",
        )
    if set(arguments) != set(tool.arguments):
        raise InvalidInput(f"{tool.name} takes {', '.join(tool.arguments) or 'no arguments'}")
    return await tool.run(rooms, agent, arguments)


async def _market_view(rooms: Rooms, _: Caller, arguments: Arguments) -> Said:
    instrument = arguments["instrument"]
    quote = await rooms.ingestion.get_quote(QuoteQuery(instrument=instrument))
    cost = await rooms.analytics.assess_cost(
        AssessCost(instrument=instrument, side="buy", quantity=1, expected_edge_bps=0.0)
    )
    return Said(
        f"{instrument} on {quote.venue}: bid {quote.bid} × {quote.bid_size}, ask {quote.ask} ×"
        f" {quote.ask_size}; half spread {cost.half_spread_bps:.3f} bps, volatility"
        f" {cost.volatility_bps_per_sqrt_s:.3f} bps per √s, as of {quote.received_at:%H:%M:%S}Z."
    )


async def _oracle_price(rooms: Rooms, _: Caller, arguments: Arguments) -> Said:
    price = await rooms.oracle.get_price(PriceQuery(symbol=arguments["instrument"]))
    sources = ", ".join(f"{source.source} {source.status}" for source in price.sources)
    local = " Signed by this desk's own local publisher." if price.local else ""
    return Said(
        f"Oracle price of {price.symbol}: {price.price} ± {price.confidence}, {price.age_ms} ms"
        f" old; sources: {sources}.{local}"
    )


async def _portfolio(rooms: Rooms, agent: Caller, _: Arguments) -> Said:
    view = await rooms.trading_for(agent).get_positions(PositionsQuery())
    positions = [f"{p.quantity} {p.instrument}" for p in view.positions if p.quantity]
    balances = [f"{amount} {asset}" for asset, amount in view.balances.items() if amount]
    return Said(
        f"Equity {view.equity} {view.equity_asset}. Positions: {', '.join(positions) or 'none'}."
        f" Balances: {', '.join(balances) or 'none'}."
    )


async def _list_orders(rooms: Rooms, agent: Caller, _: Arguments) -> Said:
    page = await rooms.trading_for(agent).list_orders(OrdersQuery(limit=_PAGE))
    lines = [
        f"{order.side} {order.quantity} {order.instrument}: {order.state}"
        + (f" at {order.average_price}" if order.average_price is not None else "")
        for order in page.orders
    ]
    return Said("Your newest orders: " + "; ".join(lines) + "." if lines else "No orders yet.")


async def _risk_limits(rooms: Rooms, agent: Caller, _: Arguments) -> Said:
    state = await rooms.trading_for(agent).get_risk(RiskQuery())
    limits = "; ".join(f"{name} {value}" for name, value in state.limits.items())
    engaged = f"engaged ({state.reason})" if state.kill_switch else "off"
    return Said(f"Kill switch {engaged}. Limits: {limits}.")


async def _performance(rooms: Rooms, agent: Caller, _: Arguments) -> Said:
    if rooms.analytics_for is None:
        raise Unavailable(
            "I have no door to your performance", advice="Ask GET /v1/analytics/performance."
        )
    report = await rooms.analytics_for(agent).get_performance(PerformanceQuery(points_max=2))
    figures = {
        "return": report.total_return,
        "volatility (annualised)": report.volatility_annualised,
        "Sharpe": report.sharpe,
        "max drawdown": report.max_drawdown,
        "slippage (bps)": report.slippage_bps,
    }
    known = [f"{name} {value:.6g}" for name, value in figures.items() if value is not None]
    return Said(
        f"{report.points} points, {report.trades} trades, fees {report.fees}:"
        f" {', '.join(known) or 'too little to measure yet'}."
    )


async def _recommend(rooms: Rooms, agent: Caller, arguments: Arguments) -> Said:
    made = await rooms.ai_for(agent).recommend(Recommend(instrument=arguments["instrument"]))
    return Said(rendered(made), made)


async def _propose_order(rooms: Rooms, agent: Caller, arguments: Arguments) -> Said:
    side: Side = "buy" if arguments["side"] == "buy" else "sell"
    made = await rooms.propose(agent, arguments["instrument"], side, arguments["quantity"])
    return Said(rendered(made), made)


async def _lessons(rooms: Rooms, agent: Caller, _: Arguments) -> Said:
    page = await rooms.ai_for(agent).list_lessons(LessonsQuery(limit=_PAGE))
    if not page.lessons:
        return Said("No closed trade has taught me anything yet.")
    newest = page.lessons[0]
    weights = ", ".join(f"{name} {value:+.3f}" for name, value in newest.weights_after.items())
    rewards = ", ".join(f"{lesson.reward:+.3f}" for lesson in page.lessons)
    return Said(
        f"Newest rewards: {rewards}. Signal weights (version {newest.weights_version}): {weights}."
    )


async def _recall(rooms: Rooms, agent: Caller, arguments: Arguments) -> Said:
    found = await rooms.ai_for(agent).search_memory(SearchMemory(text=arguments["text"], limit=3))
    lines = [f"{m.as_of:%Y-%m-%d %H:%M:%S}Z {m.text}" for m in found.memories]
    return Said("I remember: " + " | ".join(lines) if lines else "I remember nothing like it.")


async def _data_sources(rooms: Rooms, _: Caller, __: Arguments) -> Said:
    listed = await rooms.ingestion.list_sources(SourcesQuery())
    lines = [
        f"{s.source} ({s.kind}, {'connected' if s.connected else 'not connected'}): {s.frames}"
        f" frames, {s.quarantined} quarantined, {s.sequence_gaps} gaps"
        for s in listed.sources
    ]
    return Said("; ".join(lines) + "." if lines else "No data source is attached.")


async def _order_cost(rooms: Rooms, _: Caller, arguments: Arguments) -> Said:
    cost = await rooms.analytics.assess_cost(
        AssessCost(
            instrument=arguments["instrument"],
            side=arguments["side"],
            quantity=Quantity(arguments["quantity"]).to_units(),
            expected_edge_bps=0.0,
        )
    )
    return Said(
        f"To {arguments['side']} {arguments['quantity']} {arguments['instrument']} now would cost"
        f" about {cost.expected_cost_bps:.3f} bps of its value (half spread"
        f" {cost.half_spread_bps:.3f}, the rest fee and impact)."
    )


def rendered(made: Recommendation) -> str:
    """A proposal as the person sees it before approving."""
    said = "; ".join(
        f"{reason.signal}: {reason.words}"
        for reason in sorted(made.reasons, key=lambda reason: -abs(reason.contribution))[:3]
    )
    last = made.reasons[-1]
    end = f" {last.signal}: {last.words}." if last.weight == 0.0 else ""
    if made.action == "hold":
        return f"Hold {made.instrument} (score {made.score:+.3f}). {said}.{end}"
    return (
        f"Proposal {made.recommendation_id}: {made.action} {made.quantity} {made.instrument} at"
        f" market, about {made.reference_price} (score {made.score:+.3f}). {said}.{end} Nothing"
        " happens until you approve it."
    )


TOOLS: dict[str, Tool] = {
    tool.name: tool
    for tool in (
        Tool("market_view", "Best bid and ask, spread and volatility of a market.",
             "ingestion.read", _market_view, ("instrument",)),
        Tool("oracle_price", "The verified oracle price with its sources.",
             "oracle.read", _oracle_price, ("instrument",)),
        Tool("portfolio", "Positions, balances and equity of the caller.",
             "trading.read", _portfolio),
        Tool("list_orders", "The caller's newest orders.", "trading.read", _list_orders),
        Tool("risk_limits", "Limits and the state of the kill switch.",
             "trading.read", _risk_limits),
        Tool("performance", "Return, risk and execution quality of the caller.",
             "analytics.read", _performance),
        Tool("recommend", "What MIKEY would do in a market, stored as a proposal.",
             "ai.recommend", _recommend, ("instrument",)),
        Tool("propose_order", "A proposal of the order that the caller named. Not an order.",
             "ai.recommend", _propose_order, ("instrument", "side", "quantity")),
        Tool("lessons", "What closed trades taught, and the signal weights.",
             "ai.read", _lessons),
        Tool("recall", "Remembered situations and lessons like the text.",
             "ai.read", _recall, ("text",)),
        Tool("data_sources", "Data sources with their health.",
             "ingestion.read", _data_sources),
        Tool("order_cost", "What an order would cost now.",
             "analytics.read", _order_cost, ("instrument", "side", "quantity")),
    )
}  # fmt: skip
"""By name. At most `TOOLS_MAX`."""

CHANGING = frozenset({"recommend", "propose_order"})
"""Tools that store something."""
