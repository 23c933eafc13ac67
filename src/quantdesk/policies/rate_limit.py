"""Admit: a token bucket per caller and operation."""

from __future__ import annotations

from quantdesk.kernel import (
    Call,
    CallerKind,
    Handler,
    Operation,
    Policy,
    RateLimited,
    Seam,
    Setting,
    Stage,
)

KEYS_MAX = 100_000


class RateLimit(Setting, frozen=True):
    """At most `calls` at once, refilled evenly over `per_s` seconds."""

    calls: int
    per_s: float


class RateLimiting(Policy):
    """Refuses a call when its caller's bucket is empty. Departments are not limited.

    Buckets live in this process; the least recently used one leaves at `keys_max`, which can
    only make a limit more generous.
    """

    stage = Stage.ADMIT

    def __init__(self, seam: Seam, default: RateLimit, *, keys_max: int = KEYS_MAX) -> None:
        self._now_ns = seam.clock.now_ns
        self._default = default
        self._keys_max = keys_max
        self._buckets: dict[tuple[str, str, str], list[float]] = {}

    def wrap(self, operation: Operation, proceed: Handler) -> Handler:
        if operation.route is None:
            return proceed
        limit = operation.setting(RateLimit) or self._default
        rate_per_ns = limit.calls / (limit.per_s * 1e9)
        capacity = float(limit.calls)
        buckets, now_ns, name = self._buckets, self._now_ns, operation.id

        def admit(call: Call) -> object:
            caller = call.caller
            if caller.kind is CallerKind.DEPARTMENT:
                return proceed(call)
            key = (caller.kind, caller.caller_id, name)
            now = now_ns()
            bucket = buckets.pop(key, None)
            if bucket is None:
                if len(buckets) >= self._keys_max:
                    del buckets[next(iter(buckets))]
                bucket = [capacity, now]
            # A clock that was set back takes nothing away.
            tokens = min(capacity, bucket[0] + max(0, now - bucket[1]) * rate_per_ns)
            bucket[1] = now
            buckets[key] = bucket
            if tokens < 1.0:
                bucket[0] = tokens
                raise RateLimited(
                    f"{name} allows {limit.calls} calls per {limit.per_s:g} s",
                    retry_after_s=(1.0 - tokens) / rate_per_ns / 1e9,
                    limit=f"{limit.calls}/{limit.per_s:g}s",
                )
            bucket[0] = tokens - 1.0
            return proceed(call)

        return admit  # type: ignore[return-value]  # it hands on proceed's awaitable: one coroutine less per call
