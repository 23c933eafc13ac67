"""What an execution that has nothing to do costs at each tick: `run()` gives the figure,
`python -m benchmarks.trading.executions` prints it.

300 executions of three kinds (TWAP at the market, TWAP at the touch with a child that rests, POV),
each asked what to do next. Median of repetitions, CPU time of this process.
"""

from __future__ import annotations

import time
from statistics import median
from uuid import UUID

from quantdesk.departments.trading import BeginExecution
from quantdesk.departments.trading.executions.pacing import WAIT, View, decide
from quantdesk.departments.trading.executions.plan import end_of, targets_of
from quantdesk.departments.trading.executions.record import Child, ExecutionRecord
from quantdesk.departments.trading.executions.tape import Tape
from quantdesk.kernel import UNIT, Quantity, department, spec_of

Figure = tuple[str, float, str]
REPETITIONS = 15
EXECUTIONS = 300
START_NS, NOW_NS = 10**18, 10**18 + 10**9
VIEW = View(149_99 * UNIT // 100, 150_01 * UNIT // 100, 0)


def record_of(number: int) -> ExecutionRecord:
    """Running, with nothing to do: the first slice is filled, rests, or waits for volume."""
    kind = number % 3
    request = BeginExecution(
        execution_id=UUID(int=number),
        instrument="SOL-USDC",
        side="buy",
        quantity=Quantity("10"),
        algorithm="pov" if kind == 2 else "twap",
        slice_order="touch" if kind == 1 else "market",
        slices=100,
    )
    spec = spec_of(request.instrument)
    made = ExecutionRecord(
        request=request,
        spec=spec,
        caller=department("benchmark"),
        sequence=number,
        targets=targets_of(request, spec, START_NS, Tape(), START_NS),
        created_ns=START_NS,
        start_ns=START_NS,
        end_ns=end_of(request, START_NS),
        updated_ns=START_NS,
        state="running",
    )
    if kind == 1:
        price = VIEW.bid
        made.add(Child("", 0, 0, "limit", "GTC", made.targets[0].quantity or 0, price, START_NS))
    elif kind == 0:
        made.filled = made.targets[0].quantity or 0
    return made


def run() -> list[Figure]:
    records = [record_of(number) for number in range(EXECUTIONS)]
    assert all(decide(record, NOW_NS, VIEW) is WAIT for record in records)
    spent = []
    for _ in range(REPETITIONS):
        started = time.process_time_ns()
        for record in records:
            decide(record, NOW_NS, VIEW)
        spent.append((time.process_time_ns() - started) / EXECUTIONS / 1_000)
    return [("execution_idle_us", median(spent), "µs an execution and tick")]


if __name__ == "__main__":
    for name, value, unit in run():
        print(f"{name}: {value:.2f} {unit}")
