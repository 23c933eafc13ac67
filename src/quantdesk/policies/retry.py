"""Protect: try again what may be tried again."""

from __future__ import annotations

from quantdesk.kernel import (
    Call,
    DeskError,
    Effect,
    Handler,
    Operation,
    Policy,
    RateLimited,
    Seam,
    Setting,
    Stage,
)


class Retry(Setting, frozen=True):
    """At most `attempts_max` in all, with doubling pauses from `backoff_s_min` and jitter."""

    attempts_max: int = 3
    backoff_s_min: float = 0.02
    backoff_s_max: float = 1.0


class Retrying(Policy):
    """Repeats READ and REPEATABLE calls that failed in a way that may pass. Never ONCE."""

    stage = Stage.PROTECT

    def __init__(self, seam: Seam, default: Retry | None = None) -> None:
        self._sleep = seam.clock.sleep
        self._default = default or Retry()
        self._random = seam.random("policies.retry")

    def wrap(self, operation: Operation, proceed: Handler) -> Handler:
        if operation.effect is Effect.ONCE or operation.streams:
            return proceed
        setting = operation.setting(Retry) or self._default

        async def retry(call: Call) -> object:
            for attempt in range(1, setting.attempts_max):
                try:
                    return await proceed(call)
                except DeskError as error:
                    if not error.retryable or isinstance(error, RateLimited):
                        raise
                pause = min(setting.backoff_s_max, setting.backoff_s_min * 2 ** (attempt - 1))
                await self._sleep(pause * (0.5 + self._random.random() / 2))
            return await proceed(call)

        return retry
