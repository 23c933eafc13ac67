"""SPL tokens: the desk's mints, exact amounts, and the few instructions that it needs.

Amounts are units of 1e-8 inside the desk and whole token steps (10^-decimals) on chain.
"""

from __future__ import annotations

import struct

from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM
from solders.system_program import CreateAccountParams, create_account
from solders.token import ID as TOKEN_PROGRAM
from solders.token.associated import get_associated_token_address
from solders.token.state import Mint, TokenAccount

from quantdesk.kernel import ASSETS, INSTRUMENTS, InvalidInput
from quantdesk.kernel.money import UNIT

ASSOCIATED_TOKEN_PROGRAM = Pubkey.from_string("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")
MINT_BYTES = 82
TOKEN_ACCOUNT_BYTES = 165
U64_MAX = 2**64 - 1
_MINT_TO_CHECKED, _TRANSFER_CHECKED, _INITIALIZE_MINT_2 = 14, 12, 20
_CREATE_IDEMPOTENT = b"\x01"

STEPS: dict[str, int] = {name: int(10**asset.decimals) for name, asset in ASSETS.items()}
"""Steps of the mint in one whole."""

MINTED: tuple[str, ...] = tuple(
    name
    for name in ASSETS
    if any(name in (spec.base, spec.quote) for spec in INSTRUMENTS.values() if spec.tradable)
)
"""The assets that a trade can move, each with a mint of this chain's own."""


def raw_amount(asset: str, units: int) -> int:
    """`units` of 1e-8 in the mint's own steps, exactly. Raises `InvalidInput` if it has none."""
    raw: int = units * STEPS[asset] // UNIT
    if raw * UNIT != units * STEPS[asset]:
        raise InvalidInput(
            f"{units} units of 1e-8 are finer than {asset} is on chain",
            advice=f"Round to {ASSETS[asset].decimals} decimals.",
        )
    if not 0 <= raw <= U64_MAX:
        raise InvalidInput(f"{units} units of {asset} are out of range")
    return raw


def unit_amount(asset: str, raw: int) -> int:
    """Mint steps in units of 1e-8; what is finer (SOL's ninth decimal) is cut off."""
    units: int = raw * UNIT // STEPS[asset]
    return units


def token_address(owner: Pubkey, mint: Pubkey) -> Pubkey:
    """The associated token account of `owner`."""
    return get_associated_token_address(owner, mint)


def create_mint(payer: Pubkey, mint: Pubkey, asset: str, lamports: int) -> list[Instruction]:
    """Create a mint whose authority is `payer`, without a freeze authority."""
    return [
        create_account(
            CreateAccountParams(
                from_pubkey=payer, to_pubkey=mint, lamports=lamports, space=MINT_BYTES,
                owner=TOKEN_PROGRAM,
            )
        ),
        Instruction(
            TOKEN_PROGRAM,
            bytes([_INITIALIZE_MINT_2, ASSETS[asset].decimals]) + bytes(payer) + b"\x00",
            [AccountMeta(mint, is_signer=False, is_writable=True)],
        ),
    ]  # fmt: skip


def create_token_account(payer: Pubkey, owner: Pubkey, mint: Pubkey) -> Instruction:
    """Create `owner`'s associated token account unless it exists."""
    return Instruction(
        ASSOCIATED_TOKEN_PROGRAM,
        _CREATE_IDEMPOTENT,
        [
            AccountMeta(payer, is_signer=True, is_writable=True),
            AccountMeta(token_address(owner, mint), is_signer=False, is_writable=True),
            AccountMeta(owner, is_signer=False, is_writable=False),
            AccountMeta(mint, is_signer=False, is_writable=False),
            AccountMeta(SYSTEM_PROGRAM, is_signer=False, is_writable=False),
            AccountMeta(TOKEN_PROGRAM, is_signer=False, is_writable=False),
        ],
    )


def mint_to(authority: Pubkey, owner: Pubkey, mint: Pubkey, asset: str, raw: int) -> Instruction:
    return Instruction(
        TOKEN_PROGRAM,
        struct.pack("<BQB", _MINT_TO_CHECKED, raw, ASSETS[asset].decimals),
        [
            AccountMeta(mint, is_signer=False, is_writable=True),
            AccountMeta(token_address(owner, mint), is_signer=False, is_writable=True),
            AccountMeta(authority, is_signer=True, is_writable=False),
        ],
    )


def transfer(source: Pubkey, target: Pubkey, mint: Pubkey, asset: str, raw: int) -> Instruction:
    """TransferChecked between the associated accounts of two wallets; `source` signs."""
    return Instruction(
        TOKEN_PROGRAM,
        struct.pack("<BQB", _TRANSFER_CHECKED, raw, ASSETS[asset].decimals),
        [
            AccountMeta(token_address(source, mint), is_signer=False, is_writable=True),
            AccountMeta(mint, is_signer=False, is_writable=False),
            AccountMeta(token_address(target, mint), is_signer=False, is_writable=True),
            AccountMeta(source, is_signer=True, is_writable=False),
        ],
    )


def read_token_account(data: bytes) -> TokenAccount:
    return TokenAccount.from_bytes(data)


def read_mint(data: bytes) -> Mint:
    return Mint.from_bytes(data)
