"""What each kind of transaction is to do: mints, a new account's paper funds, a settlement."""

from __future__ import annotations

from solders.keypair import Keypair
from solders.pubkey import Pubkey

from quantdesk.kernel import InvalidInput, spec_of

from . import Settle
from ._tokens import (
    MINTED,
    create_mint,
    create_token_account,
    mint_to,
    raw_amount,
    token_address,
    transfer,
)
from ._transactions import SETTLE_UNITS_MAX, SETUP_UNITS_MAX, Leg, Plan
from ._wallets import TREASURY, VENUE, Wallets, account_name

VENUE_INVENTORY_UNITS = 10**9 * 10**8
"""What the paper venue owns of each asset at genesis: a thousand million whole ones."""


def mint_plan(wallets: Wallets, mint: Keypair, asset: str, rent_lamports: int) -> Plan:
    """Create a mint, the desk's own token accounts for it, and the paper venue's inventory."""
    treasury, venue = wallets.key(TREASURY), wallets.address(VENUE)
    payer, address = treasury.pubkey(), mint.pubkey()
    raw = raw_amount(asset, VENUE_INVENTORY_UNITS)
    return Plan(
        purpose="genesis",
        instructions=[
            *create_mint(payer, address, asset, rent_lamports),
            create_token_account(payer, payer, address),
            create_token_account(payer, venue, address),
            mint_to(payer, venue, address, asset, raw),
        ],
        signers=[treasury, mint],
        legs=[Leg(asset, "", VENUE, raw)],
        memo=f"quantdesk genesis {asset}",
        compute_units_max=SETUP_UNITS_MAX,
    )


def funding_plan(wallets: Wallets, account: str, owner: Pubkey, funding: dict[str, int]) -> Plan:
    """Token accounts for every asset and paper funds. Raises `InvalidInput` for bad amounts."""
    unknown = sorted(set(funding) - set(MINTED))
    if unknown:
        raise InvalidInput(f"no such asset here: {', '.join(unknown)}", where="/funding")
    negative = sorted(asset for asset, units in funding.items() if units < 0)
    if negative:
        raise InvalidInput(f"funding below zero: {', '.join(negative)}", where="/funding")
    treasury = wallets.key(TREASURY)
    payer = treasury.pubkey()
    raws = {asset: raw_amount(asset, funding.get(asset, 0)) for asset in MINTED}
    funded = [asset for asset in MINTED if raws[asset]]
    return Plan(
        purpose="fund account",
        instructions=[
            *(create_token_account(payer, owner, wallets.mint(asset)) for asset in MINTED),
            *(mint_to(payer, owner, wallets.mint(asset), asset, raws[asset]) for asset in funded),
        ],
        signers=[treasury],
        legs=[Leg(asset, "", account_name(account), raws[asset]) for asset in funded],
        memo=f"quantdesk fund {account}",
        compute_units_max=SETUP_UNITS_MAX,
    )


def settle_plan(wallets: Wallets, request: Settle) -> Plan:
    """Both legs and the fee. Raises `InvalidInput` for an amount that cannot move exactly and
    `NotFound` for an account without a wallet."""
    spec = spec_of(request.instrument)
    if not spec.tradable:
        raise InvalidInput(f"{spec.instrument} is watched, not traded", where="/instrument")
    for name, units, least in (
        ("base", request.base, 1), ("quote", request.quote, 1),
        ("fee", request.fee, 0), ("price", request.price, 1),
    ):  # fmt: skip
        if units < least:
            raise InvalidInput(f"{name} is {units}", where=f"/{name}", advice="Send units of 1e-8.")
    treasury, venue = wallets.key(TREASURY), wallets.key(VENUE)
    owner = wallets.of_account(request.account)
    named = {TREASURY: treasury, VENUE: venue, account_name(request.account): owner}
    account = account_name(request.account)
    gives, takes = (VENUE, account) if request.side == "buy" else (account, VENUE)
    legs = [
        Leg(spec.base, gives, takes, raw_amount(spec.base, request.base)),
        Leg(spec.quote, takes, gives, raw_amount(spec.quote, request.quote)),
    ]
    if request.fee:
        legs.append(Leg(spec.quote, account, TREASURY, raw_amount(spec.quote, request.fee)))
    return Plan(
        purpose="settlement",
        instructions=[
            transfer(
                named[leg.source].pubkey(), named[leg.target].pubkey(),
                wallets.mint(leg.asset), leg.asset, leg.raw,
            )
            for leg in legs
        ],
        signers=[treasury, venue, owner],
        legs=legs,
        memo=f"quantdesk settle {request.settlement_id} order {request.order_id}",
        compute_units_max=SETTLE_UNITS_MAX,
        settlement_id=request.settlement_id,
        order_id=request.order_id,
    )  # fmt: skip


def token_accounts(wallets: Wallets, owner: Pubkey) -> dict[str, Pubkey]:
    """Asset → the owner's token account."""
    return {asset: token_address(owner, wallets.mint(asset)) for asset in MINTED}
