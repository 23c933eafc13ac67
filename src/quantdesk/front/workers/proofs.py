"""Who is calling, as a face process knows it: asked of the desk, remembered for a moment."""

from __future__ import annotations

import asyncio
from typing import cast

from quantdesk.faces.link import Bearer, bearer_of
from quantdesk.kernel import Caller, DeskError, Unauthenticated

from .backstage import Backstage, Prove, Redeem

FRESH_S = 1.0
KNOWN_MAX = 10_000
CHECKS_MAX = 64


class _Known:
    __slots__ = ("at", "bearer")

    def __init__(self, bearer: Bearer, at: float) -> None:
        self.bearer = bearer
        self.at = at


class Proofs:
    """What is remembered only saves asking who somebody is: each call is proved anew at the
    desk, by its token, so that a sign-out holds at once. What is open already ends within
    `FRESH_S` and the face's own interval."""

    def __init__(self, desk: Backstage, *, known_max: int = KNOWN_MAX) -> None:
        self._desk = desk
        self._known_max = known_max
        self._known: dict[str, _Known] = {}
        self._ended: dict[str, DeskError] = {}
        self._checks: dict[str, asyncio.Task[None]] = {}
        self._loop = asyncio.get_running_loop()

    async def authenticate(self, token: str) -> Caller:
        """Raises `Unauthenticated`."""
        known = self._known.get(token)
        if known is not None and self._loop.time() - known.at < FRESH_S:
            return known.bearer
        try:
            admitted = await self._desk.prove(Prove(token=token))
        except Unauthenticated:
            self._known.pop(token, None)
            raise
        if known is not None and _same(known.bearer, admitted.caller):
            known.at = self._loop.time()
            return known.bearer
        return self._learn(bearer_of(admitted.caller, token))

    async def redeem(self, ticket: str) -> Caller:
        """Raises `Unauthenticated`."""
        admitted = await self._desk.redeem(Redeem(ticket=ticket))
        return self._learn(bearer_of(admitted.caller, admitted.token))

    def still_signed_in(self, caller: Caller) -> None:
        """Raises what the desk said when it was asked last; asks it again for the next time."""
        token = cast(Bearer, caller).token
        error = self._ended.get(token)
        if error is not None:
            raise error
        if token not in self._checks and len(self._checks) < CHECKS_MAX:
            task = self._loop.create_task(self._check(token))
            self._checks[token] = task
            task.add_done_callback(lambda _task: self._checks.pop(token, None))

    async def close(self) -> None:
        """Stop asking."""
        checks = list(self._checks.values())
        for task in checks:
            task.cancel()
        await asyncio.gather(*checks, return_exceptions=True)

    async def _check(self, token: str) -> None:
        try:
            await self._desk.prove(Prove(token=token))
        except Unauthenticated as error:
            if len(self._ended) >= self._known_max:
                del self._ended[next(iter(self._ended))]
            self._ended[token] = error
            self._known.pop(token, None)
        except DeskError:
            return  # the desk cannot tell now: it is asked again, and refuses calls itself

    def _learn(self, bearer: Bearer) -> Bearer:
        self._known.pop(bearer.token, None)
        if len(self._known) >= self._known_max:
            del self._known[next(iter(self._known))]
        self._known[bearer.token] = _Known(bearer, self._loop.time())
        return bearer


def _same(bearer: Bearer, caller: Caller) -> bool:
    return bearer == bearer_of(caller, bearer.token)
