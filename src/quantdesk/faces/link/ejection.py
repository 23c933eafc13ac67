"""Whether an instance is to be trusted with calls, from how its last ones went.

Two signs: `failures_max` faults in a row, or half of at least `window_calls_min` calls within
`window_s`. Each ejection doubles the next one's length up to `eject_s_max`; a minute without one
starts over. Never more than half of the instances are out at once (`Pool` sees to that).
"""

from __future__ import annotations

from msgspec import Struct


class Ejecting(Struct, frozen=True, kw_only=True):
    failures_max: int = 5
    window_s: float = 10.0
    window_calls_min: int = 20
    error_rate_max: float = 0.5
    eject_s_min: float = 1.0
    eject_s_max: float = 30.0
    forgive_s: float = 60.0


class Record:
    """What one instance did. Times are the event loop's."""

    def __init__(self, rules: Ejecting) -> None:
        self._rules = rules
        self._in_a_row = 0
        self._began = 0.0
        self._calls = 0
        self._faults = 0
        self._ejections = 0
        self.out_until = 0.0

    def out(self, now: float) -> bool:
        return now < self.out_until

    def good(self, now: float) -> None:
        """A call that was answered, be it with a refusal."""
        self._in_a_row = 0
        if now - self._began > self._rules.window_s:
            self._began, self._calls, self._faults = now, 0, 0
        self._calls += 1

    def fault(self, now: float) -> bool:
        """A call that was not answered, or with a fault. True if the instance should be out."""
        rules = self._rules
        if now - self._began > rules.window_s:
            self._began, self._calls, self._faults = now, 0, 0
        self._in_a_row += 1
        self._calls += 1
        self._faults += 1
        if self._in_a_row >= rules.failures_max:
            return True
        return (
            self._calls >= rules.window_calls_min
            and self._faults >= rules.error_rate_max * self._calls
        )

    def eject(self, now: float) -> float:
        """Put it out. Returns for how long."""
        rules = self._rules
        if now - self.out_until > rules.forgive_s:
            self._ejections = 0
        length = min(rules.eject_s_max, rules.eject_s_min * 2.0**self._ejections)
        self._ejections = min(self._ejections + 1, 32)
        self.out_until = now + length
        self._in_a_row = self._calls = self._faults = 0
        return length
