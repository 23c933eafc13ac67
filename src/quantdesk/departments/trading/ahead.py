"""Compile the kernels before they are needed: at a desk's first start on a machine, in a process of
its own and with a low priority, so that neither the desk nor a person's first order waits for it.

`python -m quantdesk.departments.trading.ahead` compiles what the disk has not kept. A note in the
engine's cache folder then tells of which sources that is true.
"""

from __future__ import annotations

import asyncio
import os
import sys

COMPILING_S_MAX = 900.0
_NOTE = "compiled"
_NICE = 10


def is_compiled() -> bool:
    """Whether nothing is left to compile. False, too, where nothing can be kept."""
    from .engine import jit  # the compiler takes most of a second to load

    folder = jit.cache_folder()
    note = None if folder is None else folder / _NOTE
    return note is not None and note.is_file() and note.read_text("ascii") == jit.digests()


async def compile_elsewhere(*, seconds_max: float = COMPILING_S_MAX) -> bool:
    """Have a process of its own compile what is missing; whether all is compiled after it. Where it
    is not, functions are compiled at their first use, as ever."""
    from .engine import jit

    if is_compiled() or jit.cache_folder() is None:
        return is_compiled()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await asyncio.wait_for(process.wait(), seconds_max)
    except TimeoutError:
        return False
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return is_compiled()


def compile_engine() -> None:
    """Call every function of the engine that Python calls, once."""
    import numpy as np

    from .engine import model as m
    from .engine import states
    from .engine._exact import fee_of, fits, mul_units, share
    from .engine.engine import Engine, Ticket
    from .engine.modes import run_batch
    from .engine.setup import Market, Setup

    mul_units(1, 1), share(1, 1, 2), fits(1, 1), fee_of(1, 1, 0, 1)
    bounds = m.Bounds(
        orders_max=16, levels_max=16, resting_max=16, requests_max=16, market_orders_max=16
    )
    one = Engine(Setup(markets=(Market(name="A-B", tick=1, lot=1),), bounds=bounds))
    event = np.zeros(1, m.EVENT)
    event["price"], event["price2"], event["size"], event["size2"] = 9, 10, 5, 5
    resting = Ticket(side=m.BUY, quantity=1, type=m.LIMIT, price=9)
    one.restore(resting, state=states.ACCEPTED)
    one.restore_position(0, 1)
    one.feed(event)
    one.absorb(event)
    one.check(resting)
    one.preview(resting)
    handle = one.submit(resting)
    one.settle()
    one.amend(handle, quantity=2)
    one.cancel(handle)
    one.cancel_all()
    one.settle()
    one.book(0, m.BUY)
    one.terms(one.submit(resting))
    run_batch(one, event, lambda _view: np.zeros(0, m.ACTION))
    one.take()


def compile_gate() -> None:
    """Call every function of the gate that Python calls, once."""
    import numpy as np

    from quantdesk.kernel import INSTRUMENTS

    from .gate import Asked, Gate
    from .gate import model as m

    gate = Gate([next(iter(INSTRUMENTS.values()))], account_limits={}, desk_limits={})
    account = gate.row("account", "a")
    gate.mark(0, 1)
    gate.on_margin(account, collateral=1)
    gate.fill(account, m.NO_STRATEGY, 0, 1, -1)
    gate.count("1", account=account, strategy=m.NO_STRATEGY, place=0, sign=1, size=1)
    gate.set_scenarios(np.zeros((1, 100)), minimum=100, confidence_bps=9_900)
    asked = Asked(
        account=account, strategy=m.NO_STRATEGY, place=0, sign=1, quantity=1, price=1, notional=1,
        required=1, available=1, executes_at=1, reference=1, age_ms=1, oracle=1, oracle_bps=1,
        now_ns=1, said=0,
    )  # fmt: skip
    gate.verdicts(asked)
    gate.decide_tails(asked)


def main() -> None:
    """Compile everything, and note it."""
    from .engine import jit
    from .planner import compile_ahead

    os.nice(_NICE)
    compile_engine()
    compile_gate()
    compile_ahead()
    folder = jit.cache_folder()
    if folder is not None:
        (folder / _NOTE).write_text(jit.digests(), "ascii")


if __name__ == "__main__":
    main()
