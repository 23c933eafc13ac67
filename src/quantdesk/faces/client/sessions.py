"""A session: which token a call carries, and when it is renewed. No connection in sight.

A refresh token is good for one use; used twice it looks stolen, and the desk ends the session.
The desk takes equal requests within ten seconds for one. So a refresh whose answer was lost is
asked for again within `AGAIN_S` of the first time, and never after that.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

from msgspec import Struct

from quantdesk.kernel import RateLimited, Seam, Unauthenticated

from .attempts import NS_PER_S, AttemptFailed
from .own import CREATE_SESSION, REFRESH_SESSION, Granted, Refresh, SignIn
from .wire import WireRequest

EARLY_S = 30
"""A token is renewed this long before it expires, or in the last fifth of its life."""
AGAIN_S = 5
REFRESH_S_MAX = 2.5
"""How long one request for the next tokens may take: a second one must fit into `AGAIN_S`."""
_PAUSE_NS = NS_PER_S


class SessionTokens(Struct, frozen=True, kw_only=True):
    """What a program keeps to go on with its session later. `expires_at` is on its own clock."""

    access_token: str
    expires_at: datetime
    refresh_token: str | None = None

    @classmethod
    def of(cls, token: str) -> SessionTokens:
        """A token that is all there is, such as an API key: used as long as the desk takes it."""
        return cls(access_token=token, expires_at=datetime.max.replace(tzinfo=UTC))

    def __repr__(self) -> str:
        return f"SessionTokens(expires_at={self.expires_at!r}, …)"


OnSession = Callable[[SessionTokens | None], None]


class Session:
    """What to do before a call: take the token at hand, or ask the desk for one first.

    Used by one task or thread at a time. `on_session` is told each new pair of tokens, before
    one of them is used, and None when they are worth nothing any more.
    """

    def __init__(
        self,
        seam: Seam,
        sign_in: SignIn | None,
        tokens: SessionTokens | None,
        on_session: OnSession | None,
    ) -> None:
        self._seam = seam
        self._sign_in = sign_in
        self._on_session = on_session
        self._tokens = tokens
        self._early_ns = EARLY_S * NS_PER_S
        self._refused: str | None = None
        self._asked: Literal["refresh", "sign-in"] = "sign-in"
        self._refresh_sent_ns: int | None = None
        self._sent_before = False
        self._pause_until_ns = 0

    @property
    def renewable(self) -> bool:
        """Whether a refused token can be replaced."""
        refreshable = self._tokens is not None and self._tokens.refresh_token is not None
        return refreshable or self._sign_in is not None

    def step(self, refused: str | None) -> str | WireRequest:
        """The token to use, or what to ask the desk for one. `refused`: not this token again.

        Raises `Unauthenticated` where there is neither a session nor a way to begin one.
        """
        now, tokens = self._seam.now_ns(), self._tokens
        self._refused = refused
        if tokens is not None and self._usable(now):
            fresh = now < self._expires_ns(tokens) - self._early_ns
            if fresh or now < self._pause_until_ns or not self._may_refresh(now):
                return tokens.access_token
        if tokens is not None and self._may_refresh(now):
            assert tokens.refresh_token is not None
            self._asked, self._sent_before = "refresh", self._refresh_sent_ns is not None
            if self._refresh_sent_ns is None:
                self._refresh_sent_ns = now
            return REFRESH_SESSION.request(Refresh(refresh_token=tokens.refresh_token), {})
        if self._sign_in is not None:
            self._asked = "sign-in"
            return CREATE_SESSION.request(self._sign_in, {})
        if tokens is None:
            raise Unauthenticated(
                "this operation needs a signed-in caller",
                advice="Give the client sign_in=SignIn(…) or a token.",
            )
        raise Unauthenticated("the session is over", advice="Sign in again.")

    def timeout_s(self, remaining_s: float) -> float:
        """How long the request that `step` gave may take."""
        return min(remaining_s, REFRESH_S_MAX) if self._asked == "refresh" else remaining_s

    def answered(self, body: bytes) -> None:
        """The desk answered what `step` gave."""
        granted: Granted = CREATE_SESSION.reply(body)
        # By the desk's own clock, which need not agree with ours.
        lifetime = granted.expires_at - CREATE_SESSION.answered_at(body)
        self.use(
            SessionTokens(
                access_token=granted.access_token,
                expires_at=self._seam.now() + lifetime,
                refresh_token=granted.refresh_token,
            ),
            lifetime,
        )

    def failed(self, failed: AttemptFailed) -> None:
        """What `step` gave failed. Returns if there is another way; raises what the call meets.

        An `AttemptFailed` says that the call itself was not sent and may be tried again.
        """
        error = failed.error
        if self._asked == "sign-in":
            if error.retryable:
                raise AttemptFailed(error, reached=False, retry_after_s=failed.retry_after_s)
            raise error
        if not self._sent_before and (not failed.reached or isinstance(error, RateLimited)):
            self._refresh_sent_ns = None  # it was not used
        now = self._seam.now_ns()
        if not error.retryable:
            assert self._tokens is not None
            kept = _unrefreshable(self._tokens) if self._usable(now) else None
            self._set(kept)
            if kept is None and self._sign_in is None:
                raise error
        elif self._usable(now):
            self._pause_until_ns = now + _PAUSE_NS
        else:
            raise AttemptFailed(error, reached=False, retry_after_s=failed.retry_after_s)

    def use(self, tokens: SessionTokens, lifetime: timedelta | None = None) -> None:
        """Go on with these tokens."""
        life_ns = int((lifetime or timedelta(seconds=5 * EARLY_S)).total_seconds() * NS_PER_S)
        self._early_ns = min(EARLY_S * NS_PER_S, life_ns // 5)
        self._set(tokens)

    def begin(self, sign_in: SignIn) -> None:
        """Sign in as somebody, at the next call."""
        self._set(None)
        self._sign_in = sign_in

    def forget(self) -> None:
        """Know nobody any more."""
        self._sign_in = None
        self._set(None)

    def _set(self, tokens: SessionTokens | None) -> None:
        self._refresh_sent_ns, self._pause_until_ns = None, 0
        if tokens != self._tokens:
            self._tokens = tokens
            if self._on_session is not None:
                self._on_session(tokens)

    def _usable(self, now: int) -> bool:
        tokens = self._tokens
        if tokens is None or tokens.access_token == self._refused:
            return False
        # One that cannot be renewed in any way is sent as long as the desk takes it.
        return now < self._expires_ns(tokens) or not self.renewable

    def _may_refresh(self, now: int) -> bool:
        if self._tokens is None or self._tokens.refresh_token is None:
            return False
        sent = self._refresh_sent_ns
        return sent is None or now < sent + AGAIN_S * NS_PER_S

    @staticmethod
    def _expires_ns(tokens: SessionTokens) -> int:
        return int(tokens.expires_at.timestamp() * 1_000_000) * 1_000


def _unrefreshable(tokens: SessionTokens) -> SessionTokens:
    return SessionTokens(access_token=tokens.access_token, expires_at=tokens.expires_at)
