"""From a request to a plan: how much is to be done by when."""

from __future__ import annotations

from quantdesk.departments.trading.schedules import SLICES_MAX, PlanSchedule
from quantdesk.departments.trading.schedules.schedule import plan_schedule
from quantdesk.kernel import Amount, InstrumentSpec, InvalidInput, to_ns
from quantdesk.kernel.money import UNITS_MAX

from .messages import BeginExecution
from .record import Target
from .tape import NS_PER_S, Tape

START_AHEAD_S_MAX = 31 * 86_400
ROUTE_S = 5
"""For how long a planned route may still be taken: the book behind it is then another."""


def start_of(request: BeginExecution, now_ns: int) -> int:
    """When it starts: now, or later. Raises `InvalidInput` for a time long past or far ahead."""
    if request.start_at is None:
        return now_ns
    start_ns = to_ns(request.start_at)
    if start_ns > now_ns + START_AHEAD_S_MAX * NS_PER_S:
        raise InvalidInput("this is too far ahead", where="/start_at")
    if start_ns < now_ns - NS_PER_S * request.duration_s:
        raise InvalidInput("its time would be over already", where="/start_at")
    return max(start_ns, now_ns)


def end_of(request: BeginExecution, start_ns: int) -> int:
    seconds = ROUTE_S if request.algorithm == "route" else request.duration_s
    return start_ns + seconds * NS_PER_S


def check_route(request: BeginExecution) -> None:
    """A route is taken at once. Raises `InvalidInput` for what would put it off."""
    default = BeginExecution(
        execution_id=request.execution_id,
        instrument=request.instrument,
        side=request.side,
        quantity=request.quantity,
        algorithm="route",
        limit_price=request.limit_price,
    )
    for name in request.__struct_fields__:
        if getattr(request, name) != getattr(default, name):
            raise InvalidInput(
                "a route is taken at once", where=f"/{name}", advice="Leave this out."
            )


def targets_of(
    request: BeginExecution, spec: InstrumentSpec, start_ns: int, tape: Tape, now_ns: int
) -> tuple[Target, ...]:
    """Raises `InvalidInput` naming the field that does not hold: the profile too, where it is to be
    measured and the desk has not watched the market for that long."""
    if request.duration_s < request.slices and request.algorithm != "iceberg":
        raise InvalidInput(
            "slices are a second apart at least", where="/slices",
            advice="Use fewer slices or a longer duration.",
        )  # fmt: skip
    if request.algorithm == "route":
        return (Target(start_ns, request.quantity.to_units()),)
    if request.algorithm == "pov":
        step_ns = request.duration_s * NS_PER_S // request.slices
        return tuple(Target(start_ns + k * step_ns, None) for k in range(request.slices))
    if request.algorithm == "iceberg":
        return _displays(request, spec, start_ns)
    asked = PlanSchedule(
        instrument=request.instrument,
        side=request.side,
        quantity=request.quantity,
        style=request.algorithm,
        duration_s=request.duration_s,
        slices=request.slices,
        profile=_profile(request, now_ns, tape),
        model=request.model,
    )
    done, made = 0, []
    for slice_ in plan_schedule(asked, start_ns).slices:
        assert slice_.at is not None, "these styles go by the clock"
        done += slice_.quantity.to_units()
        # Times go through microseconds on their way here: none may come before the start.
        made.append(Target(max(start_ns, to_ns(slice_.at)), done))
    return tuple(made)


def _displays(request: BeginExecution, spec: InstrumentSpec, start_ns: int) -> tuple[Target, ...]:
    if request.display is None:
        raise InvalidInput("an iceberg needs the size that it shows", where="/display")
    shown, quantity = request.display.to_units(), request.quantity.to_units()
    if shown % spec.lot:
        raise InvalidInput("what is shown is a multiple of the lot", where="/display")
    count = -(-quantity // shown)
    if count > SLICES_MAX:
        raise InvalidInput(f"this makes more than {SLICES_MAX} slices", where="/display")
    return tuple(Target(start_ns, min(quantity, (k + 1) * shown)) for k in range(count))


def _profile(request: BeginExecution, now_ns: int, tape: Tape) -> tuple[Amount, ...]:
    if request.algorithm != "vwap" or request.profile:
        return request.profile
    measured = tape.volumes(now_ns, request.duration_s, request.slices)
    if measured is None or not sum(measured):
        raise InvalidInput(
            f"the desk has not seen {request.duration_s} s of trades in {request.instrument} yet",
            where="/profile",
            advice="Give the volumes that you expect, one an interval.",
        )
    assert max(measured) <= UNITS_MAX
    return tuple(Amount.from_units(volume) for volume in measured)
