"""Back-off: guessing one user's password gets slower with each failure."""

from __future__ import annotations

from quantdesk.kernel import RateLimited, Seam

FREE_FAILURES = 5
PAUSE_S_MAX = 300
FORGET_S = 900
NAMES_MAX = 10_000
_NS = 1_000_000_000


class BackOff:
    """Failed sign-ins per user name, known or not, so that it tells nobody who exists.

    After `FREE_FAILURES` the next attempt waits 1 s, then 2, 4, … up to `PAUSE_S_MAX`; a quiet
    `FORGET_S` forgets them. Beyond `names_max` the name that has been quiet longest leaves.
    """

    def __init__(self, seam: Seam, *, names_max: int = NAMES_MAX) -> None:
        self._now_ns = seam.now_ns
        self._names_max = names_max
        self._failures: dict[str, tuple[int, int, int]] = {}

    @property
    def names(self) -> int:
        return len(self._failures)

    def attempt(self, name: str) -> None:
        """Count an attempt as failed until `succeeded` says otherwise, so that guesses sent
        together count as if sent one by one. Raises `RateLimited` while the name is held back."""
        now = self._now_ns()
        failures, last, until = self._failures.get(name, (0, now, now))
        if now < until:
            raise RateLimited(
                "too many failed attempts for this user",
                retry_after_s=(until - now) / _NS,
                limit=f"{FREE_FAILURES} failures",
            )
        failures = 1 if now - last > FORGET_S * _NS else failures + 1
        # The exponent is bounded too: nobody needs 2 ** 10,000 to find out that it exceeds 300.
        over = min(failures - FREE_FAILURES, 16)
        pause_s = min(2**over, PAUSE_S_MAX) if over >= 0 else 0
        if self._failures.pop(name, None) is None and len(self._failures) >= self._names_max:
            del self._failures[next(iter(self._failures))]
        self._failures[name] = (failures, now, now + pause_s * _NS)

    def succeeded(self, name: str) -> None:
        """The password was right: the past is forgotten."""
        self._failures.pop(name, None)
