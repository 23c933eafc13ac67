"""What a face process asks of its desk beside the gateways; never reachable from outside."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from msgspec import Struct

from quantdesk.front import Front
from quantdesk.kernel import (
    INTERNAL,
    PUBLIC,
    Caller,
    Effect,
    Gateway,
    Seam,
    Unauthenticated,
    operation,
)

PASSES_MAX = 10_000
_PASS = "pass:"  # noqa: S105 - what marks one, not one


class Prove(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    token: str


class Redeem(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    ticket: str


class Admitted(Struct, frozen=True, kw_only=True):
    """`token` stands for the caller from here on, where a ticket can be used only once."""

    caller: Caller
    token: str


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class Scrape(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`held`: what worker `number` holds open, by the name of its figure."""

    number: int
    held: dict[str, int]


class States(Struct, frozen=True, kw_only=True):
    states: dict[str, str]


class Text(Struct, frozen=True, kw_only=True):
    text: str


class Serving(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Worker `number` answers at `address`."""

    number: int
    address: str


class Backstage(Protocol):
    """Who somebody is, and how the desk is."""

    @operation(INTERNAL, Effect.READ, PUBLIC)
    async def prove(self, request: Prove) -> Admitted:
        """Tell whose token this is."""
        ...

    @operation(INTERNAL, Effect.ONCE, PUBLIC)
    async def redeem(self, request: Redeem) -> Admitted:
        """Take a ticket, once."""
        ...

    @operation(INTERNAL, Effect.READ, PUBLIC)
    async def readiness(self, request: Asked) -> States:
        """Tell each part's state."""
        ...

    @operation(INTERNAL, Effect.READ, PUBLIC)
    async def metrics(self, request: Scrape) -> Text:
        """Render the desk's metrics."""
        ...

    @operation(INTERNAL, Effect.REPEATABLE, PUBLIC)
    async def holds(self, request: Scrape) -> Asked:
        """Say what a worker holds open."""
        ...

    @operation(INTERNAL, Effect.REPEATABLE, PUBLIC)
    async def serving(self, request: Serving) -> Asked:
        """Say that a worker answers requests."""
        ...


backstage: Gateway[Backstage] = Gateway(Backstage)


class Doorkeeper:
    """Implements `Backstage` for the faces of one desk.

    Whoever came with a ticket gets a pass, which is good as long as the session behind it; of
    passes the newest `passes_max` are known.
    """

    def __init__(self, front: Front, seam: Seam, *, passes_max: int = PASSES_MAX) -> None:
        self._front = front
        self._seam = seam
        self._passes_max = passes_max
        self._passes: dict[str, Caller] = {}
        self.answering: dict[int, str] = {}
        self.held: dict[int, dict[str, int]] = {}

    async def authenticate(self, token: str) -> Caller:
        """Whose token or pass this is now. Raises `Unauthenticated`."""
        if not token.startswith(_PASS):
            return await self._front.authenticate(token)
        caller = self._passes.get(token)
        if caller is None:
            raise Unauthenticated("the connection's pass is not known any more")
        self._front.still_signed_in(caller)
        return caller

    async def prove(self, request: Prove) -> Admitted:
        return Admitted(caller=await self.authenticate(request.token), token=request.token)

    async def redeem(self, request: Redeem) -> Admitted:
        caller = await self._front.redeem(request.ticket)
        token = _PASS + self._seam.token_bytes(24).hex()
        if len(self._passes) >= self._passes_max:
            del self._passes[next(iter(self._passes))]
        self._passes[token] = caller
        return Admitted(caller=caller, token=token)

    async def readiness(self, request: Asked) -> States:  # noqa: ARG002 - there is nothing to it
        return States(states=await self._front.readiness())

    async def metrics(self, request: Scrape) -> Text:
        await self.holds(request)
        held: Counter[str] = Counter()
        for each in self.held.values():
            held.update(each)
        return Text(text=await self._front.metrics(held))

    async def holds(self, request: Scrape) -> Asked:
        if request.number in self.answering:
            self.held[request.number] = request.held
        return Asked()

    async def serving(self, request: Serving) -> Asked:
        self.answering[request.number] = request.address
        return Asked()

    def gone(self, number: int) -> None:
        """Worker `number` has ended, and holds nothing any more."""
        self.answering.pop(number, None)
        self.held.pop(number, None)
