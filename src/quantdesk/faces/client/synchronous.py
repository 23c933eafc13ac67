"""The synchronous client: `client.call(Trading.place_order, request)`."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import httpx2
from msgspec import Struct

from quantdesk.kernel import Misconfigured, Seam, Unavailable, stopwatch_ns

from .attempts import NS_PER_S, AttemptFailed, Attempts, Retries, answered, broken
from .own import END_SESSION, Nothing, SignIn
from .sessions import OnSession, Session, SessionTokens
from .wire import (
    REPLY_BYTES_MAX,
    Events,
    Remote,
    WireRequest,
    error_of,
    is_local,
    remote_of,
)

Request = TypeVar("Request", bound=Struct)
Reply = TypeVar("Reply")
Event = TypeVar("Event")
TokenProvider = Callable[[str | None], str]
"""Gives the token of a call, such as an API key; asked again with the one that was refused."""


class Client:
    """As `AsyncClient`, without an event loop. May be used by several threads."""

    def __init__(
        self,
        url: str,
        sign_in: SignIn | None = None,
        *,
        token: str | TokenProvider | None = None,
        session: SessionTokens | None = None,
        on_session: OnSession | None = None,
        timeout_s: float = 30.0,
        silence_s_max: float = 45.0,
        retries: Retries | None = None,
        tls: ssl.SSLContext | None = None,
        transport: httpx2.BaseTransport | None = None,
        seam: Seam | None = None,
    ) -> None:
        local = is_local(url)
        self._http = httpx2.Client(
            base_url=url.rstrip("/"), transport=transport, trust_env=not local,
            verify=True if tls is None else tls,
        )  # fmt: skip
        self._provider = token if callable(token) else None
        self._timeout_s = timeout_s
        self._silence_s_max = silence_s_max
        self._retries = retries or Retries()
        self._seam = seam or Seam.live()
        given = SessionTokens.of(token) if isinstance(token, str) else session
        self._session = Session(self._seam, sign_in, given, on_session)
        self._signing = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def call(
        self,
        operation: Callable[[Any, Request], Coroutine[Any, Any, Reply]],
        request: Request,
        *,
        timeout_s: float | None = None,
        idempotency_key: str | None = None,
    ) -> Reply:
        """Carry out one operation, named by its Protocol's method."""
        remote = remote_of(operation)
        return cast(Reply, self.carry_out(remote, request, timeout_s, idempotency_key))

    def stream(
        self, operation: Callable[[Any, Request], AsyncIterator[Event]], request: Request
    ) -> Iterator[Event]:
        """Follow a stream, one event after the other."""
        return self.follow(remote_of(operation), request)

    def sign_in(self, who: SignIn | SessionTokens) -> None:
        """Be somebody else from the next call on."""
        with self._signing:
            if isinstance(who, SessionTokens):
                self._session.use(who)
            else:
                self._session.begin(who)

    def sign_out(self) -> None:
        """End the session at the desk and forget who was signed in, even if the desk is away."""
        try:
            if self._session.renewable:
                self.carry_out(END_SESSION, Nothing())
        finally:
            with self._signing:
                self._session.forget()

    def carry_out(
        self,
        remote: Remote,
        message: Struct,
        timeout_s: float | None = None,
        idempotency_key: str | None = None,
    ) -> object:
        """As `call`, for who has the operation itself."""
        limit_s = self._timeout_s if timeout_s is None else timeout_s
        attempts = Attempts(remote, self._retries, self._seam, limit_s, idempotency_key)
        refused: str | None = None
        while True:
            token = ""
            try:
                token = self._token(remote, attempts, refused)
                wire = remote.request(message, _signed(token, attempts))
                return remote.reply(self._attempt(wire, attempts.remaining_s))
            except AttemptFailed as failed:
                if self._renewable and attempts.may_renew(failed.error):
                    refused = token
                    continue
                pause_s = attempts.pause_s(failed)
            time.sleep(pause_s)  # sim-ok: waits for a desk elsewhere

    def follow(
        self, remote: Remote, message: Struct, timeout_s: float | None = None
    ) -> Iterator[Any]:
        """As `stream`, for who has the operation itself."""
        limit_s = self._timeout_s if timeout_s is None else timeout_s
        attempts = Attempts(remote, self._retries, self._seam, limit_s)
        refused: str | None = None
        while True:
            token = ""
            try:
                token = self._token(remote, attempts, refused)
                yield from self._follow(remote, remote.request(message, _signed(token, attempts)))
            except AttemptFailed as failed:
                if self._renewable and attempts.may_renew(failed.error):
                    refused = token
                    continue
                pause_s = attempts.pause_s(failed)
            else:
                return
            time.sleep(pause_s)  # sim-ok: waits for a desk elsewhere

    def _attempt(self, wire: WireRequest, timeout_s: float) -> bytes:
        give_up_ns = stopwatch_ns() + int(timeout_s * NS_PER_S)
        try:
            response = self._http.send(self._built(wire, timeout_s), stream=True)
            try:
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > REPLY_BYTES_MAX:
                        raise Misconfigured(
                            f"the answer is larger than {REPLY_BYTES_MAX} bytes",
                            advice="Ask for less at once.",
                        )
                    if stopwatch_ns() > give_up_ns:
                        raise httpx2.ReadTimeout(f"no answer within {timeout_s:.3g} s")
            finally:
                response.close()
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise broken(error, reached=False) from None
        except httpx2.HTTPError as error:
            raise broken(error, reached=True) from None
        if response.status_code != httpx2.codes.OK:
            problem = error_of(response.status_code, bytes(body))
            raise answered(problem, response.headers.get("Retry-After"))
        return bytes(body)

    def _follow(self, remote: Remote, wire: WireRequest) -> Iterator[Any]:
        """Until the first event a failure may be tried again; afterwards it is the caller's."""
        begun = False
        try:
            response = self._http.send(self._built(wire, self._silence_s_max), stream=True)
            try:
                if response.status_code != httpx2.codes.OK:
                    error = error_of(response.status_code, response.read())
                    raise answered(error, response.headers.get("Retry-After"))
                events = Events(remote)
                for line in response.iter_lines():
                    for event in events.feed(line):
                        begun = True
                        yield event
            finally:
                response.close()
        except httpx2.HTTPError as broke:
            failed = broken(broke, reached=not isinstance(broke, httpx2.ConnectError))
            if begun:
                raise failed.error from None
            raise failed from None

    def _built(self, wire: WireRequest, timeout_s: float) -> httpx2.Request:
        return self._http.build_request(
            wire.method, wire.path, params=wire.query, content=wire.body,
            headers=wire.traced_headers(), timeout=timeout_s,
        )  # fmt: skip

    @property
    def _renewable(self) -> bool:
        return self._provider is not None or self._session.renewable

    def _token(self, remote: Remote, attempts: Attempts, refused: str | None) -> str:
        """The token to call with: whoever comes first asks for it, and the others wait.

        An `AttemptFailed` is of that asking; the call itself was not sent.
        """
        if not remote.signed:
            return ""
        if self._provider is not None:
            return self._provider(refused)
        if not self._signing.acquire(timeout=attempts.remaining_s):
            late = Unavailable("signing in took longer than the call may")
            raise AttemptFailed(late, reached=False)
        try:
            while isinstance(step := self._session.step(refused), WireRequest):
                try:
                    timeout_s = self._session.timeout_s(attempts.remaining_s)
                    self._session.answered(self._attempt(step, timeout_s))
                except AttemptFailed as failed:
                    self._session.failed(failed)
        finally:
            self._signing.release()
        return step


def _signed(token: str, attempts: Attempts) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", **attempts.headers} if token else attempts.headers
