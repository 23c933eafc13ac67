"""Wallets: sign-in with Solana (SIWS).

The text to sign is made here from what is stored with the challenge, and made again from the
same when the answer comes: a client decides none of it but its own address.
"""

from __future__ import annotations

from base64 import b32encode

from msgspec import Struct
from nacl.exceptions import CryptoError
from nacl.signing import VerifyKey
from solders.pubkey import Pubkey

from quantdesk.kernel import (
    Conflict,
    InvalidInput,
    NotFound,
    Refused,
    Seam,
    Unauthenticated,
    convert,
    decode,
    encode,
    utc,
)
from quantdesk.services.database import Database, Query, Statement, Write

from .challenges import CHALLENGE_S, Challenges
from .config import Site
from .wallet_messages import CreateWalletChallenge, Wallet, WalletChallenge, WalletProof

WALLETS_MAX = 16
"""Per user."""
PURPOSE = "wallet"
_NONCE_BYTES = 20
_NS = 1_000_000_000

STEPS = (
    """CREATE TABLE identity_wallets (
        address TEXT PRIMARY KEY,
        username TEXT NOT NULL,
        linked_ns INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX identity_wallets_of ON identity_wallets (username)",
)


class SignInInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The stored input of one text, named as in the SIWS specification."""

    domain: str
    address: str
    statement: str
    uri: str
    chain_id: str
    nonce: str
    issued_ns: int
    expires_ns: int
    link_to: str | None

    def text(self) -> str:
        return (
            f"{self.domain} wants you to sign in with your Solana account:\n"
            f"{self.address}\n\n"
            f"{self.statement}\n\n"
            f"URI: {self.uri}\n"
            "Version: 1\n"
            f"Chain ID: {self.chain_id}\n"
            f"Nonce: {self.nonce}\n"
            f"Issued At: {_iso(self.issued_ns)}\n"
            f"Expiration Time: {_iso(self.expires_ns)}"
        )


class WalletBook:
    """Which wallet is whose, and what they were asked to sign."""

    def __init__(
        self,
        database: Database,
        seam: Seam,
        challenges: Challenges,
        site: Site,
        *,
        wallets_max: int = WALLETS_MAX,
    ) -> None:
        self._database = database
        self._seam = seam
        self._challenges = challenges
        self._site = site
        self._wallets_max = wallets_max

    async def challenge(self, request: CreateWalletChallenge) -> WalletChallenge:
        """A new text to sign. Raises `InvalidInput` for what is no address."""
        now, user = self._seam.now_ns(), request.link_to
        asked = SignInInput(
            domain=self._site.domain,
            address=_address(request.address),
            statement="Sign in to QuantDesk."
            if user is None
            else f"Link this wallet to the QuantDesk user {user}. It can sign in as {user} then.",
            uri=self._site.origin,
            chain_id=self._site.chain,
            nonce=b32encode(self._seam.token_bytes(_NONCE_BYTES)).decode().lower(),
            issued_ns=now,
            expires_ns=now + CHALLENGE_S * _NS,
            link_to=user,
        )
        expires_ns = await self._challenges.keep(asked.nonce, PURPOSE, encode(asked).decode())
        return WalletChallenge(nonce=asked.nonce, text=asked.text(), expires_at=utc(expires_ns))

    async def prove(self, proof: WalletProof, *, link_to: str | None) -> str:
        """The address that signed our text for this purpose.

        Raises `Unauthenticated`; to somebody who is signed in `Refused`, since their token is good.
        """
        refusal = Unauthenticated if link_to is None else Refused
        kept = await self._challenges.take(proof.nonce, PURPOSE)
        if kept is None:
            raise refusal(
                "the challenge is unknown, used or expired",
                where="/nonce",
                advice="Ask for a new challenge; each can be answered once, within five minutes.",
            )
        asked = decode(kept, SignInInput)
        ours = asked.text().encode()
        if (
            asked.address != proof.address
            or asked.link_to != link_to
            or asked.domain != self._site.domain
            or proof.signed_message != ours
        ):
            raise refusal(
                "what was signed is not what this desk asked for",
                where="/signed_message",
                advice="Ask for a new challenge and sign its text unchanged.",
            )
        try:
            # libsodium refuses signatures with a second form (S ≥ L) and keys of small order.
            VerifyKey(bytes(Pubkey.from_string(asked.address))).verify(ours, proof.signature)
        except (CryptoError, ValueError):
            raise refusal(
                "the signature is not this wallet's", where="/signature",
                advice="Ask for a new challenge and sign it with this wallet.",
            ) from None  # fmt: skip
        return asked.address

    async def link(self, address: str, username: str) -> Wallet:
        """`Conflict` if the wallet is another user's, `Refused` beyond `wallets_max`."""
        now = self._seam.now_ns()
        written = await self._write(
            Statement(
                "INSERT INTO identity_wallets SELECT ?, ?, ? WHERE (SELECT count(*)"
                " FROM identity_wallets WHERE username = ?) < ? ON CONFLICT DO NOTHING",
                (address, username, now, username, self._wallets_max),
            )
        )
        if written == (1,):
            return Wallet(address=address, linked_at=utc(now))
        for wallet in await self.wallets(username):
            if wallet.address == address:
                return wallet
        if await self.owner(address) is not None:
            raise Conflict(
                "the wallet is linked to another user", where="/address",
                advice="Remove it there first.",
            )  # fmt: skip
        raise Refused(f"{self._wallets_max} wallets are linked to this user, the most")

    async def owner(self, address: str) -> str | None:
        """The user whose wallet this is."""
        found = await self._database.query(
            Query(sql="SELECT username FROM identity_wallets WHERE address = ?", params=(address,))
        )
        return convert(found.rows[0][0], str) if found.rows else None

    async def wallets(self, username: str) -> list[Wallet]:
        found = await self._database.query(
            Query(
                sql="SELECT address, linked_ns FROM identity_wallets WHERE username = ?"
                " ORDER BY linked_ns, address",
                params=(username,),
            )
        )
        rows = convert(found.rows, list[tuple[str, int]])
        return [Wallet(address=address, linked_at=utc(linked)) for address, linked in rows]

    async def remove(self, address: str, username: str) -> None:
        """Raises `NotFound` if it is not this user's."""
        written = await self._write(
            Statement(
                "DELETE FROM identity_wallets WHERE address = ? AND username = ?",
                (address, username),
            )
        )
        if written != (1,):
            raise NotFound("this wallet is not linked to you", where="/address")

    async def _write(self, *statements: Statement) -> tuple[int, ...]:
        return (await self._database.write(Write(statements=statements))).rows_changed


def _address(text: str) -> str:
    try:
        return str(Pubkey.from_string(text))
    except ValueError:
        raise InvalidInput(
            "not a Solana address", where="/address", advice="Give the base58 public key."
        ) from None


def _iso(ns: int) -> str:
    moment = utc(ns)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
