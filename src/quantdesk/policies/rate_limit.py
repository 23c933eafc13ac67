"""Admit: a token bucket per caller and operation; for callers without a name, per address."""

from __future__ import annotations

from collections.abc import Callable

from quantdesk.kernel import (
    NOBODY,
    Call,
    CallerKind,
    Handler,
    Operation,
    Policy,
    Quota,
    RateLimited,
    Seam,
    Setting,
    Stage,
)

from .buckets import KEYS_MAX, BucketStore, MemoryBuckets, address_key


class RateLimit(Setting, frozen=True):
    """At most `calls` at once, refilled evenly over `per_s` seconds."""

    calls: int
    per_s: float


class RateLimiting(Policy):
    """Refuses a call when its bucket is empty. Departments are not limited.

    Whoever has not signed in is told apart by address, so that one client cannot use up the
    sign-ins of all. Buckets live in this process, or in `store` where several processes serve.
    """

    stage = Stage.ADMIT

    def __init__(
        self,
        seam: Seam,
        default: RateLimit,
        *,
        keys_max: int = KEYS_MAX,
        store: BucketStore | None = None,
    ) -> None:
        self._now_ns = seam.clock.now_ns
        self._default = default
        self._buckets = MemoryBuckets(keys_max)
        self._store = store

    def wrap(self, operation: Operation, proceed: Handler) -> Handler:
        if operation.route is None:
            return proceed
        limit = operation.setting(RateLimit) or self._default
        quota = Quota(calls=limit.calls, per_s=limit.per_s)
        if self._store is not None:
            return _shared(self._store, operation, proceed, quota, self._now_ns)
        rate_per_ns, capacity = quota.calls / (quota.per_s * 1e9), float(quota.calls)
        take, now_ns, name = self._buckets.take, self._now_ns, operation.id

        def admit(call: Call) -> object:
            caller = call.caller
            if caller.kind is CallerKind.DEPARTMENT:
                return proceed(call)
            who = address_key(call.peer) if caller is NOBODY else caller.caller_id
            tokens = take((caller.kind, who, name), capacity, rate_per_ns, now_ns())
            call.quota, call.tokens = quota, tokens - 1.0
            if tokens < 1.0:
                raise _refusal(name, quota, tokens)
            return proceed(call)

        return admit  # type: ignore[return-value]  # it hands on proceed's awaitable: one coroutine less per call


def _shared(
    store: BucketStore,
    operation: Operation,
    proceed: Handler,
    quota: Quota,
    now_ns: Callable[[], int],
) -> Handler:
    name = operation.id

    async def admit(call: Call) -> object:
        caller = call.caller
        if caller.kind is CallerKind.DEPARTMENT:
            return await proceed(call)
        who = address_key(call.peer) if caller is NOBODY else caller.caller_id
        key = f"{caller.kind}\x1f{who}\x1f{name}"
        tokens = await store.take(key, quota.calls, quota.per_s, now_ns())
        call.quota, call.tokens = quota, tokens - 1.0
        if tokens < 1.0:
            raise _refusal(name, quota, tokens)
        return await proceed(call)

    return admit


def _refusal(name: str, quota: Quota, tokens: float) -> RateLimited:
    return RateLimited(
        f"{name} allows {quota.calls} calls per {quota.per_s:g} s",
        retry_after_s=(1.0 - tokens) * quota.per_s / quota.calls,
        limit=f"{quota.calls}/{quota.per_s:g}s",
    )
