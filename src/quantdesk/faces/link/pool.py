"""Connections to the instances of a gateway: which one is asked, and what is asked again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Self

from quantdesk.kernel import (
    DEADLINE,
    Call,
    DeskError,
    Effect,
    Internal,
    OutcomeUnknown,
    Seam,
    Unavailable,
)

from .calling import NoAnswer, NotTaken
from .ejection import Ejecting
from .endpoint import Endpoint, Route
from .messages import LinkLimits


class Pool:
    """Instances that serve the same gateways.

    Of two that are chosen at random the one with less under way is asked. What was not begun is
    asked elsewhere; a READ or REPEATABLE that got no answer too; a ONCE never (`OutcomeUnknown`).
    """

    def __init__(
        self,
        routes: Sequence[Route],
        seam: Seam,
        *,
        limits: LinkLimits | None = None,
        ejecting: Ejecting | None = None,
    ) -> None:
        self.limits = limits or LinkLimits()
        self._loop = asyncio.get_running_loop()
        self._random = seam.random("link.balance")
        self.endpoints = [
            Endpoint(route, seam, self.limits, ejecting or Ejecting()) for route in routes
        ]

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    def start(self) -> None:
        """Begin to connect; calls made before there is a connection are `Unavailable`."""
        for endpoint in self.endpoints:
            endpoint.start()

    async def close(self) -> None:
        """End all connections; what is under way gets no answer."""
        await asyncio.gather(*(endpoint.close() for endpoint in self.endpoints))

    async def connected(self, seconds: float) -> None:
        """Wait for the first instance. Raises `Unavailable` if none answers in time."""
        give_up = self._loop.time() + seconds
        while not any(endpoint.open for endpoint in self.endpoints):
            if self._loop.time() >= give_up:
                raise self._none()
            await asyncio.sleep(0.01)

    def states(self) -> dict[str, str]:
        """Each instance's address, with "ok" or what is wrong."""
        now = self._loop.time()
        return {endpoint.name: endpoint.condition(now) for endpoint in self.endpoints}

    async def call(self, call: Call) -> object:
        """Carry a call out at one of the instances."""
        deadline = self._loop.time() + self.limits.budget_s
        given = DEADLINE.get()
        if given is not None and given < deadline:
            deadline = given
        tried: list[Endpoint] = []
        last: Exception | None = None
        for _ in range(self.limits.attempts_max):
            now = self._loop.time()
            if now >= deadline:
                break
            endpoint = self._choose(now, tried)
            if endpoint is None:
                break
            try:
                return await self._attempt(endpoint, call, deadline)
            except NotTaken as error:
                last = error.error or error
            except NoAnswer as error:
                if call.operation.effect is Effect.ONCE:
                    raise OutcomeUnknown(
                        f"{call.operation.id} at {endpoint.name}: {error}"
                    ) from None
                last = error
            tried.append(endpoint)
        raise self._given_up(last)

    async def follow(self, call: Call) -> AsyncIterator[object]:
        """Open a stream at one of the instances. When that one goes, the stream ends."""
        tried: list[Endpoint] = []
        last: Exception | None = None
        for _ in range(self.limits.attempts_max):
            endpoint = self._choose(self._loop.time(), tried)
            if endpoint is None:
                break
            try:
                return await endpoint.pick().follow(call)
            except NotTaken as error:
                last = error.error or error
            except NoAnswer as error:
                last = error
            tried.append(endpoint)
        raise self._given_up(last)

    async def _attempt(self, endpoint: Endpoint, call: Call, deadline: float) -> object:
        record, loop = endpoint.record, self._loop
        try:
            reply = await endpoint.pick().call(call, deadline)
        except (Internal, Unavailable, OutcomeUnknown, NoAnswer):
            self._fault(endpoint)
            raise
        except DeskError:
            record.good(loop.time())
            raise
        record.good(loop.time())
        return reply

    def _fault(self, endpoint: Endpoint) -> None:
        now = self._loop.time()
        if endpoint.record.fault(now):
            out = sum(one.record.out(now) for one in self.endpoints)
            if (out + 1) * 2 <= len(self.endpoints):
                endpoint.record.eject(now)

    def _choose(self, now: float, tried: Sequence[Endpoint]) -> Endpoint | None:
        endpoints = self.endpoints
        if len(endpoints) == 1:
            one = endpoints[0]
            return one if one.open and one not in tried else None
        fit = [one for one in endpoints if one.fit(now) and one not in tried]
        if not fit:  # not ready or put out, but there: better than none
            fit = [one for one in endpoints if one.open and one not in tried]
        if len(fit) < 2:
            return fit[0] if fit else None
        first = self._random.randrange(len(fit))
        second = self._random.randrange(len(fit) - 1)
        one, other = fit[first], fit[second + (second >= first)]
        return one if one.load <= other.load else other

    def _given_up(self, last: Exception | None) -> Exception:
        if last is None:
            return self._none()
        if isinstance(last, DeskError):
            return last
        return Unavailable(f"no instance answers: {last}")

    def _none(self) -> Unavailable:
        now = self._loop.time()
        told = "; ".join(f"{one.name}: {one.condition(now)}" for one in self.endpoints)
        return Unavailable(f"no instance can be asked ({told})"[:500])
