"""An account's positions, balances and equity, marked at the last mid."""

from __future__ import annotations

from quantdesk.kernel import INSTRUMENTS, Amount, mul_units

from . import Position, Positions
from .core import Core
from .ledger import USER
from .positions import Holding

EQUITY_ASSET = "USDC"
AT_PAR = ("USDC", "USDT", "USD")


def positions_of(core: Core, account: str) -> Positions:
    """Equity is USDC, USDT and USD at par, plus every other asset at the mid of the first listed
    instrument that has it as base and has been quoted. An asset without any quote yet counts
    nothing: its worth is not known."""
    balances = core.ledger.balances(USER + account)
    known = core.accounts.get(account)
    return Positions(
        account=account,
        positions=[] if known is None else [
            _position(instrument, core.books[instrument].mid, known.holdings[instrument])
            for instrument in sorted(known.holdings)
        ],
        balances={asset: Amount.from_units(balances[asset]) for asset in sorted(balances)},
        held={} if known is None else {
            asset: Amount.from_units(held) for asset, held in sorted(known.held.items()) if held
        },
        equity=Amount.from_units(
            sum(_worth(core, asset, amount) for asset, amount in sorted(balances.items()))
        ),
        equity_asset=EQUITY_ASSET,
    )  # fmt: skip


def _position(instrument: str, mid: int, holding: Holding) -> Position:
    average, units = holding.average_price, Amount.from_units
    return Position(
        instrument=instrument,
        quantity=units(holding.quantity),
        average_price=None if average is None else units(average),
        mark_price=units(mid) if mid else None,
        realized_pnl=units(holding.realized),
        unrealized_pnl=units(holding.unrealized(mid)) if mid else None,
        fees=units(holding.fees),
    )


def _worth(core: Core, asset: str, amount: int) -> int:
    if asset in AT_PAR:
        return amount
    for spec in INSTRUMENTS.values():
        if spec.tradable and spec.base == asset and core.books[spec.instrument].mid:
            return mul_units(core.books[spec.instrument].mid, amount)
    return 0
