"""Cutting an order into slices, exactly: whole lots that add up."""

from __future__ import annotations

from collections.abc import Sequence

from quantdesk.kernel import INSTRUMENTS, Amount, InvalidInput
from quantdesk.kernel.seam import to_ns, utc

from .messages import SLICES_MAX, ExecutionSchedule, PlanSchedule, ScheduleSlice
from .optimal import cost_of, holdings, kappa_of

BPS = 10_000
NS_PER_S = 1_000_000_000
START_NS_MAX = 2**63 - 1
SHARE = 1 << 62
"""Shares of an order are integers over this: what is left after an interval is rounded once."""


def plan_schedule(asked: PlanSchedule, now_ns: int) -> ExecutionSchedule:
    """Raises `InvalidInput` naming the field that does not hold."""
    lot = _lot(asked)
    quantity = asked.quantity.to_units()
    if quantity % lot:
        raise InvalidInput(
            f"{asked.quantity} is not a multiple of the lot {Amount.from_units(lot)}",
            where="/quantity",
        )
    lots, kappa = quantity // lot, None
    if asked.style == "iceberg":
        sizes = _iceberg(asked, lots, lot)
    elif asked.style == "pov":
        sizes = _pov(asked, lots, lot)
    elif asked.style == "vwap":
        sizes = _by_weights(lots, _volumes(asked))
    elif asked.style == "twap":
        sizes = _by_weights(lots, [1] * asked.slices)
    else:
        sizes, kappa = _optimal(asked, lots)
    expected, deviation = _cost(asked, [size * lot / 1e8 for size in sizes])
    return ExecutionSchedule(
        style=asked.style,
        instrument=asked.instrument,
        side=asked.side,
        slices=_slices(asked, sizes, lot, now_ns),
        scheduled=Amount.from_units(sum(sizes) * lot),
        unscheduled=Amount.from_units((lots - sum(sizes)) * lot),
        expected_cost=expected,
        cost_deviation=deviation,
        kappa=kappa,
    )


def _lot(asked: PlanSchedule) -> int:
    spec = INSTRUMENTS.get(asked.instrument)
    if asked.lot is None and spec is None:
        raise InvalidInput(f"{asked.instrument} is not listed: say its lot", where="/lot")
    lot = spec.lot if asked.lot is None and spec is not None else 0
    if asked.lot is not None:
        lot = asked.lot.to_units()
    if spec is not None and lot % spec.lot:
        raise InvalidInput(
            f"the lot of {asked.instrument} is {Amount.from_units(spec.lot)}", where="/lot"
        )
    return lot


def _volumes(asked: PlanSchedule) -> list[int]:
    volumes = [volume.to_units() for volume in asked.profile]
    for index, volume in enumerate(volumes):
        if volume < 0:
            raise InvalidInput("a volume is not negative", where=f"/profile/{index}")
    if not sum(volumes):
        raise InvalidInput(
            f"{asked.style} needs the volume expected in each interval", where="/profile"
        )
    return volumes


def _by_weights(lots: int, weights: Sequence[int]) -> list[int]:
    """Lots in proportion to the weights; what was given by then is never a lot off."""
    whole, run, given, sizes = sum(weights), 0, 0, []
    for weight in weights:
        run += weight
        by_now = (2 * lots * run + whole) // (2 * whole)  # rounded to the nearest lot
        sizes.append(by_now - given)
        given = by_now
    return sizes


def _pov(asked: PlanSchedule, lots: int, lot: int) -> list[int]:
    """Never more than the share of a volume, cumulatively; rounded down."""
    run, given, sizes = 0, 0, []
    for volume in _volumes(asked):
        run += volume
        by_now = min(lots, run * asked.participation_bps // (BPS * lot))
        sizes.append(by_now - given)
        given = by_now
    return sizes


def _iceberg(asked: PlanSchedule, lots: int, lot: int) -> list[int]:
    if asked.display is None:
        raise InvalidInput("an iceberg needs the size that it shows", where="/display")
    shown, rest = divmod(asked.display.to_units(), lot)
    if rest:
        raise InvalidInput("what is shown is a multiple of the lot", where="/display")
    full, last = divmod(lots, shown)
    if full + bool(last) > SLICES_MAX:
        raise InvalidInput(f"this makes more than {SLICES_MAX} slices", where="/display")
    return [shown] * full + ([last] if last else [])


def _optimal(asked: PlanSchedule, lots: int) -> tuple[list[int], float]:
    if asked.model is None:
        raise InvalidInput("almgren_chriss needs the market's model", where="/model")
    step = asked.duration_s / asked.slices / asked.model.unit_s
    kappa = kappa_of(asked.model, step)
    held, sizes = lots, []
    for share in holdings(kappa, step, asked.slices)[1:]:
        left = (2 * lots * int(share * SHARE) + SHARE) // (2 * SHARE)
        sizes.append(held - left)
        held = left
    return sizes, kappa


def _cost(asked: PlanSchedule, sizes: Sequence[float]) -> tuple[float | None, float | None]:
    if asked.model is None or asked.style == "iceberg":
        return None, None
    return cost_of(asked.model, sizes, asked.duration_s / len(sizes) / asked.model.unit_s)


def _slices(
    asked: PlanSchedule, sizes: Sequence[int], lot: int, now_ns: int
) -> tuple[ScheduleSlice, ...]:
    start_ns = now_ns if asked.start_at is None else to_ns(asked.start_at)
    if not 0 <= start_ns <= START_NS_MAX:
        raise InvalidInput("this is not a time to start at", where="/start_at")
    step_ns = asked.duration_s * NS_PER_S // len(sizes)
    left, made = sum(sizes), []
    for index, size in enumerate(sizes):
        left -= size
        if size:
            made.append(
                ScheduleSlice(
                    at=None if asked.style == "iceberg" else utc(start_ns + index * step_ns),
                    quantity=Amount.from_units(size * lot),
                    remaining=Amount.from_units(left * lot),
                )
            )
    return tuple(made)
