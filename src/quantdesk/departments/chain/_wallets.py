"""The desk's own keys: fee payer, venue, mints, and a wallet for each trading account.

Their seeds come from the seam and lie in the database as they are: paper funds on a chain that
only this process has. The isolated signer with encrypted keys belongs to a later issue, and real
funds with it. No operation returns a seed, and nothing here is logged.
"""

from __future__ import annotations

from solders.keypair import Keypair
from solders.pubkey import Pubkey

from quantdesk.kernel import InvalidInput, NotFound, Refused, Seam

SEED_BYTES = 32
TREASURY = "treasury"
VENUE = "venue"
WALLETS_MAX = 10_000


def mint_name(asset: str) -> str:
    return f"mint:{asset}"


def account_name(account: str) -> str:
    """Trading accounts have a prefix, so that one called "venue" is not the venue."""
    return f"account:{account}"


def display_name(name: str) -> str:
    """A trading account by its own name, the desk's wallets with an @ before theirs."""
    prefix, _, account = name.partition(":")
    return account if prefix == "account" else f"@{name}"


class Wallets:
    """Keys by name. A key exists here only once its record is durable (`add`)."""

    def __init__(self, *, wallets_max: int = WALLETS_MAX) -> None:
        self._keys: dict[str, Keypair] = {}
        self._names: dict[Pubkey, str] = {}
        self._wallets_max = wallets_max

    def __contains__(self, name: str) -> bool:
        return name in self._keys

    @staticmethod
    def draw(seam: Seam) -> Keypair:
        """A new key. It is not kept."""
        return Keypair.from_seed(seam.token_bytes(SEED_BYTES))

    def check_room(self) -> None:
        """Raises `Refused` when no further key fits."""
        if len(self._keys) >= self._wallets_max:
            raise Refused(
                f"the chain keeps at most {self._wallets_max} keys",
                advice="Open no more accounts on this desk.",
            )

    def add(self, name: str, key: Keypair) -> None:
        self._keys[name] = key
        self._names[key.pubkey()] = name

    def key(self, name: str) -> Keypair:
        return self._keys[name]

    def address(self, name: str) -> Pubkey:
        return self._keys[name].pubkey()

    def of_account(self, account: str) -> Keypair:
        """Raises `NotFound` if the account has no wallet."""
        key = self._keys.get(account_name(account))
        if key is None:
            raise NotFound(
                f"account {account!r} has no wallet", advice="Open the trading account first."
            )
        return key

    def mint(self, asset: str) -> Pubkey:
        """Raises `InvalidInput` for an asset that has no mint here."""
        key = self._keys.get(mint_name(asset))
        if key is None:
            raise InvalidInput(
                f"{asset} has no mint on this chain", advice="Trade an asset that is listed."
            )
        return key.pubkey()

    def asset_of(self, mint: Pubkey) -> str | None:
        """The asset of a mint of the desk's own."""
        prefix, _, asset = (self._names.get(mint) or "").partition(":")
        return asset if prefix == "mint" else None

    def name_of(self, address: Pubkey) -> str | None:
        """What the desk calls a key of its own."""
        return self._names.get(address)
