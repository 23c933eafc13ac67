"""A gateway of your own: declare it, serve it, open a door, and see a refusal."""

import asyncio
from typing import Protocol

from msgspec import Struct

from quantdesk.kernel import (
    GET,
    Amount,
    Effect,
    Forbidden,
    Gateway,
    Instrument,
    department,
    operation,
)
from quantdesk.policies import Authorise, Metrics


class GetSpread(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which market?"""

    instrument: Instrument


class Spread(Struct, frozen=True, kw_only=True):
    """Ask minus bid, in the quote asset."""

    instrument: str
    spread: Amount


class Spreads(Protocol):
    """Spreads of the markets that the desk watches."""

    @operation(GET("/spreads/{instrument}"), Effect.READ, "spreads.read")
    async def get_spread(self, request: GetSpread) -> Spread:
        """Return the spread now."""
        ...


class FixedSpreads:
    """Knows one number. A real one would ask ingestion's door."""

    async def get_spread(self, request: GetSpread) -> Spread:
        return Spread(instrument=request.instrument, spread=Amount("0.02"))


async def main() -> None:
    """Open the gateway for a caller who may read, and for one who may not."""
    metrics = Metrics()
    served = Gateway(Spreads).serve(FixedSpreads(), [metrics, Authorise()])
    reader = served.open(department("reader", "spreads.read"))
    found = await reader.get_spread(GetSpread(instrument="SOL-USDC"))
    print(f"{found.instrument}: {found.spread}")
    try:
        await served.open(department("stranger")).get_spread(GetSpread(instrument="SOL-USDC"))
    except Forbidden as refusal:
        print(f"refused: {refusal}")
    print(f"calls counted: {metrics.calls('spreads', 'get_spread')}")


if __name__ == "__main__":
    asyncio.run(main())
