"""What a venue takes and gives, in exact integers of 1e-8.

Every rounding is to the disadvantage of who trades: what is paid is rounded up, what is received
is rounded down, so no pool's invariant ever falls and nothing is overspent.
"""

from __future__ import annotations

from math import isqrt
from typing import NamedTuple

from quantdesk.kernel.money import UNIT

PPM = 1_000_000
ROOT_BITS = 64
"""Square roots of prices are integers scaled by 2**64, as pools on chains keep them."""
ROOT = 1 << ROOT_BITS


class Traded(NamedTuple):
    """`quote` is paid (buy) or received (sell), fee included; `fee` in quote, or in base where a
    pool takes it from the base that goes in."""

    quote: int
    fee: int
    fee_in_base: bool = False


def up(numerator: int, denominator: int) -> int:
    """The quotient, rounded up."""
    return -(-numerator // denominator)


def book(sign: int, levels: list[tuple[int, int]], fee_ppm: int, quantity: int) -> Traded:
    """Taking `quantity` from (price, size) levels, best first."""
    product, left = 0, quantity
    for price, size in levels:
        take = min(left, size)
        product += price * take
        left -= take
        if not left:
            break
    if sign > 0:
        gross = up(product, UNIT)
        fee = up(product * fee_ppm, UNIT * PPM)
        return Traded(gross + fee, fee)
    gross = product // UNIT
    fee = min(gross, up(product * fee_ppm, UNIT * PPM))
    return Traded(gross - fee, fee)


def pool(sign: int, base: int, quote: int, fee_ppm: int, quantity: int) -> Traded:
    """A constant-product pool with these reserves; `quantity` is below `base` for a buy."""
    if sign > 0:
        net = up(quote * quantity, base - quantity)
        return _with_fee(net, fee_ppm)
    net = quantity * (PPM - fee_ppm) // PPM
    return Traded(quote * net // (base + net), quantity - net, fee_in_base=True)


def root_of(price: int) -> int:
    """√price of a price in units, scaled by 2**64, rounded down."""
    return isqrt((price << (2 * ROOT_BITS)) // UNIT)


def stretch_base(liquidity: int, low: int, high: int) -> int:
    """The base between two roots, rounded down."""
    return liquidity * (high - low) * ROOT // (low * high)


def ranges(sign: int, stretches: list[tuple[int, int, int]], fee_ppm: int, quantity: int) -> Traded:
    """A concentrated pool: (liquidity, root where it starts, root where it ends), in the order
    in which the price passes through them."""
    left = quantity if sign > 0 else quantity * (PPM - fee_ppm) // PPM
    fee_base, moved = quantity - left, 0
    for liquidity, start, end in stretches:
        low, high = min(start, end), max(start, end)
        room = stretch_base(liquidity, low, high)
        if left > room:
            stop, left = end, left - room
        else:
            stop, left = up(liquidity * ROOT * start, liquidity * ROOT - sign * left * start), 0
        product = liquidity * abs(stop - start)
        moved += up(product, ROOT) if sign > 0 else product // ROOT
        if not left:
            break
    return _with_fee(moved, fee_ppm) if sign > 0 else Traded(moved, fee_base, fee_in_base=True)


def _with_fee(net: int, fee_ppm: int) -> Traded:
    gross = up(net * PPM, PPM - fee_ppm)
    return Traded(gross, gross - net)
