"""What a call over a link costs, on both sides, in a process of its own each.

A request and a reply shaped like an order's, over a Unix socket; no policies on either side, so
that the figure is the link's own. CPU µs per call, medians of rounds, with 1 and 64 under way.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from quantdesk.faces.link import (
    ANY,
    Grant,
    LinkAddress,
    LinkServer,
    Pool,
    Route,
    link_secret,
    remote,
)
from quantdesk.kernel import (
    GET,
    POST,
    Call,
    Caller,
    CallerKind,
    Effect,
    Gateway,
    Seam,
    operation,
    settle_collector,
)

from .http_core import ORDER, Place, Placed, Quantity

CALLS = 8_000
ROUNDS = 5
IN_FLIGHT = (1, 64)
PERSON = Caller(
    caller_id="bench", kind=CallerKind.PERSON, permissions=frozenset({"bench.call"}),
    account="bench",
)  # fmt: skip
REQUEST = Place(
    order_id=ORDER, instrument="SOL-USDC", side="buy", quantity=Quantity("1.5"), type="market"
)


class Nothing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class Spent(Struct, frozen=True, kw_only=True):
    cpu_ns: int


class Bench(Protocol):
    """A call, and how much the process has used."""

    @operation(POST("/orders"), Effect.ONCE, "bench.call")
    async def place(self, request: Place) -> Placed:
        """Place."""
        ...

    @operation(GET("/spent"), Effect.READ, "bench.call")
    async def spent(self, request: Nothing) -> Spent:
        """Tell the CPU time of this process."""
        ...


BENCH: Gateway[Bench] = Gateway(Bench)


class Standing:
    """Answers at once."""

    placed = Placed(
        order_id=ORDER, instrument="SOL-USDC", side="buy", quantity=Quantity("1.5"),
        state="accepted",
    )  # fmt: skip

    async def place(self, request: Place) -> Placed:  # noqa: ARG002 - the answer stands
        return self.placed

    async def spent(self, request: Nothing) -> Spent:  # noqa: ARG002 - there is nothing to it
        return Spent(cpu_ns=time.process_time_ns())


def _address(folder: Path) -> LinkAddress:
    return LinkAddress(scheme="unix", path=str(folder / "bench.sock"))


async def serve(folder: Path) -> None:
    """The serving side, until its standard input ends."""
    secret = link_secret(folder / "secret", Seam.live(), make=False)
    server = LinkServer([BENCH.serve(Standing())], {ANY: Grant(secret=secret)}, Seam.live())
    await server.listen(_address(folder))
    settle_collector()
    await asyncio.to_thread(sys.stdin.buffer.read)
    await server.close()


async def _call(folder: Path, secret: bytes) -> dict[str, float]:
    route = Route(name=ANY, secret=secret, address=_address(folder))
    settle_collector()
    spent: dict[str, list[float]] = {}
    async with Pool([route], Seam.live()) as pool:
        await pool.connected(20.0)
        served = BENCH.serve(remote(BENCH, pool))
        door, place = served.open(PERSON), BENCH.operations["place"]

        async def run(calls: int) -> None:
            for _ in range(calls):
                await served.call(Call(place, PERSON, REQUEST))

        await run(500)
        for _ in range(ROUNDS):
            for count in IN_FLIGHT:
                there = (await door.spent(Nothing())).cpu_ns
                here = time.process_time_ns()
                await asyncio.gather(*(run(CALLS // count) for _ in range(count)))
                here = time.process_time_ns() - here
                there = (await door.spent(Nothing())).cpu_ns - there
                for side, used in (("caller", here), ("server", there)):
                    name = f"link_{side}_cpu_us_{count}_in_flight"
                    spent.setdefault(name, []).append(used / 1000 / CALLS)
    return {name: statistics.median(values) for name, values in sorted(spent.items())}


def measure() -> dict[str, float]:
    """CPU microseconds per call and side."""
    import uvloop

    with tempfile.TemporaryDirectory(prefix="quantdesk-bench-") as scratch:
        folder = Path(scratch)
        secret = link_secret(folder / "secret", Seam.live(), make=True)
        command = [sys.executable, "-m", "benchmarks.core.links", scratch]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as serving:
            try:
                return uvloop.run(_call(folder, secret))
            finally:
                assert serving.stdin is not None
                serving.stdin.close()
                serving.wait(timeout=20)


if __name__ == "__main__":
    import uvloop

    if len(sys.argv) > 1:
        uvloop.run(serve(Path(sys.argv[1])))
    else:
        for figure, value in measure().items():
            print(f"{figure:<36} {value:8.2f}")
