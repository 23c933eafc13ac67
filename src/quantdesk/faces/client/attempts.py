"""When a call may be made again, how long to wait, and what to say when it may not."""

from __future__ import annotations

from msgspec import Struct

from quantdesk.kernel import (
    DeskError,
    Effect,
    OutcomeUnknown,
    RateLimited,
    Seam,
    Unauthenticated,
    Unavailable,
    stopwatch_ns,
)

from .wire import Remote

NS_PER_S = 1_000_000_000


class Retries(Struct, frozen=True, kw_only=True):
    """How often a call is made at most, and the pauses between: doubled, with full jitter."""

    attempts_max: int = 4
    pause_s: float = 0.1
    pause_s_max: float = 2.0


class AttemptFailed(Exception):
    """One attempt brought `error`. `reached`: the desk may have carried it out all the same."""

    def __init__(self, error: DeskError, *, reached: bool) -> None:
        super().__init__(error.message)
        self.error = error
        self.reached = reached


class Attempts:
    """The attempts of one call: one deadline and, for a ONCE call, one key over all of them."""

    def __init__(self, remote: Remote, retries: Retries, seam: Seam, timeout_s: float) -> None:
        self._remote = remote
        self._retries = retries
        self._seam = seam
        self._deadline_ns = stopwatch_ns() + int(timeout_s * NS_PER_S)
        self._made = 0
        self._renewed = False
        self._perhaps_done = False
        self.headers = {"Idempotency-Key": str(seam.uuid7())} if remote.keyed else {}

    @property
    def remaining_s(self) -> float:
        """Until the deadline; never quite nothing, which some libraries take for no limit."""
        return max((self._deadline_ns - stopwatch_ns()) / NS_PER_S, 0.001)

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
        pause = self._pause(error)
        if pause >= self.remaining_s:
            raise self._last(error) from failed
        return pause

    def _pause(self, error: DeskError) -> float:
        if isinstance(error, RateLimited):
            return error.retry_after_s
        retries = self._retries
        longest = min(retries.pause_s * 2.0 ** (self._made - 1), retries.pause_s_max)
        return longest * int.from_bytes(self._seam.token_bytes(2), "big") / 0x10000

    def _last(self, error: DeskError) -> DeskError:
        # A final answer settles it; a refusal to answer leaves an earlier attempt open.
        settled = not error.retryable and not isinstance(error, Unauthenticated)
        if not self._perhaps_done or settled:
            return error
        key = self.headers.get("Idempotency-Key")
        return OutcomeUnknown(
            f"{self._remote.operation.id} may have been carried out: {error.message}",
            detail={"idempotency_key": key} if key else None,
        )


def broken(error: Exception, *, reached: bool) -> AttemptFailed:
    """The connection failed before an answer was there."""
    text = str(error) or type(error).__name__
    if not reached:
        return AttemptFailed(
            Unavailable(f"no desk answers: {text}", advice="Start one with `quantdesk up`."),
            reached=False,
        )
    return AttemptFailed(Unavailable(f"the connection broke: {text}"), reached=True)


def answered(error: DeskError) -> AttemptFailed:
    """The desk itself answered with an error. 503 leaves open how far it came."""
    return AttemptFailed(error, reached=isinstance(error, Unavailable))
