"""The operations on a person's own credentials, each handed to the part that owns its tables."""

from __future__ import annotations

from abc import ABC, abstractmethod

from quantdesk.kernel import (
    Caller,
    CallerKind,
    Forbidden,
    InvalidInput,
    Refused,
    Seam,
    Unauthenticated,
    current_caller,
    utc,
)
from quantdesk.services.database import Database

from . import (
    ApiKeyCreated,
    ApiKeys,
    ApiKeysQuery,
    ConfirmTotp,
    CreateApiKey,
    CreatePasskeyChallenge,
    CreatePasskeyOptions,
    CreatePasskeySession,
    CreateSession,
    CreateStepUp,
    CreateStepUpChallenge,
    CreateWalletChallenge,
    CreateWalletSession,
    DisableTotp,
    EnrolTotp,
    IdentityConfig,
    LinkWallet,
    Passkey,
    PasskeyCreation,
    PasskeyRequest,
    RegisterPasskey,
    Removed,
    RemovePasskey,
    RemoveWallet,
    RevokeApiKey,
    SecondFactors,
    SecondFactorsQuery,
    Session,
    SteppedUp,
    TotpEnrolment,
    Wallet,
    WalletChallenge,
    Wallets,
    WalletsQuery,
)
from .api_keys import STEPS as API_KEY_STEPS
from .api_keys import KeyBook
from .back_off import BackOff
from .challenges import STEPS as CHALLENGE_STEPS
from .challenges import Challenges
from .config import site_of
from .passkeys import SIGN_IN, STEP_UP, PasskeyBook
from .passkeys import STEPS as PASSKEY_STEPS
from .sealing import Sealing
from .tokens import PASSWORD, SECOND_FACTOR, Issued, Proven
from .totp import STEPS as TOTP_STEPS
from .totp import TotpBook
from .users import UserBook, UserRow
from .wallets import STEPS as WALLET_STEPS
from .wallets import WalletBook

STEPS = (*CHALLENGE_STEPS, *WALLET_STEPS, *API_KEY_STEPS, *TOTP_STEPS, *PASSKEY_STEPS)


class Credentials(ABC):
    """The part of the department in which people keep what proves who they are."""

    def __init__(
        self,
        database: Database,
        seam: Seam,
        users: UserBook,
        config: IdentityConfig,
        sealing: Sealing,
    ) -> None:
        self._users = users
        site = site_of(config)
        self._second_factor_to_sign_in = config.second_factor_to_sign_in
        challenges = Challenges(database, seam)
        self._wallets = WalletBook(database, seam, challenges, site)
        self._api_keys = KeyBook(database, seam)
        self._totp = TotpBook(database, seam, sealing)
        self._passkeys = PasskeyBook(database, seam, challenges, site)
        self._back_off = BackOff(seam)
        self._now_ns = seam.now_ns

    @abstractmethod
    async def _open_session(self, user: UserRow, proven: Proven | None = None) -> Session:
        """A session of a user who has proven who they are."""

    @abstractmethod
    async def _step_up(self, caller: Caller, proven: Proven) -> Issued:
        """An access token of the caller's session that carries this proof."""

    @abstractmethod
    async def _end_other_sessions(self, caller: Caller) -> None:
        """End every session of the caller's but this one."""

    async def create_session(self, request: CreateSession) -> Session:
        user = await self._with_password(request.username, request.password)
        if user is None:
            raise Unauthenticated(
                "the user name or the password is wrong",
                advice="Check both; an administrator can create users.",
            )
        return await self._open_session(user, await self._proven_at_the_door(user, request.code))

    async def create_step_up(self, request: CreateStepUp) -> SteppedUp:
        caller, by = current_caller(), SECOND_FACTOR
        if caller.kind is not CallerKind.PERSON or caller.session_id is None:
            raise Forbidden("only a person steps up", advice="Sign in as a person.")
        proofs = (request.code, request.passkey, request.password)
        if sum(proof is not None for proof in proofs) != 1:
            raise InvalidInput("give a code, a passkey or a password, one of them", where="/code")
        if request.code is not None:
            await self._totp.use(caller.account, request.code)
        elif request.passkey is not None:
            await self._passkeys.step_up(request.passkey, caller.account)
        elif request.password is not None:
            await self._prove_password(caller.account, request.password)
            by = PASSWORD
        proven = self._proven(by)
        issued = await self._step_up(caller, proven)
        return SteppedUp(
            access_token=issued.token,
            token_type="Bearer",  # noqa: S106 - the scheme's name (RFC 6750), not a secret
            expires_at=utc(issued.expires_ns),
            stepped_up_at=utc(proven.at_ns),
        )

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
        await self._want_second_factor(user)
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
        caller = current_caller()
        first = not await self._has_second_factor(caller.account)
        await self._totp.confirm(caller.account, request.code)
        await self._enrolled(caller, first=first)
        return await self._factors(caller.account)

    async def disable_totp(self, request: DisableTotp) -> Removed:  # noqa: ARG002 - the caller's own
        await self._totp.disable(current_caller().account)
        return Removed(removed=True)

    async def get_second_factors(self, request: SecondFactorsQuery) -> SecondFactors:  # noqa: ARG002 - the caller's own
        return await self._factors(current_caller().account)

    async def _factors(self, account: str) -> SecondFactors:
        since = await self._totp.since(account)
        return SecondFactors(
            totp_since=None if since is None else utc(since),
            passkeys=await self._passkeys.passkeys(account),
        )

    async def create_passkey_options(self, request: CreatePasskeyOptions) -> PasskeyCreation:  # noqa: ARG002 - the caller's own
        user = await self._users.find(current_caller().account)
        if user is None:
            raise Unauthenticated("there is no such user any more", advice="Sign in again.")
        return await self._passkeys.creation(user)

    async def register_passkey(self, request: RegisterPasskey) -> Passkey:
        caller = current_caller()
        first = not await self._has_second_factor(caller.account)
        passkey = await self._passkeys.register(request, caller.account)
        await self._enrolled(caller, first=first)
        return passkey

    async def remove_passkey(self, request: RemovePasskey) -> Removed:
        await self._passkeys.remove(request.passkey_id, current_caller().account)
        return Removed(removed=True)

    async def create_passkey_challenge(self, request: CreatePasskeyChallenge) -> PasskeyRequest:  # noqa: ARG002 - the request has no fields
        return await self._passkeys.request(SIGN_IN)

    async def create_passkey_session(self, request: CreatePasskeySession) -> Session:
        user = await self._users.find(await self._passkeys.sign_in(request))
        if user is None:
            raise Unauthenticated("there is no such user any more", advice="Sign in anew.")
        # The device asked for a finger or a PIN: two factors in one.
        return await self._open_session(user, self._proven(SECOND_FACTOR))

    async def create_step_up_challenge(self, request: CreateStepUpChallenge) -> PasskeyRequest:  # noqa: ARG002 - the caller's own
        return await self._passkeys.request(STEP_UP, current_caller().account)

    async def _proven_at_the_door(self, user: UserRow, code: str | None) -> Proven | None:
        """What a password and perhaps a code prove. Raises `Unauthenticated`."""
        if code is not None:
            try:
                await self._totp.use(user.username, code)
            except Refused as error:
                raise Unauthenticated(error.message, where="/code", advice=error.advice) from None
            return self._proven(SECOND_FACTOR)
        if not await self._has_second_factor(user.username):
            return self._proven(PASSWORD)
        await self._want_second_factor(user)
        return None

    async def _want_second_factor(self, user: UserRow) -> None:
        """Refuse to open a session by one factor where the desk asks for two."""
        if self._second_factor_to_sign_in and await self._has_second_factor(user.username):
            raise Unauthenticated(
                "this desk asks for your second factor, too",
                where="/code",
                advice="Send a code with your password, or sign in with your passkey.",
            )

    async def _has_second_factor(self, account: str) -> bool:
        if await self._totp.since(account) is not None:
            return True
        return bool(await self._passkeys.passkeys(account))

    async def _enrolled(self, caller: Caller, *, first: bool) -> None:
        """With the first second factor a password proves too little: sessions that one opened
        end, except the one that has just shown the factor."""
        if first:
            await self._end_other_sessions(caller)
            await self._step_up(caller, self._proven(SECOND_FACTOR))

    async def _prove_password(self, account: str, password: str) -> None:
        if await self._has_second_factor(account):
            raise Refused(
                "you have a second factor, so a password is not enough",
                where="/password",
                advice="Prove the second factor.",
            )
        if await self._with_password(account, password) is None:
            # Not `Unauthenticated`: the token is good, and a new one would change nothing.
            raise Refused("the password is wrong", where="/password", advice="Try again.")

    async def _with_password(self, name: str, password: str) -> UserRow | None:
        self._back_off.attempt(name)
        user = await self._users.with_password(name, password)
        if user is not None:
            self._back_off.succeeded(name)
        return user

    def _proven(self, by: str) -> Proven:
        return Proven(at_ns=self._now_ns(), by=by)
