"""When a call may be made again, how long to wait, and what to say when it may not."""

from __future__ import annotations

from msgspec import Struct

from quantdesk.kernel import (
    DeskError,
    Effect,
    InvalidInput,
    OutcomeUnknown,
    RateLimited,
    Seam,
    Unauthenticated,
    Unavailable,
    stopwatch_ns,
)

from .wire import Remote, seconds

NS_PER_S = 1_000_000_000


class Retries(Struct, frozen=True, kw_only=True):
    """How often a call is made at most, and the pauses between: doubled, with full jitter."""

    attempts_max: int = 4
    pause_s: float = 0.1
    pause_s_max: float = 2.0

    def jittered(self, made: int, seam: Seam) -> float:
        """How long to wait after `made` attempts."""
        longest = min(self.pause_s * 2.0 ** min(made - 1, 32), self.pause_s_max)
        return longest * int.from_bytes(seam.token_bytes(2), "big") / 0x10000


class AttemptFailed(Exception):
    """One attempt brought `error`. `reached`: the desk may have carried it out all the same.

    `retry_after_s`: when the desk wants to be asked again, if it said so.
    """

    def __init__(
        self, error: DeskError, *, reached: bool, retry_after_s: float | None = None
    ) -> None:
        super().__init__(error.message)
        self.error = error
        self.reached = reached
        self.retry_after_s = retry_after_s


class Attempts:
    """The attempts of one call: one deadline and, for a ONCE call, one key over all of them."""

    def __init__(
        self, remote: Remote, retries: Retries, seam: Seam, timeout_s: float,
        idempotency_key: str | None = None,
    ) -> None:  # fmt: skip
        if idempotency_key is not None and not remote.keyed:
            raise InvalidInput(
                f"the desk keeps no answers of {remote.operation.id}: a key would be in vain",
                where="idempotency_key",
                advice="Leave it out.",
            )
        if not timeout_s > 0:
            raise InvalidInput(f"a deadline of {timeout_s} s is over", where="timeout_s")
        self._remote = remote
        self._retries = retries
        self._seam = seam
        self._deadline_ns = stopwatch_ns() + int(timeout_s * NS_PER_S)
        self._made = 0
        self._renewed = False
        self._perhaps_done = False
        self.key = (idempotency_key or str(seam.uuid7())) if remote.keyed else None
        self.headers = {} if self.key is None else {"Idempotency-Key": self.key}

    @property
    def remaining_s(self) -> float:
        """Until the deadline; never quite nothing, which some libraries take for no limit."""
        return max(self._left_s, 0.001)

    @property
    def _left_s(self) -> float:
        return (self._deadline_ns - stopwatch_ns()) / NS_PER_S

    def may_renew(self, error: DeskError) -> bool:
        """Whether to sign in again: once a call, and only where that can help."""
        if self._renewed or not self._remote.signed or not isinstance(error, Unauthenticated):
            return False
        self._renewed = True
        return True

    def pause_s(self, failed: AttemptFailed) -> float:
        """How long to wait before the next attempt. Raises the call's error if there is none."""
        error, once = failed.error, self._remote.operation.effect is Effect.ONCE
        self._made += 1
        if once and failed.reached:
            self._perhaps_done = True
        again = error.retryable and (not once or self._remote.keyed or not self._perhaps_done)
        if not again or self._made >= self._retries.attempts_max:
            raise self._last(error) from failed
        pause = failed.retry_after_s
        if pause is None:
            pause = self._pause()
        if pause >= self._left_s:
            raise self._last(error) from failed
        return pause

    def _pause(self) -> float:
        return self._retries.jittered(self._made, self._seam)

    def _last(self, error: DeskError) -> DeskError:
        # A final answer settles it; a refusal to answer leaves an earlier attempt open.
        settled = not error.retryable and not isinstance(error, Unauthenticated)
        if not self._perhaps_done or settled:
            return error
        unknown = OutcomeUnknown(
            f"{self._remote.operation.id} may have been carried out: {error.message}",
            detail={"idempotency_key": self.key} if self.key else None,
        )
        unknown.request_id, unknown.trace_id = error.request_id, error.trace_id
        return unknown


def broken(error: Exception, *, reached: bool) -> AttemptFailed:
    """The connection failed before an answer was there."""
    text = str(error) or type(error).__name__
    if not reached:
        return AttemptFailed(
            Unavailable(f"no desk answers: {text}", advice="Start one with `quantdesk up`."),
            reached=False,
        )
    return AttemptFailed(Unavailable(f"the connection broke: {text}"), reached=True)


def answered(error: DeskError, retry_after: str | None = None) -> AttemptFailed:
    """The desk itself answered with an error. 503 leaves open how far it came."""
    # The detail is exact to the millisecond, the header rounded up to a second.
    told = error.retry_after_s if isinstance(error, RateLimited) else seconds(retry_after)
    return AttemptFailed(error, reached=isinstance(error, Unavailable), retry_after_s=told)
