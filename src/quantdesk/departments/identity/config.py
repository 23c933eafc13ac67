"""Under which address people know the desk, as configuration."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from msgspec import Meta, Struct

LOCAL_ORIGIN = "http://localhost:8080"


class IdentityConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`origin` is the address in the browser, such as `https://desk.example`: wallets and
    passkeys are bound to it. Unset, it is the desk's own port on localhost. `chain` is the
    Solana cluster that a wallet is told it signs for. With `second_factor_to_sign_in` a person who
    has a second factor shows it at the door, and not only before what matters most.
    """

    origin: (
        Annotated[str, Meta(pattern=r"\Ahttps?://[a-z0-9][a-z0-9.-]{0,252}(:[0-9]{1,5})?\Z")] | None
    ) = None
    chain: Literal["mainnet", "testnet", "devnet", "localnet"] = "localnet"
    second_factor_to_sign_in: bool = False


class Site(Struct, frozen=True):
    """One origin and its parts. `domain` is host and port, `host` the WebAuthn relying party."""

    origin: str
    chain: str

    @property
    def domain(self) -> str:
        return urlsplit(self.origin).netloc

    @property
    def host(self) -> str:
        return urlsplit(self.origin).hostname or ""


def site_of(config: IdentityConfig) -> Site:
    return Site(config.origin or LOCAL_ORIGIN, config.chain)
