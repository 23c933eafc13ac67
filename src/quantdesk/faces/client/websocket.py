"""The socket: streams that survive drops, and operations, over one connection to `/v1/ws`."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from msgspec import UNSET, Struct

from quantdesk.kernel import Gateway, Operation, Seam, Unavailable

from . import frames
from .attempts import AttemptFailed, Attempts, Retries
from .connection import RECONNECT, Connection, Sent, State
from .following import INBOX_MAX, Event, EventsMissed, Following, Gap, Subscription
from .wire import Remote, gateway_remotes, remote_of, unreachable

P = TypeVar("P")
Request = TypeVar("Request", bound=Struct)
ReplyT = TypeVar("ReplyT")
EventT = TypeVar("EventT")


class AsyncSocket:
    """One connection that comes back by itself, with pauses as `reconnect` says.

    `ticket` opens one connection as whoever is signed in. `state` is "live" while everything
    that is followed is up to date, "catching_up" while some of it is not, "stale" while a
    connection that was there is not; `on_state` is told each change.
    """

    def __init__(
        self,
        url: str,
        ticket: Callable[[], Awaitable[str]],
        *,
        seam: Seam,
        retries: Retries,
        timeout_s: float = 30.0,
        reconnect: Retries = RECONNECT,
        inbox_max: int = INBOX_MAX,
        on_state: Callable[[State], None] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._connection = Connection(
            url, ticket, seam, reconnect=reconnect, on_state=on_state, tls=tls
        )
        self._seam = seam
        self._retries = retries
        self._timeout_s = timeout_s
        self._inbox_max = inbox_max

    @property
    def state(self) -> State:
        return self._connection.state

    async def __aenter__(self) -> Self:
        self._connection.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Say goodbye. Whoever still follows or waits gets `Unavailable`."""
        await self._connection.close()

    def open(self, gateway: Gateway[P]) -> P:
        """A door of the gateway's own type that speaks over this socket."""
        methods: dict[str, object] = {"__slots__": (), "__doc__": gateway.doc}
        for name, remote in gateway_remotes(gateway).items():
            methods[name] = self._method(remote)
        return cast(P, type(f"Socket{gateway.protocol.__name__}", (), methods)())

    def follow(
        self, operation: Callable[[Any, Request], AsyncIterator[EventT]], request: Request
    ) -> Following[EventT]:
        """`async with` it, then iterate: `Event`s in order, none lost and none twice, but for
        what a `Gap` tells of; a `Snapshot` where the operation has one."""
        return self.following(remote_of(operation), request)

    def stream(
        self, operation: Callable[[Any, Request], AsyncIterator[EventT]], request: Request
    ) -> AsyncGenerator[EventT, None]:
        """The events alone. Raises `EventsMissed` where some were lost."""
        return self._stream(remote_of(operation), request)

    async def call(
        self,
        operation: Callable[[Any, Request], Coroutine[Any, Any, ReplyT]],
        request: Request,
        *,
        timeout_s: float | None = None,
        idempotency_key: str | None = None,
    ) -> ReplyT:
        """Carry out one operation; made again after a drop where `AsyncClient.call` would."""
        remote = remote_of(operation)
        return cast(ReplyT, await self._call(remote, request, timeout_s, idempotency_key))

    def _method(self, remote: Remote | Operation) -> Callable[[object, Any], object]:
        if isinstance(remote, Operation):
            return unreachable(remote)
        if remote.operation.streams:
            return lambda _self, request: self._stream(remote, request)
        return lambda _self, request: self._call(remote, request, None, None)

    def following(self, remote: Remote, message: Struct) -> Following[Any]:
        """As `follow`, for who has the operation itself."""
        remote.check(message)
        subscription = Subscription(remote, message, self._inbox_max)
        return Following(
            subscription,
            self._connection.join,
            self._connection.leave,
            self._timeout_s,
            self._connection.trouble,
        )

    async def _stream(self, remote: Remote, message: Struct) -> AsyncGenerator[Any, None]:
        async with self.following(remote, message) as items:
            async for item in items:
                if isinstance(item, Event):
                    yield item.data
                elif isinstance(item, Gap):
                    raise EventsMissed(
                        f"events of {remote.operation.id} after number {item.after} are lost"
                    )

    async def _call(
        self, remote: Remote, message: Struct, timeout_s: float | None, key: str | None
    ) -> object:
        remote.check(message)
        limit_s = self._timeout_s if timeout_s is None else timeout_s
        attempts = Attempts(remote, self._retries, self._seam, limit_s, key)
        while True:
            call = frames.Call(
                id=self._connection.next_id(), operation=remote.operation.id,
                request=frames.raw(message), idempotency_key=attempts.key or UNSET,
            )  # fmt: skip
            sent = Sent(call, asyncio.get_running_loop().create_future())
            try:
                return remote.read((await self._answer(sent, attempts.remaining_s)).data)
            except AttemptFailed as failed:
                pause_s = attempts.pause_s(failed)
            await asyncio.sleep(pause_s)

    async def _answer(self, sent: Sent, timeout_s: float) -> frames.Reply:
        assert isinstance(sent.answer, asyncio.Future)
        self._connection.submit(sent)
        try:
            async with asyncio.timeout(timeout_s):
                return await sent.answer
        except TimeoutError:
            late = Unavailable(f"no answer within {timeout_s:.3g} s")
            raise AttemptFailed(late, reached=sent.sent) from None
        finally:
            sent.answer.cancel()
            self._connection.withdraw(sent)
