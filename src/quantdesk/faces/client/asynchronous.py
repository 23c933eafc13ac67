"""The asynchronous client: its doors have the type of the gateway's Protocol."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import httpx2
from msgspec import Struct

from quantdesk.kernel import Gateway, Misconfigured, Operation, Seam, Unavailable

from .attempts import AttemptFailed, Attempts, Retries, answered, broken
from .connection import RECONNECT, State
from .following import INBOX_MAX
from .own import CREATE_TICKET, END_SESSION, Nothing, SignIn, Ticket
from .sessions import OnSession, Session, SessionTokens
from .websocket import AsyncSocket
from .wire import (
    REPLY_BYTES_MAX,
    Events,
    Remote,
    WireRequest,
    error_of,
    gateway_remotes,
    is_local,
    remote_of,
    unreachable,
)

P = TypeVar("P")
Request = TypeVar("Request", bound=Struct)
Reply = TypeVar("Reply")
Event = TypeVar("Event")
AsyncTokenProvider = Callable[[str | None], str | Awaitable[str]]
"""Gives the token of a call, such as an API key; asked again with the one that was refused."""


class AsyncClient:
    """A desk at `url`, for whoever signs in, owns `token` or goes on with `session`.

    `tls` says what certificates are believed, such as one that the desk made for itself.
    `timeout_s` is a call's deadline, all attempts together; a stream ends with `Unavailable`
    after `silence_s_max` without even a heartbeat. `on_session` is told each new pair of tokens.
    """

    def __init__(
        self,
        url: str,
        sign_in: SignIn | None = None,
        *,
        token: str | AsyncTokenProvider | None = None,
        session: SessionTokens | None = None,
        on_session: OnSession | None = None,
        timeout_s: float = 30.0,
        silence_s_max: float = 45.0,
        retries: Retries | None = None,
        tls: ssl.SSLContext | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        seam: Seam | None = None,
    ) -> None:
        local = is_local(url)
        self._http = httpx2.AsyncClient(
            base_url=url.rstrip("/"),
            transport=transport,
            # A proxy of this machine's environment is no way to this machine itself.
            trust_env=not local,
            verify=True if tls is None else tls,
        )
        self._tls = tls
        self._provider = token if callable(token) else None
        self._timeout_s = timeout_s
        self._silence_s_max = silence_s_max
        self._retries = retries or Retries()
        self._seam = seam or Seam.live()
        given = SessionTokens.of(token) if isinstance(token, str) else session
        self._session = Session(self._seam, sign_in, given, on_session)
        self._signing = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    def open(self, gateway: Gateway[P], *, timeout_s: float | None = None) -> P:
        """A door of the gateway's own type that speaks HTTP; its calls share one deadline."""
        methods: dict[str, object] = {"__slots__": (), "__doc__": gateway.doc}
        for name, remote in gateway_remotes(gateway).items():
            methods[name] = self._method(remote, timeout_s)
        return cast(P, type(f"Remote{gateway.protocol.__name__}", (), methods)())

    async def call(
        self,
        operation: Callable[[Any, Request], Coroutine[Any, Any, Reply]],
        request: Request,
        *,
        timeout_s: float | None = None,
        idempotency_key: str | None = None,
    ) -> Reply:
        """Carry out one operation, named by its Protocol's method."""
        remote = remote_of(operation)
        return cast(Reply, await self._call(remote, request, timeout_s, idempotency_key))

    def stream(
        self, operation: Callable[[Any, Request], AsyncIterator[Event]], request: Request
    ) -> AsyncGenerator[Event, None]:
        """Follow a stream, one event after the other."""
        return cast(AsyncGenerator[Event, None], self._stream(remote_of(operation), request))

    def socket(
        self,
        *,
        inbox_max: int = INBOX_MAX,
        reconnect: Retries = RECONNECT,
        on_state: Callable[[State], None] | None = None,
    ) -> AsyncSocket:
        """One WebSocket as whoever is signed in: `async with` it."""

        async def ticket() -> str:
            return cast(Ticket, await self._call(CREATE_TICKET, Nothing())).ticket

        return AsyncSocket(
            str(self._http.base_url), ticket, seam=self._seam, retries=self._retries,
            timeout_s=self._timeout_s, inbox_max=inbox_max, reconnect=reconnect,
            on_state=on_state, tls=self._tls,
        )  # fmt: skip

    def sign_in(self, who: SignIn | SessionTokens) -> None:
        """Be somebody else from the next call on."""
        if isinstance(who, SessionTokens):
            self._session.use(who)
        else:
            self._session.begin(who)

    async def sign_out(self) -> None:
        """End the session at the desk and forget who was signed in, even if the desk is away."""
        try:
            if self._session.renewable:
                await self._call(END_SESSION, Nothing())
        finally:
            self._session.forget()

    def _method(
        self, remote: Remote | Operation, timeout_s: float | None
    ) -> Callable[[object, Any], object]:
        if isinstance(remote, Operation):
            return unreachable(remote)
        found = remote
        if found.operation.streams:
            return lambda _self, request: self._stream(found, request)
        return lambda _self, request: self._call(found, request, timeout_s)

    async def _call(
        self,
        remote: Remote,
        message: Struct,
        timeout_s: float | None = None,
        key: str | None = None,
    ) -> object:
        limit_s = self._timeout_s if timeout_s is None else timeout_s
        attempts = Attempts(remote, self._retries, self._seam, limit_s, key)
        refused: str | None = None
        while True:
            token = ""
            try:
                token = await self._token(remote, attempts, refused)
                wire = remote.request(message, _signed(token, attempts))
                return remote.reply(await self._attempt(wire, attempts.remaining_s))
            except AttemptFailed as failed:
                if self._renewable and attempts.may_renew(failed.error):
                    refused = token
                    continue
                pause_s = attempts.pause_s(failed)
            await asyncio.sleep(pause_s)

    async def _attempt(self, wire: WireRequest, timeout_s: float) -> bytes:
        reached = False
        try:
            async with asyncio.timeout(timeout_s):
                response = await self._http.send(self._built(wire, timeout_s), stream=True)
                reached = True
                try:
                    body = bytearray()
                    async for chunk in response.aiter_bytes():
                        body += chunk
                        if len(body) > REPLY_BYTES_MAX:
                            raise Misconfigured(
                                f"the answer is larger than {REPLY_BYTES_MAX} bytes",
                                advice="Ask for less at once.",
                            )
                finally:
                    await response.aclose()
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise broken(error, reached=False) from None
        except httpx2.HTTPError as error:
            raise broken(error, reached=True) from None
        except TimeoutError:
            late = TimeoutError(f"no answer within {timeout_s:.3g} s")
            raise broken(late, reached=True) from None
        assert reached
        if response.status_code != httpx2.codes.OK:
            problem = error_of(response.status_code, bytes(body))
            raise answered(problem, response.headers.get("Retry-After"))
        return bytes(body)

    async def _stream(self, remote: Remote, message: Struct) -> AsyncGenerator[object, None]:
        attempts = Attempts(remote, self._retries, self._seam, self._timeout_s)
        refused: str | None = None
        while True:
            token = ""
            try:
                token = await self._token(remote, attempts, refused)
                wire = remote.request(message, _signed(token, attempts))
                # Closed here, not by the collector: a caller who stops gives the connection back.
                async with aclosing(self._follow(remote, wire)) as events:
                    async for event in events:
                        yield event
            except AttemptFailed as failed:
                if self._renewable and attempts.may_renew(failed.error):
                    refused = token
                    continue
                await asyncio.sleep(attempts.pause_s(failed))
            else:
                return

    async def _follow(self, remote: Remote, wire: WireRequest) -> AsyncGenerator[object, None]:
        """Until the first event a failure may be tried again; afterwards it is the caller's."""
        begun = False
        try:
            response = await self._http.send(self._built(wire, self._silence_s_max), stream=True)
            try:
                if response.status_code != httpx2.codes.OK:
                    error = error_of(response.status_code, await response.aread())
                    raise answered(error, response.headers.get("Retry-After"))
                events = Events(remote)
                async for line in response.aiter_lines():
                    for event in events.feed(line):
                        begun = True
                        yield event
            finally:
                await response.aclose()
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

    async def _token(self, remote: Remote, attempts: Attempts, refused: str | None) -> str:
        """The token to call with: whoever comes first asks for it, and the others wait.

        An `AttemptFailed` is of that asking; the call itself was not sent.
        """
        if not remote.signed:
            return ""
        if self._provider is not None:
            given = self._provider(refused)
            return given if isinstance(given, str) else await given
        try:
            async with asyncio.timeout(attempts.remaining_s), self._signing:
                while isinstance(step := self._session.step(refused), WireRequest):
                    try:
                        timeout_s = self._session.timeout_s(attempts.remaining_s)
                        self._session.answered(await self._attempt(step, timeout_s))
                    except AttemptFailed as failed:
                        self._session.failed(failed)
        except TimeoutError:
            late = Unavailable("signing in took longer than the call may")
            raise AttemptFailed(late, reached=False) from None
        return step


def _signed(token: str, attempts: Attempts) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", **attempts.headers} if token else attempts.headers
