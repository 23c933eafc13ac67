"""The synchronous client: `client.call(Trading.place_order, request)`."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import httpx2
from msgspec import Struct

from quantdesk.kernel import Misconfigured, Seam, Unauthenticated, decode, encode, stopwatch_ns

from .attempts import NS_PER_S, AttemptFailed, Attempts, Retries, answered, broken
from .wire import (
    REPLY_BYTES_MAX,
    SIGN_IN_PATH,
    Events,
    Remote,
    Session,
    SignIn,
    WireRequest,
    error_of,
    is_local,
    remote_of,
)

Request = TypeVar("Request", bound=Struct)
Reply = TypeVar("Reply")
Event = TypeVar("Event")


class Client:
    """As `AsyncClient`, without an event loop. May be used by several threads."""

    def __init__(
        self,
        url: str,
        sign_in: SignIn | None = None,
        *,
        token: str | None = None,
        timeout_s: float = 30.0,
        silence_s_max: float = 45.0,
        retries: Retries | None = None,
        transport: httpx2.BaseTransport | None = None,
        seam: Seam | None = None,
    ) -> None:
        local = is_local(url)
        self._http = httpx2.Client(
            base_url=url.rstrip("/"), transport=transport, trust_env=not local
        )
        self._sign_in = sign_in
        self._token = token
        self._timeout_s = timeout_s
        self._silence_s_max = silence_s_max
        self._retries = retries or Retries()
        self._seam = seam or Seam.live()
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
    ) -> Reply:
        """Carry out one operation, named by its Protocol's method."""
        remote = remote_of(operation)
        attempts = Attempts(remote, self._retries, self._seam, self._timeout_s)
        while True:
            token = self._authorization(remote, None)
            wire = remote.request(request, {**token, **attempts.headers})
            try:
                return cast(Reply, remote.reply(self._attempt(wire, attempts.remaining_s)))
            except AttemptFailed as failed:
                if self._sign_in is not None and attempts.may_renew(failed.error):
                    self._authorization(remote, token)
                    continue
                pause_s = attempts.pause_s(failed)
            time.sleep(pause_s)  # sim-ok: waits for a desk elsewhere

    def stream(
        self, operation: Callable[[Any, Request], AsyncIterator[Event]], request: Request
    ) -> Iterator[Event]:
        """Follow a stream, one event after the other."""
        remote = remote_of(operation)
        attempts = Attempts(remote, self._retries, self._seam, self._timeout_s)
        while True:
            token = self._authorization(remote, None)
            wire = remote.request(request, {**token, **attempts.headers})
            try:
                yield from self._follow(remote, wire)
            except AttemptFailed as failed:
                if self._sign_in is not None and attempts.may_renew(failed.error):
                    self._authorization(remote, token)
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
            raise answered(error_of(response.status_code, bytes(body)))
        return bytes(body)

    def _follow(self, remote: Remote, wire: WireRequest) -> Iterator[Any]:
        """Until the first event a failure may be tried again; afterwards it is the caller's."""
        begun = False
        try:
            response = self._http.send(self._built(wire, self._silence_s_max), stream=True)
            try:
                if response.status_code != httpx2.codes.OK:
                    raise answered(error_of(response.status_code, response.read()))
                events = Events(remote)
                for line in response.iter_lines():
                    for event in events.feed(line):
                        begun = True
                        yield event
            finally:
                response.close()
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

    def _authorization(self, remote: Remote, stale: dict[str, str] | None) -> dict[str, str]:
        """The header with a token: the one at hand, unless it is the one in `stale`."""
        if not remote.signed:
            return {}
        with self._signing:
            used = f"Bearer {self._token}"
            renew = stale is not None and stale.get("Authorization") == used
            if self._token is None or renew:
                self._token = self._signed_in()
            return {"Authorization": f"Bearer {self._token}"}

    def _signed_in(self) -> str:
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
            return decode(self._attempt(wire, self._timeout_s), Session).data.access_token
        except AttemptFailed as failed:
            raise failed.error from None
