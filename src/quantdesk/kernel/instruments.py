"""Instruments and assets: what can be quoted, and on which grid."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from .errors import InvalidInput
from .money import UNIT, UNIT_DIGITS

Instrument = Annotated[
    str,
    Meta(
        pattern=r"\A[A-Z0-9]{1,12}(-[A-Z0-9]{1,12}){1,2}\Z",
        max_length=38,
        description='Symbol such as "SOL-USDC", "BTC-USDT" or "BTC-USDT-PERP".',
        examples=["SOL-USDC"],
    ),
]


class Asset(Struct, frozen=True, kw_only=True):
    """A coin. `decimals` is its precision on chain; amounts inside stay in units of 1e-8."""

    name: str
    decimals: int

    @property
    def step(self) -> int:
        """The smallest amount that can move, in units of 1e-8."""
        return int(10 ** max(0, UNIT_DIGITS - self.decimals))


ASSETS: dict[str, Asset] = {
    name: Asset(name=name, decimals=decimals)
    for name, decimals in {
        "USDC": 6, "USDT": 6, "USD": 6, "SOL": 9, "BTC": 8, "ETH": 8, "BTCPERP": 8,
    }.items()
}  # fmt: skip


class InstrumentSpec(Struct, frozen=True, kw_only=True):
    """The grid and the nature of one instrument. `tick` and `lot` are in units of 1e-8.

    `tradable` is False for markets that the desk watches only. A fill moves `base` against
    `quote`; tick × lot is a whole number of quote steps, so a notional is exact.
    """

    instrument: str
    base: str
    quote: str
    tick: int
    lot: int
    kind: Literal["spot", "linear_perpetual", "inverse_perpetual"] = "spot"
    tradable: bool = True

    def __post_init__(self) -> None:
        if self.tradable and (self.tick * self.lot) % (UNIT * ASSETS[self.quote].step):
            raise InvalidInput(
                f"{self.instrument}: tick × lot is not a whole number of {self.quote} steps",
                advice="Choose a coarser tick or lot.",
            )


def _units(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole + part.ljust(UNIT_DIGITS, "0"))


def _spec(symbol: str, tick: str, lot: str, **more: object) -> InstrumentSpec:
    base, quote = symbol.split("-")[:2]
    fields = {"base": base, "quote": quote, **more}
    return InstrumentSpec(instrument=symbol, tick=_units(tick), lot=_units(lot), **fields)  # type: ignore[arg-type]  # `more` are InstrumentSpec's own fields


INSTRUMENTS: dict[str, InstrumentSpec] = {
    spec.instrument: spec
    for spec in (
        _spec("SOL-USDC", "0.01", "0.001"),
        _spec("BTC-USDC", "0.01", "0.0001"),
        _spec("ETH-USDC", "0.01", "0.0001"),
        _spec("BTC-USDT", "0.01", "0.0001"),
        # Fully paid, without leverage or funding until the margin models exist.
        _spec("BTC-USDT-PERP", "0.1", "0.001", base="BTCPERP", kind="linear_perpetual"),
        _spec("BTC-USD-PERP", "0.1", "1", kind="inverse_perpetual", tradable=False),
    )
}


def spec_of(instrument: str) -> InstrumentSpec:
    """The listed spec. Raises `InvalidInput` for an unknown instrument."""
    try:
        return INSTRUMENTS[instrument]
    except KeyError:
        raise InvalidInput(
            f"unknown instrument {instrument!r}",
            where="/instrument",
            advice=f"Use one of {', '.join(sorted(INSTRUMENTS))}.",
        ) from None
