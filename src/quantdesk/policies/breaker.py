"""Protect: stop calling what keeps failing, and probe it after a pause."""

from __future__ import annotations

from quantdesk.kernel import (
    Call,
    CircuitOpen,
    DeskError,
    Handler,
    Internal,
    Operation,
    OutcomeUnknown,
    Policy,
    Seam,
    Setting,
    Stage,
    Unavailable,
)

_FAULTS = (Unavailable, Internal, OutcomeUnknown)


class Breaker(Setting, frozen=True):
    """Open after `failures_max` faults in a row; let one probe pass after `cool_down_s`."""

    failures_max: int = 10
    cool_down_s: float = 5.0


class _State:
    __slots__ = ("failures", "name", "opened_ns", "probing")

    def __init__(self, name: str) -> None:
        self.name = name
        self.failures = 0
        self.opened_ns: int | None = None
        self.probing = False


class CircuitBreaking(Policy):
    """Counts faults (`Unavailable`, `Internal`, `OutcomeUnknown`, defects), not refusals."""

    stage = Stage.PROTECT

    def __init__(self, seam: Seam, default: Breaker | None = None) -> None:
        self._now_ns = seam.clock.now_ns
        self._default = default or Breaker()
        self._states: dict[str, _State] = {}

    @property
    def states(self) -> dict[str, bool]:
        """Whether calls are held back now, by operation."""
        return {name: state.opened_ns is not None for name, state in self._states.items()}

    @property
    def open_count(self) -> int:
        """Breakers that hold calls back now."""
        return sum(state.opened_ns is not None for state in self._states.values())

    def wrap(self, operation: Operation, proceed: Handler) -> Handler:
        setting = operation.setting(Breaker) or self._default
        cool_down_ns = int(setting.cool_down_s * 1e9)
        state = self._states.setdefault(operation.id, _State(operation.id))
        now_ns, name = self._now_ns, operation.id

        async def protect(call: Call) -> object:
            probe = state.opened_ns is not None
            if state.opened_ns is not None:
                if state.probing or now_ns() - state.opened_ns < cool_down_ns:
                    raise CircuitOpen(f"{name} failed {state.failures} times in a row")
                state.probing = True
            try:
                reply = await proceed(call)
            except DeskError as error:
                if isinstance(error, _FAULTS):
                    self._fault(state, setting)
                else:
                    self._healed(state)
                raise
            except Exception:
                self._fault(state, setting)
                raise
            finally:
                if probe:  # calls from before the opening may still come back
                    state.probing = False
            if state.failures:
                self._healed(state)
            return reply

        return protect

    def _fault(self, state: _State, setting: Breaker) -> None:
        state.failures += 1
        if state.failures >= setting.failures_max:
            if state.opened_ns is None:
                _tell("calls are held back", state)
            state.opened_ns = self._now_ns()

    @staticmethod
    def _healed(state: _State) -> None:
        if state.opened_ns is not None:
            _tell("calls pass again", state)
        state.failures = 0
        state.opened_ns = None


def _tell(what: str, state: _State) -> None:
    import structlog  # at the first fault: clients bring these modules along, and not the log

    log = structlog.get_logger("quantdesk.breaker")
    log.warning(what, operation=state.name, failures=state.failures)
