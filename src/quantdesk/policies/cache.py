"""Remember: answers of READ operations, per caller, for a short time or while they are fetched."""

from __future__ import annotations

from quantdesk.kernel import (
    Call,
    Effect,
    Handler,
    Misconfigured,
    Operation,
    Policy,
    Seam,
    Setting,
    Stage,
)

from .coalesce import FLIGHTS_MAX, Coalesced, Flights, key_of

ENTRIES_MAX = 10_000


class Cached(Setting, frozen=True):
    """Keep answers for `ttl_s`. Only a READ can be cached."""

    ttl_s: float


class Caching(Policy):
    """Answers again from memory. The key holds the caller's scope: nobody reads another's answer.

    The oldest answer leaves at `entries_max`. Equal calls that find nothing, or that are not to be
    kept but `Coalesced`, share one execution.
    """

    stage = Stage.REMEMBER

    def __init__(
        self, seam: Seam, *, entries_max: int = ENTRIES_MAX, flights_max: int = FLIGHTS_MAX
    ) -> None:
        self._now_ns = seam.clock.now_ns
        self._entries_max = entries_max
        self._entries: dict[object, tuple[int, object]] = {}
        self._flights = Flights(flights_max=flights_max)

    @property
    def entries(self) -> int:
        return len(self._entries)

    def wrap(self, operation: Operation, proceed: Handler) -> Handler:
        setting = operation.setting(Cached)
        if setting is None and operation.setting(Coalesced) is None:
            return proceed
        if operation.effect is not Effect.READ or operation.streams:
            raise Misconfigured("only a READ with one reply can be cached", where=operation.id)
        name, run = operation.id, self._flights.run
        if setting is None:
            return lambda call: run(key_of(name, call), proceed, call)
        ttl_ns, now_ns = int(setting.ttl_s * 1e9), self._now_ns
        entries = self._entries

        async def remember(call: Call) -> object:
            key = key_of(name, call)
            found = entries.get(key)
            if found is not None and now_ns() - found[0] < ttl_ns:
                return found[1]
            now = now_ns()
            reply = await run(key, proceed, call)
            kept = entries.pop(key, None)
            if kept is not None and kept[1] is reply:  # by the call that fetched it for this one
                now = kept[0]
            if len(entries) >= self._entries_max:
                del entries[next(iter(entries))]
            entries[key] = (now, reply)
            return reply

        return remember
