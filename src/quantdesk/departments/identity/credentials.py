"""The operations on a person's own credentials, each handed to the part that owns its tables."""

from __future__ import annotations

from abc import ABC, abstractmethod

from quantdesk.kernel import Seam, Unauthenticated, current_caller, utc
from quantdesk.services.database import Database

from . import (
    ApiKeyCreated,
    ApiKeys,
    ApiKeysQuery,
    ConfirmTotp,
    CreateApiKey,
    CreateWalletChallenge,
    CreateWalletSession,
    DisableTotp,
    EnrolTotp,
    LinkWallet,
    Removed,
    RemoveWallet,
    RevokeApiKey,
    SecondFactors,
    SecondFactorsQuery,
    Session,
    TotpEnrolment,
    Wallet,
    WalletChallenge,
    Wallets,
    WalletsQuery,
)
from .api_keys import STEPS as API_KEY_STEPS
from .api_keys import KeyBook
from .challenges import STEPS as CHALLENGE_STEPS
from .challenges import Challenges
from .config import Site
from .sealing import Sealing
from .totp import STEPS as TOTP_STEPS
from .totp import TotpBook
from .users import UserBook, UserRow
from .wallets import STEPS as WALLET_STEPS
from .wallets import WalletBook

STEPS = (*CHALLENGE_STEPS, *WALLET_STEPS, *API_KEY_STEPS, *TOTP_STEPS)


class Credentials(ABC):
    """The part of the department in which people keep what proves who they are."""

    def __init__(
        self, database: Database, seam: Seam, users: UserBook, site: Site, sealing: Sealing
    ) -> None:
        self._users = users
        challenges = Challenges(database, seam)
        self._wallets = WalletBook(database, seam, challenges, site)
        self._api_keys = KeyBook(database, seam)
        self._totp = TotpBook(database, seam, sealing)

    @abstractmethod
    async def _open_session(self, user: UserRow) -> Session:
        """A session of a user who has proven who they are."""

    async def create_wallet_challenge(self, request: CreateWalletChallenge) -> WalletChallenge:
        return await self._wallets.challenge(request)

    async def create_wallet_session(self, request: CreateWalletSession) -> Session:
        address = await self._wallets.prove(request, link_to=None)
        owner = await self._wallets.owner(address)
        user = None if owner is None else await self._users.find(owner)
        if user is None:
            raise Unauthenticated(
                "the wallet is linked to no user of this desk",
                where="/address",
                advice="Sign in with a password and link it (POST /v1/identity/wallets).",
            )
        return await self._open_session(user)

    async def link_wallet(self, request: LinkWallet) -> Wallet:
        account = current_caller().account
        return await self._wallets.link(
            await self._wallets.prove(request, link_to=account), account
        )

    async def list_wallets(self, request: WalletsQuery) -> Wallets:  # noqa: ARG002 - the caller's own
        return Wallets(wallets=await self._wallets.wallets(current_caller().account))

    async def remove_wallet(self, request: RemoveWallet) -> Removed:
        await self._wallets.remove(request.address, current_caller().account)
        return Removed(removed=True)

    async def create_api_key(self, request: CreateApiKey) -> ApiKeyCreated:
        return await self._api_keys.create(request, current_caller())

    async def list_api_keys(self, request: ApiKeysQuery) -> ApiKeys:  # noqa: ARG002 - the caller's own
        return ApiKeys(keys=await self._api_keys.keys(current_caller().account))

    async def revoke_api_key(self, request: RevokeApiKey) -> Removed:
        await self._api_keys.revoke(request.key_id, current_caller())
        return Removed(removed=True)

    async def enrol_totp(self, request: EnrolTotp) -> TotpEnrolment:  # noqa: ARG002 - the caller's own
        return await self._totp.enrol(current_caller().account)

    async def confirm_totp(self, request: ConfirmTotp) -> SecondFactors:
        account = current_caller().account
        await self._totp.confirm(account, request.code)
        return await self._factors(account)

    async def disable_totp(self, request: DisableTotp) -> Removed:  # noqa: ARG002 - the caller's own
        await self._totp.disable(current_caller().account)
        return Removed(removed=True)

    async def get_second_factors(self, request: SecondFactorsQuery) -> SecondFactors:  # noqa: ARG002 - the caller's own
        return await self._factors(current_caller().account)

    async def _factors(self, account: str) -> SecondFactors:
        since = await self._totp.since(account)
        return SecondFactors(totp_since=None if since is None else utc(since))
