"""Which limits hold for whom, as the kernel reads them.

The configuration's limits are those of every account. What is set by operation for an account or
a strategy can only be tighter. The desk's own limits are on the desk as a whole: without any set,
it has as many open orders as the venue takes, and is else the sum of its accounts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from quantdesk.departments.trading.config import RiskLimits
from quantdesk.departments.trading.limit_messages import ScopeLimits
from quantdesk.departments.trading.order_messages import OPEN_ORDERS_MAX
from quantdesk.kernel import Amount, InvalidInput

from . import model as m

MESSAGES_COUNTED_MAX: Final = 10_000
"""Messages a second that are counted; a higher limit is none."""
STRATEGIES_MAX: Final = 1_000
DESK_LIMITS: Final = {"open_orders_max": OPEN_ORDERS_MAX}
_ORDER = frozenset(m.LIMITS[:8])
"""Limits of the order itself, which mean the same in every scope."""


def _numbers(limits: Struct) -> dict[str, int]:
    """The limits that are set."""
    found = {}
    for name in m.LIMITS:
        value = getattr(limits, name)
        if value is not None:
            found[name] = value.to_units() if isinstance(value, Amount) else int(value)
    if found.get("orders_per_s_max", 0) > MESSAGES_COUNTED_MAX:
        del found["orders_per_s_max"]
    return found


def account_limits(limits: RiskLimits) -> dict[str, int]:
    """Every account's, as configured."""
    return _numbers(limits)


def scope_limits(kind: str, own: ScopeLimits, configured: RiskLimits) -> dict[str, int]:
    """The limits of one scope, with its own. Raises `InvalidInput` for one that is looser than
    what holds anyway, because it would look as if it held."""
    ceilings = account_limits(configured)
    base = {"desk": DESK_LIMITS, "account": ceilings, "strategy": {}}[kind]
    numbers = _numbers(own)
    for name, number in numbers.items():
        ceiling = base.get(name)
        if kind != "account" and (kind == "strategy" or name in _ORDER):
            ceiling = ceilings.get(name)
        if ceiling is None:
            continue
        looser = number < ceiling if name.endswith("_min") else number > ceiling
        if looser:
            raise InvalidInput(
                f"{getattr(own, name)} is looser than {getattr(configured, name, ceiling)}, which"
                " holds for everyone",
                where=f"/limits/{name}",
                advice="Limits of a scope only tighten; the configuration sets what holds at most.",
            )
    return {**m.NO_LIMITS, **base, **numbers}


def barred(own: ScopeLimits, known: Iterable[str]) -> list[str]:
    """What a scope may not trade: what is restricted, and what is not on its list."""
    return [
        name
        for name in known
        if name in own.restricted or (own.instruments is not None and name not in own.instruments)
    ]
