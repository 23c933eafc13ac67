"""Identity: users, roles, sessions and the tokens that prove them."""

from datetime import datetime
from typing import Annotated, Protocol
from uuid import UUID

from msgspec import Meta, Struct

from quantdesk.kernel import (
    DELETE,
    GET,
    INTERNAL,
    POST,
    PUBLIC,
    Caller,
    Effect,
    Gateway,
    Page,
    Paged,
    operation,
)
from quantdesk.policies import Confidential, RateLimit, StepUp

from .api_key_messages import (
    ApiKey,
    ApiKeyCreated,
    ApiKeys,
    ApiKeysQuery,
    CreateApiKey,
    RevokeApiKey,
)
from .config import IdentityConfig
from .passkey_messages import (
    AuthenticatorSelection,
    CreatePasskeyChallenge,
    CreatePasskeyOptions,
    CreatePasskeySession,
    CreateStepUpChallenge,
    KeyKind,
    KnownPasskey,
    Passkey,
    PasskeyAssertion,
    PasskeyCreation,
    PasskeyRequest,
    PasskeyUser,
    RegisterPasskey,
    RelyingParty,
    RemovePasskey,
)
from .second_factor_messages import (
    ConfirmTotp,
    CreateStepUp,
    DisableTotp,
    EnrolTotp,
    SecondFactors,
    SecondFactorsQuery,
    SteppedUp,
    TotpCode,
    TotpEnrolment,
)
from .wallet_messages import (
    CreateWalletChallenge,
    CreateWalletSession,
    LinkWallet,
    Removed,
    RemoveWallet,
    Username,
    Wallet,
    WalletChallenge,
    WalletProof,
    Wallets,
    WalletsQuery,
)

USERS_MAX = 10_000
Password = Annotated[str, Meta(min_length=8, max_length=256)]


class CreateSession(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With a `code` of the authenticator app the session begins with a fresh proof."""

    username: Annotated[str, Meta(max_length=32)]
    password: Annotated[str, Meta(max_length=256)]
    code: TotpCode | None = None


class Session(Struct, frozen=True, kw_only=True):
    """`access_token` is a signed EdDSA JWT: send it as `Authorization: Bearer …`.

    `refresh_token` is good for one use: `refresh_session` gives the next pair of both.
    """

    access_token: str
    token_type: str
    expires_at: datetime
    username: str
    roles: tuple[str, ...]
    refresh_token: str | None = None
    refresh_expires_at: datetime | None = None


class RefreshSession(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    refresh_token: Annotated[str, Meta(max_length=128)]


class RotateKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`at_once` is for a key that leaked: every access token issued so far is refused."""

    at_once: bool = False


class JwksQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class Jwk(Struct, frozen=True, kw_only=True):
    """An Ed25519 public key (RFC 8037); `kid` is its thumbprint (RFC 7638)."""

    kty: str
    crv: str
    x: str
    kid: str
    use: str
    alg: str


class Jwks(Struct, frozen=True, kw_only=True):
    """The key that signs, then those that are still believed."""

    keys: list[Jwk]


class Authenticate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    access_token: Annotated[str, Meta(max_length=4_096)]


class EndSession(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class Ended(Struct, frozen=True, kw_only=True):
    ended: bool


class CreateTicket(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class Ticket(Struct, frozen=True, kw_only=True):
    """Good for one connection, for a few seconds: `/v1/ws?ticket=…`."""

    ticket: str
    expires_at: datetime


class RedeemTicket(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    ticket: Annotated[str, Meta(max_length=128)]


class CreateUser(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    username: Username
    password: Password
    roles: Annotated[tuple[str, ...], Meta(min_length=1, max_length=8)]


class User(Struct, frozen=True, kw_only=True):
    user_id: UUID
    username: str
    roles: tuple[str, ...]
    created_at: datetime


class WhoAmI(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class Me(Struct, frozen=True, kw_only=True):
    username: str
    roles: tuple[str, ...]
    permissions: tuple[str, ...]


class UsersQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By user name; `role` narrows to those who have it."""

    role: Annotated[str, Meta(pattern=r"\A[a-z]{1,32}\Z")] | None = None
    limit: Annotated[int, Meta(ge=1, le=USERS_MAX)] = USERS_MAX


class Users(Page, frozen=True, kw_only=True):
    users: list[User]


class Identity(Protocol):
    """Users, roles and sessions of one desk."""

    @operation(
        POST("/sessions"), Effect.ONCE, PUBLIC, RateLimit(calls=120, per_s=60.0), Confidential()
    )
    async def create_session(self, request: CreateSession) -> Session:
        """Sign in with a password and get a short-lived access token."""
        ...

    @operation(
        POST("/sessions/refresh"), Effect.ONCE, PUBLIC, RateLimit(calls=600, per_s=60.0),
        Confidential(),
    )  # fmt: skip
    async def refresh_session(self, request: RefreshSession) -> Session:
        """Trade a refresh token for the next pair of tokens.

        It is good for one use; an equal request within ten seconds gets the same answer. Used
        again later it was copied: the whole session ends. Raises `Unauthenticated`.
        """
        ...

    @operation(DELETE("/sessions/current"), Effect.REPEATABLE, "identity.self")
    async def end_session(self, request: EndSession) -> Ended:
        """Sign out: every token of this session stops working at once."""
        ...

    @operation(INTERNAL, Effect.READ, PUBLIC, Confidential())
    async def authenticate(self, request: Authenticate) -> Caller:
        """Turn a token into the caller it proves. Raises `Unauthenticated`."""
        ...

    @operation(POST("/keys/rotations"), Effect.ONCE, "identity.manage")
    async def rotate_key(self, request: RotateKey) -> Jwks:
        """Sign with a new key; the one before is believed until its last token has died."""
        ...

    @operation(GET("/jwks"), Effect.READ, PUBLIC)
    async def jwks(self, request: JwksQuery) -> Jwks:
        """List the public keys that check access tokens (RFC 7517)."""
        ...

    @operation(
        POST("/tickets"), Effect.ONCE, "identity.self", RateLimit(calls=60, per_s=60.0),
        Confidential(),
    )  # fmt: skip
    async def create_ticket(self, request: CreateTicket) -> Ticket:
        """Get a ticket that opens one WebSocket as the caller, without a token in its address."""
        ...

    @operation(INTERNAL, Effect.ONCE, PUBLIC, Confidential())
    async def redeem_ticket(self, request: RedeemTicket) -> Caller:
        """Take a ticket, once, and tell whose it is. Raises `Unauthenticated`."""
        ...

    @operation(GET("/me"), Effect.READ, "identity.self")
    async def me(self, request: WhoAmI) -> Me:
        """Tell who is signed in and what they may do."""
        ...

    @operation(POST("/users"), Effect.ONCE, "identity.manage", Confidential())
    async def create_user(self, request: CreateUser) -> User:
        """Add a user. `Conflict` if the name is taken."""
        ...

    @operation(GET("/users"), Effect.READ, "identity.manage")
    async def list_users(self, request: UsersQuery) -> Users:
        """List the users with their roles."""
        ...

    @operation(POST("/wallets/challenges"), Effect.ONCE, PUBLIC, RateLimit(calls=60, per_s=60.0))
    async def create_wallet_challenge(self, request: CreateWalletChallenge) -> WalletChallenge:
        """Get the text that a wallet signs to sign in, or to be linked to a user.

        It can be answered once, within five minutes.
        """
        ...

    @operation(
        POST("/wallets/sessions"), Effect.ONCE, PUBLIC, RateLimit(calls=120, per_s=60.0),
        Confidential(),
    )  # fmt: skip
    async def create_wallet_session(self, request: CreateWalletSession) -> Session:
        """Sign in with a wallet that is linked to a user. Raises `Unauthenticated`."""
        ...

    @operation(POST("/wallets"), Effect.ONCE, "identity.self", StepUp())
    async def link_wallet(self, request: LinkWallet) -> Wallet:
        """Let a wallet sign in as the caller. `Conflict` if it is another user's."""
        ...

    @operation(GET("/wallets"), Effect.READ, "identity.self")
    async def list_wallets(self, request: WalletsQuery) -> Wallets:
        """List the caller's wallets."""
        ...

    @operation(DELETE("/wallets/{address}"), Effect.REPEATABLE, "identity.self", StepUp())
    async def remove_wallet(self, request: RemoveWallet) -> Removed:
        """Let a wallet sign in no more."""
        ...

    @operation(POST("/api-keys"), Effect.ONCE, "identity.self", StepUp(), Confidential())
    async def create_api_key(self, request: CreateApiKey) -> ApiKeyCreated:
        """Make a key for a machine, with some of the caller's permissions, for a while."""
        ...

    @operation(GET("/api-keys"), Effect.READ, "identity.self")
    async def list_api_keys(self, request: ApiKeysQuery) -> ApiKeys:
        """List the caller's keys, without their secrets."""
        ...

    @operation(DELETE("/api-keys/{key_id}"), Effect.REPEATABLE, "identity.self")
    async def revoke_api_key(self, request: RevokeApiKey) -> Removed:
        """Make a key prove nobody from now on. A key revokes no other than itself."""
        ...

    @operation(POST("/totp"), Effect.ONCE, "identity.self", StepUp(), Confidential())
    async def enrol_totp(self, request: EnrolTotp) -> TotpEnrolment:
        """Get the secret for an authenticator app. It counts once a code confirms it."""
        ...

    @operation(POST("/totp/confirmations"), Effect.ONCE, "identity.self", Confidential())
    async def confirm_totp(self, request: ConfirmTotp) -> SecondFactors:
        """Show a code of the app: from now on it is the caller's second factor."""
        ...

    @operation(DELETE("/totp"), Effect.REPEATABLE, "identity.self", StepUp())
    async def disable_totp(self, request: DisableTotp) -> Removed:
        """Do without the authenticator app."""
        ...

    @operation(
        POST("/step-ups"), Effect.ONCE, "identity.self", RateLimit(calls=30, per_s=60.0),
        Confidential(),
    )  # fmt: skip
    async def create_step_up(self, request: CreateStepUp) -> SteppedUp:
        """Prove again who you are and get an access token that says so.

        By a second factor; by the password only for who has none.
        """
        ...

    @operation(GET("/second-factors"), Effect.READ, "identity.self")
    async def get_second_factors(self, request: SecondFactorsQuery) -> SecondFactors:
        """Tell which second factors the caller has."""
        ...

    @operation(POST("/passkeys/options"), Effect.ONCE, "identity.self", StepUp(), Confidential())
    async def create_passkey_options(self, request: CreatePasskeyOptions) -> PasskeyCreation:
        """Get what an authenticator needs to make a passkey. It can be answered once."""
        ...

    @operation(POST("/passkeys"), Effect.ONCE, "identity.self", StepUp())
    async def register_passkey(self, request: RegisterPasskey) -> Passkey:
        """Add a passkey: a second factor from now on, and a way to sign in."""
        ...

    @operation(DELETE("/passkeys/{passkey_id}"), Effect.REPEATABLE, "identity.self", StepUp())
    async def remove_passkey(self, request: RemovePasskey) -> Removed:
        """Let a passkey prove nothing any more."""
        ...

    @operation(
        POST("/passkeys/challenges"), Effect.ONCE, PUBLIC, RateLimit(calls=60, per_s=60.0),
        Confidential(),
    )  # fmt: skip
    async def create_passkey_challenge(self, request: CreatePasskeyChallenge) -> PasskeyRequest:
        """Get a challenge that a passkey answers to sign in, once, within five minutes."""
        ...

    @operation(
        POST("/passkeys/sessions"), Effect.ONCE, PUBLIC, RateLimit(calls=120, per_s=60.0),
        Confidential(),
    )  # fmt: skip
    async def create_passkey_session(self, request: CreatePasskeySession) -> Session:
        """Sign in with a passkey. Raises `Unauthenticated`."""
        ...

    @operation(
        POST("/step-ups/challenges"), Effect.ONCE, "identity.self",
        RateLimit(calls=30, per_s=60.0), Confidential(),
    )  # fmt: skip
    async def create_step_up_challenge(self, request: CreateStepUpChallenge) -> PasskeyRequest:
        """Get a challenge that one of the caller's passkeys answers to step up."""
        ...


identity = Gateway(Identity)

__all__ = [
    "USERS_MAX", "ApiKey", "ApiKeyCreated", "ApiKeys", "ApiKeysQuery", "Authenticate",
    "AuthenticatorSelection", "ConfirmTotp", "CreateApiKey", "CreatePasskeyChallenge",
    "CreatePasskeyOptions", "CreatePasskeySession", "CreateSession", "CreateStepUp",
    "CreateStepUpChallenge", "CreateTicket", "CreateUser", "CreateWalletChallenge",
    "CreateWalletSession", "DisableTotp", "EndSession", "Ended", "EnrolTotp", "Identity",
    "IdentityConfig", "Jwk", "Jwks", "JwksQuery", "KeyKind", "KnownPasskey", "LinkWallet", "Me",
    "Passkey", "PasskeyAssertion", "PasskeyCreation", "PasskeyRequest", "PasskeyUser", "Password",
    "RedeemTicket", "RefreshSession", "RegisterPasskey", "RelyingParty", "RemovePasskey",
    "RemoveWallet", "Removed", "RevokeApiKey", "RotateKey", "SecondFactors", "SecondFactorsQuery",
    "Session", "SteppedUp", "Ticket", "TotpCode", "TotpEnrolment", "User", "Username", "Users",
    "UsersQuery", "Wallet", "WalletChallenge", "WalletProof", "Wallets", "WalletsQuery", "WhoAmI",
    "identity",
]  # fmt: skip
