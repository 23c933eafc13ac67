"""Remember: answers of READ operations, for a short time, per caller."""

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
    encode,
)

ENTRIES_MAX = 10_000


class Cached(Setting, frozen=True):
    """Keep answers for `ttl_s`. Only a READ can be cached."""

    ttl_s: float


class Caching(Policy):
    """Answers again from memory. The key holds the caller's scope: nobody reads another's answer.

    The oldest answer leaves at `entries_max`.
    """

    stage = Stage.REMEMBER

    def __init__(self, seam: Seam, *, entries_max: int = ENTRIES_MAX) -> None:
        self._now_ns = seam.clock.now_ns
        self._entries_max = entries_max
        self._entries: dict[object, tuple[int, object]] = {}

    @property
    def entries(self) -> int:
        return len(self._entries)

    def wrap(self, operation: Operation, proceed: Handler) -> Handler:
        setting = operation.setting(Cached)
        if setting is None:
            return proceed
        if operation.effect is not Effect.READ or operation.streams:
            raise Misconfigured("only a READ with one reply can be cached", where=operation.id)
        ttl_ns, now_ns, name = int(setting.ttl_s * 1e9), self._now_ns, operation.id
        entries = self._entries

        async def remember(call: Call) -> object:
            caller = call.caller
            request: object = call.request
            try:
                key: object = (name, caller.kind, caller.caller_id, request)
                found = entries.get(key)
            except TypeError:  # the request holds a list
                key = (name, caller.kind, caller.caller_id, encode(request))
                found = entries.get(key)
            now = now_ns()
            if found is not None and now - found[0] < ttl_ns:
                return found[1]
            reply = await proceed(call)
            entries.pop(key, None)
            if len(entries) >= self._entries_max:
                del entries[next(iter(entries))]
            entries[key] = (now, reply)
            return reply

        return remember
