"""The asynchronous client: its doors have the type of the gateway's Protocol."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import httpx2
from msgspec import Struct

from quantdesk.kernel import (
    Gateway,
    Misconfigured,
    Operation,
    Seam,
    Unauthenticated,
    decode,
    encode,
)

from .attempts import AttemptFailed, Attempts, Retries, answered, broken
from .wire import (
    REPLY_BYTES_MAX,
    SIGN_IN_PATH,
    Events,
    Remote,
    Session,
    SignIn,
    WireRequest,
    error_of,
    gateway_remotes,
    is_local,
)

P = TypeVar("P")


class AsyncClient:
    """A desk at `url`, for whoever signs in or owns `token`. `timeout_s` is a call's deadline,
    all attempts together; a stream ends with `Unavailable` after `silence_s_max` without even a
    heartbeat."""

    def __init__(
        self,
        url: str,
        sign_in: SignIn | None = None,
        *,
        token: str | None = None,
        timeout_s: float = 30.0,
        silence_s_max: float = 45.0,
        retries: Retries | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        seam: Seam | None = None,
    ) -> None:
        local = is_local(url)
        self._http = httpx2.AsyncClient(
            base_url=url.rstrip("/"),
            transport=transport,
            # A proxy of this machine's environment is no way to this machine itself.
            trust_env=not local,
        )
        self._sign_in = sign_in
        self._token = token
        self._timeout_s = timeout_s
        self._silence_s_max = silence_s_max
        self._retries = retries or Retries()
        self._seam = seam or Seam.live()
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

    def open(self, gateway: Gateway[P]) -> P:
        """A door of the gateway's own type that speaks HTTP."""
        methods: dict[str, object] = {"__slots__": (), "__doc__": gateway.doc}
        for name, remote in gateway_remotes(gateway).items():
            methods[name] = self._method(remote)
        return cast(P, type(f"Remote{gateway.protocol.__name__}", (), methods)())

    def _method(self, remote: Remote | Operation) -> Callable[[object, Any], object]:
        if isinstance(remote, Operation):
            operation = remote

            def unreachable(_self: object, _request: Any) -> object:
                raise Misconfigured(
                    f"{operation.id} serves other departments only",
                    where=operation.id,
                    advice="Use an operation that docs/reference.md lists with a route.",
                )

            return unreachable
        found = remote
        if found.operation.streams:
            return lambda _self, request: self._stream(found, request)
        return lambda _self, request: self._call(found, request)

    async def _call(self, remote: Remote, message: Struct) -> object:
        attempts = Attempts(remote, self._retries, self._seam, self._timeout_s)
        while True:
            token = await self._authorization(remote, None)
            wire = remote.request(message, {**token, **attempts.headers})
            try:
                return remote.reply(await self._attempt(wire, attempts.remaining_s))
            except AttemptFailed as failed:
                if self._sign_in is not None and attempts.may_renew(failed.error):
                    await self._authorization(remote, token)
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
            raise answered(error_of(response.status_code, bytes(body)))
        return bytes(body)

    async def _stream(self, remote: Remote, message: Struct) -> AsyncGenerator[object, None]:
        attempts = Attempts(remote, self._retries, self._seam, self._timeout_s)
        while True:
            token = await self._authorization(remote, None)
            wire = remote.request(message, {**token, **attempts.headers})
            try:
                # Closed here, not by the collector: a caller who stops gives the connection back.
                async with aclosing(self._follow(remote, wire)) as events:
                    async for event in events:
                        yield event
            except AttemptFailed as failed:
                if self._sign_in is not None and attempts.may_renew(failed.error):
                    await self._authorization(remote, token)
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
                    raise answered(error_of(response.status_code, await response.aread()))
                events = Events(remote)
                async for line in response.aiter_lines():
                    for event in events.feed(line):
                        begun = True
                        yield event
            finally:
                await response.aclose()
        except httpx2.HTTPError as error:
            failed = broken(error, reached=not isinstance(error, httpx2.ConnectError))
            if begun:
                raise failed.error from None
            raise failed from None

    def _built(self, wire: WireRequest, timeout_s: float) -> httpx2.Request:
        return self._http.build_request(
            wire.method, wire.path, params=wire.query, content=wire.body,
            headers=wire.traced_headers(), timeout=timeout_s,
        )  # fmt: skip

    async def _authorization(self, remote: Remote, stale: dict[str, str] | None) -> dict[str, str]:
        """The header with a token: the one at hand, unless it is the one in `stale`."""
        if not remote.signed:
            return {}
        async with self._signing:
            used = f"Bearer {self._token}"
            renew = stale is not None and stale.get("Authorization") == used
            if self._token is None or renew:
                self._token = await self._signed_in()
        return {"Authorization": f"Bearer {self._token}"}

    async def _signed_in(self) -> str:
        if self._sign_in is None:
            raise Unauthenticated(
                "this operation needs a signed-in caller",
                advice="Give the client sign_in=SignIn(…) or a token.",
            )
        wire = WireRequest(
            method="POST", path=SIGN_IN_PATH, query={}, body=encode(self._sign_in),
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
        try:
            return decode(await self._attempt(wire, self._timeout_s), Session).data.access_token
        except AttemptFailed as failed:
            raise failed.error from None
