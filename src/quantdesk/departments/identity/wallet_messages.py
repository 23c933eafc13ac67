"""Messages of wallet sign-in; part of the public face."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

_ADDRESS = "7S3P4HxJpyyigGzodYwHtCxZyUQe9JiBMHyRWXArAaKv"
_SIGNATURE = "A" * 86 + "=="
Username = Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9_.-]{0,31}\Z", examples=["admin"])]
WalletAddress = Annotated[
    str, Meta(pattern=r"\A[1-9A-HJ-NP-Za-km-z]{32,44}\Z", examples=[_ADDRESS])
]


class CreateWalletChallenge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`link_to` asks for the challenge that links the wallet to this user, instead of one that
    signs in: neither answers for the other, and the text says which it is."""

    address: WalletAddress
    link_to: Username | None = None


class WalletChallenge(Struct, frozen=True, kw_only=True):
    """`text` is what the wallet signs, byte for byte (Sign-In With Solana)."""

    nonce: str
    text: str
    expires_at: datetime


class WalletProof(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`signature` is Ed25519 over `signed_message`, which has to be the challenge's text. Both
    are base64."""

    nonce: Annotated[str, Meta(max_length=64)]
    address: WalletAddress
    signed_message: Annotated[bytes, Meta(max_length=1_024)]
    signature: Annotated[bytes, Meta(min_length=64, max_length=64, examples=[_SIGNATURE])]


class CreateWalletSession(WalletProof, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer to a challenge that signs in."""


class LinkWallet(WalletProof, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer to a challenge that links the wallet to the caller."""


class Wallet(Struct, frozen=True, kw_only=True):
    address: str
    linked_at: datetime


class WalletsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields: the caller's own wallets."""


class Wallets(Struct, frozen=True, kw_only=True):
    wallets: list[Wallet]


class RemoveWallet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    address: WalletAddress


class Removed(Struct, frozen=True, kw_only=True):
    removed: bool
