"""Fills as lines of JSON, and their digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine.model import Rows
from quantdesk.kernel import Amount, InvalidInput

LINES_AT_ONCE = 4_096


def fill_lines(fills: Rows, instruments: Sequence[str]) -> Iterator[bytes]:
    """One line a fill, in order: written by hand, because the order of the keys is part of it.
    `fee` below zero is a rebate; `order` counts the orders that filled, from 1."""
    text = Amount.from_units
    orders: dict[int, int] = {}
    names = ("ts", "side", "price", "quantity", "fee", "instrument", "maker", "handle")
    for start in range(0, len(fills), LINES_AT_ONCE):
        some = fills[start : start + LINES_AT_ONCE]
        for ts, side, price, quantity, fee, at, maker, handle in zip(
            *(some[name].tolist() for name in names), strict=True
        ):
            order = orders.setdefault(handle, len(orders) + 1)
            yield (
                f'{{"ts_ns":{ts},"side":"{"buy" if side == m.BUY else "sell"}",'
                f'"price":"{text(price)}","quantity":"{text(quantity)}","fee":"{text(fee)}",'
                f'"instrument":"{instruments[at]}",'
                f'"liquidity":"{"maker" if maker else "taker"}","order":{order}}}\n'
            ).encode()


def digest_of(fills: Rows, instruments: Sequence[str], path: Path | None = None) -> str:
    """The SHA-256 of the lines. They are written to `path`, if given: whole or not at all."""
    digest = hashlib.sha256()
    if path is None:
        for line in fill_lines(fills, instruments):
            digest.update(line)
        return digest.hexdigest()
    partial = path.with_name(f"{path.name}.partial")
    try:
        with partial.open("wb") as file:
            for line in fill_lines(fills, instruments):
                digest.update(line)
                file.write(line)
        partial.replace(path)
    except OSError as error:
        raise InvalidInput(
            f"cannot write the fills: {error.strerror}", where=str(path),
            advice="Name a file in a folder that this user can write.",
        ) from None  # fmt: skip
    return digest.hexdigest()
