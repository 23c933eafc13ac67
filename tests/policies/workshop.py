"""A small department to put policies around: it does what it is told and notes what it did."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

from msgspec import Struct

from quantdesk.kernel import (
    GET,
    INTERNAL,
    POST,
    PUBLIC,
    PUT,
    Call,
    Caller,
    CallerKind,
    Effect,
    Gateway,
    Policy,
    operation,
)
from quantdesk.policies import Cached, Confidential, RateLimit, Retry


class Piece(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    number: int = 0
    tags: list[str] | None = None


class Made(Struct, frozen=True, kw_only=True):
    number: int
    turn: int


class Shop(Protocol):
    """Makes pieces."""

    @operation(GET("/pieces/{number}"), Effect.READ, "shop.read")
    async def look(self, request: Piece) -> Made:
        """Look at a piece."""
        ...

    @operation(GET("/catalogue"), Effect.READ, "shop.read", Cached(ttl_s=10.0))
    async def browse(self, request: Piece) -> Made:
        """Look at the catalogue."""
        ...

    @operation(GET("/rare"), Effect.READ, PUBLIC, RateLimit(calls=3, per_s=1.0))
    async def rare(self, request: Piece) -> Made:
        """Look at what may be seen three times a second."""
        ...

    @operation(PUT("/pieces/{number}"), Effect.REPEATABLE, "shop.make", Retry(attempts_max=4))
    async def set_up(self, request: Piece) -> Made:
        """Make it so."""
        ...

    @operation(POST("/pieces"), Effect.ONCE, "shop.make")
    async def make(self, request: Piece) -> Made:
        """Make one more."""
        ...

    @operation(POST("/keys"), Effect.ONCE, "shop.make", Confidential())
    async def make_key(self, request: Piece) -> Made:
        """Make a key that nobody else may see."""
        ...

    @operation(INTERNAL, Effect.ONCE, "shop.make")
    async def deliver(self, request: Piece) -> Made:
        """Hand over to another department."""
        ...

    @operation(GET("/pieces/stream"), Effect.READ, "shop.read")
    def watch(self, request: Piece) -> AsyncIterator[Made]:
        """Watch pieces being made."""
        ...


shop = Gateway(Shop)

Step = Callable[[Piece], Awaitable[None]] | Exception


class Workshop:
    """Does each turn what `plan` says: an error to raise, something to await, or nothing."""

    def __init__(self, *plan: Step) -> None:
        self.plan = list(plan)
        self.done: list[int] = []

    async def _turn(self, request: Piece) -> Made:
        self.done.append(request.number)
        turn = len(self.done)
        step = self.plan.pop(0) if self.plan else None
        if isinstance(step, Exception):
            raise step
        if step is not None:
            await step(request)
        return Made(number=request.number, turn=turn)

    look = browse = rare = set_up = make = make_key = deliver = _turn

    async def watch(self, request: Piece) -> AsyncIterator[Made]:
        for turn in range(3):
            yield Made(number=request.number, turn=turn)


def person(name: str = "ann", *permissions: str) -> Caller:
    return Caller(
        caller_id=name,
        kind=CallerKind.PERSON,
        permissions=frozenset(permissions or ("shop.read", "shop.make")),
        account=name,
    )


def door(workshop: Workshop, *policies: Policy, caller: Caller | None = None) -> Shop:
    return shop.open(workshop, caller or person(), policies)


def call(
    name: str, request: Piece, *, key: str | None = None, caller: Caller | None = None
) -> Call:
    return Call(shop.operations[name], caller or person(), request, idempotency_key=key)
