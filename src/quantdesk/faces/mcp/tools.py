"""The list of tools, written by hand: what an agent wants to do, and the operation that does it.

An agent may look and propose. No tool places, cancels or approves anything, and none can: the
caller behind a tool is the person's rights cut down to those of the role `agent`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from quantdesk.kernel import Caller, Misconfigured, Operation, Served
from quantdesk.kernel.codec import schema_hook
from quantdesk.policies import ROLES

TOOLS_MAX = 12
AGENT = "mcp"


class McpTool(Struct, frozen=True):
    """A tool and the operation that it asks."""

    name: str
    operation: str
    description: str


TOOLS = (
    McpTool(
        "view_market", "ingestion.get_book",
        "The order book of one instrument now: best prices first.",
    ),
    McpTool(
        "view_candles", "analytics.get_candles",
        "Open, high, low, close and volume of one instrument, per interval.",
    ),
    McpTool(
        "oracle_price", "oracle.get_price",
        "The verified oracle price of one symbol, with its age and its confidence.",
    ),
    McpTool(
        "view_portfolio", "trading.get_positions",
        "Positions, balances and equity of the account.",
    ),
    McpTool(
        "view_risk", "trading.get_risk",
        "The limits of the pre-trade gate, and whether trading is stopped.",
    ),
    McpTool(
        "view_performance", "analytics.get_performance",
        "Return, volatility, Sharpe ratio, drawdown and slippage of the account.",
    ),
    McpTool(
        "order_status", "trading.get_order",
        "One order: its state, what was filled, at what price, and its settlement.",
    ),
    McpTool(
        "order_story", "flows.tell",
        "Everything about one order, from the ticks behind it to the lesson learned.",
    ),
    McpTool(
        "chain_balances", "chain.get_balances",
        "What the account holds on chain, by asset.",
    ),
    McpTool(
        "past_lessons", "ai.list_lessons",
        "What closed trades taught: the prediction, the outcome, the change of weights.",
    ),
    McpTool(
        "propose_trade", "ai.recommend",
        "Have the desk's adviser work out a recommendation for one instrument. It is a proposal:"
        " a person approves it and places the order, or does not.",
    ),
)  # fmt: skip


class Offer(Struct, frozen=True):
    """A tool with what stands behind it in this desk."""

    tool: McpTool
    operation: Operation
    served: Served[Any]

    @property
    def input_schema(self) -> dict[str, Any]:
        """JSON Schema of the arguments, an object at its root."""
        schema = msgspec.json.schema(self.operation.request, schema_hook=schema_hook)
        definitions = dict(schema.get("$defs", {}))
        root = dict(definitions.pop(schema["$ref"].rsplit("/", 1)[-1]))
        return {**root, "$defs": definitions} if definitions else root


def offered(served: Iterable[Served[Any]]) -> Mapping[str, Offer]:
    """Every tool by its name. Raises `Misconfigured` for one whose operation is not served."""
    found = {
        operation.id: (one, operation)
        for one in served
        for operation in one.gateway.operations.values()
    }
    offers = {}
    for tool in TOOLS:
        if tool.operation not in found:
            raise Misconfigured(f"the tool {tool.name} needs {tool.operation}", where="/mcp")
        gateway, operation = found[tool.operation]
        offers[tool.name] = Offer(tool, operation, gateway)
    return offers


def as_agent(caller: Caller) -> Caller:
    """The caller behind the tools: who signed in, with an agent's rights at most."""
    return caller.acting_as_agent(AGENT, ROLES["agent"])
