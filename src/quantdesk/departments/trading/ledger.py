"""Double entry in int64 units of 1e-8: over each posting, every asset sums to zero.

Accounts: `user/<account>`, the counterparties `venue/<name>`, `fees/desk`, and `equity/funding`,
where paper funds come from. Only a user's balance may not go below zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from quantdesk.kernel import CorruptData, Internal
from quantdesk.kernel.money import UNITS_MAX

USER = "user/"
VENUE = "venue/paper"
FEES = "fees/desk"
FUNDING = "equity/funding"


class Leg(Struct, frozen=True):
    """One account's part of a posting."""

    account: str
    asset: str
    amount: int
    reason: str


def funding_legs(user: str, funds: Mapping[str, int]) -> list[Leg]:
    """Paper funds into an account."""
    legs = []
    for asset in sorted(funds):
        if funds[asset]:
            legs.append(Leg(USER + user, asset, funds[asset], "funding"))
            legs.append(Leg(FUNDING, asset, -funds[asset], "funding"))
    return legs


def fill_legs(
    *, user: str, base: str, quote: str, sign: int, quantity: int, notional: int, fee: int
) -> list[Leg]:
    """Base against quote with the venue, and the fee to the desk. `sign`: 1 bought, -1 sold."""
    account = USER + user
    legs = [
        Leg(account, base, sign * quantity, "trade"),
        Leg(VENUE, base, -sign * quantity, "trade"),
        Leg(account, quote, -sign * notional, "trade"),
        Leg(VENUE, quote, sign * notional, "trade"),
    ]
    if fee:
        legs.append(Leg(account, quote, -fee, "fee"))
        legs.append(Leg(FEES, quote, fee, "fee"))
    return legs


def venue_legs(
    *, user: str, venue: str, moved: Mapping[str, int], fee_asset: str, fee: int, user_pays: bool
) -> list[Leg]:
    """A fill at a venue outside: what `moved` for the user, against the venue; and the venue's fee
    (below 0: a rebate), which the desk pays where the user cannot."""
    account, place = USER + user, f"venue/{venue}"
    legs = []
    for asset, amount in moved.items():
        legs.append(Leg(account, asset, amount, "trade"))
        legs.append(Leg(place, asset, -amount, "trade"))
    if fee:
        legs.append(Leg(account if user_pays else FEES, fee_asset, -fee, "fee"))
        legs.append(Leg(place, fee_asset, fee, "fee"))
    return legs


class Ledger:
    """Balances, kept with each posting. A posting that does not hold is refused as a whole."""

    def __init__(self) -> None:
        self._balances: dict[str, dict[str, int]] = {}
        self._totals: dict[str, int] = {}
        self.entries = 0

    @property
    def balanced(self) -> bool:
        """Every asset sums to zero over the whole ledger."""
        return not any(self._totals.values())

    def balance(self, account: str, asset: str) -> int:
        return self._balances.get(account, {}).get(asset, 0)

    def balances(self, account: str) -> Mapping[str, int]:
        """Asset → units, for one ledger account."""
        return self._balances.get(account, {})

    def everything(self) -> dict[str, dict[str, int]]:
        """All balances that are not zero, in order of account and asset."""
        return {
            account: {asset: amount for asset, amount in sorted(own.items()) if amount}
            for account, own in sorted(self._balances.items())
        }

    def post(self, legs: Sequence[Leg]) -> int:
        """Enter the legs of one posting. Returns the id of its first entry; ids are dense.

        Raises `Internal`, and changes nothing, if the posting does not sum to zero, would
        overdraw a user or leaves int64.
        """
        self._check(legs)
        first = self.entries + 1
        for leg in legs:
            self._enter(leg.account, leg.asset, leg.amount)
        self.entries += len(legs)
        return first

    def restore(self, sums: Sequence[tuple[str, str, int]], entries: int) -> None:
        """Take (account, asset, sum) as the database added them up. Raises `CorruptData`."""
        for account, asset, amount in sums:
            self._enter(account, asset, amount)
        self.entries = entries
        if not self.balanced:
            off = {asset: total for asset, total in sorted(self._totals.items()) if total}
            raise CorruptData(f"the ledger does not balance: {off}", where="trading_ledger")

    def _enter(self, account: str, asset: str, amount: int) -> None:
        own = self._balances.setdefault(account, {})
        own[asset] = own.get(asset, 0) + amount
        self._totals[asset] = self._totals.get(asset, 0) + amount

    def _check(self, legs: Sequence[Leg]) -> None:
        sums: dict[str, int] = {}
        after: dict[tuple[str, str], int] = {}
        for leg in legs:
            sums[leg.asset] = sums.get(leg.asset, 0) + leg.amount
            key = (leg.account, leg.asset)
            held = after.get(key)
            after[key] = (self.balance(*key) if held is None else held) + leg.amount
        if any(sums.values()):
            raise Internal(f"a posting must sum to zero per asset, got {sums}")
        for (account, asset), amount in after.items():
            if not account.startswith(USER):
                continue  # the desk's own accounts are sums over all users, of any size
            if amount > UNITS_MAX:
                raise Internal(f"{account} would leave int64 in {asset}")
            if amount < 0:
                raise Internal(f"{account} would be overdrawn in {asset} by {-amount}")
