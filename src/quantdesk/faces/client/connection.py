"""The connection under a socket: it comes back by itself, and takes up what was followed."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Awaitable, Callable
from itertools import count
from typing import TYPE_CHECKING, Literal

from msgspec import UNSET

from quantdesk.kernel import (
    DeskError,
    Internal,
    InvalidInput,
    OutcomeUnknown,
    RateLimited,
    Seam,
    Unavailable,
    encode,
)

from . import frames
from .attempts import AttemptFailed, Retries, answered
from .following import Subscription, problem
from .wire import REPLY_BYTES_MAX

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

State = Literal["connecting", "live", "catching_up", "stale", "closed"]
CALLS_MAX = 1_024
OPEN_S_MAX = 10.0
RECONNECT = Retries(pause_s=0.2, pause_s_max=10.0)


class Sent:
    """A command and where its answer goes."""

    def __init__(
        self,
        command: frames.Call | frames.Subscribe,
        answer: asyncio.Future[frames.Reply] | Subscription,
    ) -> None:
        self.command = command
        self.answer = answer
        self.sent = False

    @property
    def wanted(self) -> bool:
        answer = self.answer
        return answer.following if isinstance(answer, Subscription) else not answer.done()


class Connection:
    """Sends commands, takes frames apart, connects again."""

    def __init__(
        self,
        url: str,
        ticket: Callable[[], Awaitable[str]],
        seam: Seam,
        *,
        reconnect: Retries,
        on_state: Callable[[State], None] | None,
        tls: ssl.SSLContext | None,
    ) -> None:
        self._url = "ws" + url.removeprefix("http").rstrip("/") + "/v1/ws"
        self._ticket = ticket
        self._tls = tls if tls is not None or url.startswith("http:") else True
        self._seam = seam
        self._reconnect = reconnect
        self._on_state = on_state
        self.state: State = "connecting"
        self._was_live = False
        self._welcome: frames.Welcome | None = None
        self._ids = count(1)
        self._queue: deque[Sent] = deque()
        self._sent: dict[str, Sent] = {}
        self._subscriptions: dict[Subscription, None] = {}
        self._channels: dict[str, Subscription] = {}
        self._unsettled: Subscription | None = None
        self._outgoing: deque[bytes] = deque()
        self._to_send = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._over: DeskError | None = None
        self._failed: Exception | None = None

    def start(self) -> None:
        self._running = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        self._end(Unavailable("the socket was closed", advice="Open another."))
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    def trouble(self) -> str:
        """What the last connection failed by."""
        error = self._failed
        return error.message if isinstance(error, DeskError) else str(error or "no answer yet")

    def next_id(self) -> str:
        return str(next(self._ids))

    # Commands

    def submit(self, sent: Sent) -> None:
        """Send a command, now or when there is a connection. Raises what ended this one."""
        if self._over is not None:
            raise self._over.with_traceback(None)  # the same one for many
        # Streams are as many as their readers, and go before.
        if isinstance(sent.answer, Subscription):
            self._queue.appendleft(sent)
            self._flush()
            return
        if len(self._queue) >= CALLS_MAX:
            many = RateLimited(
                f"{CALLS_MAX} commands wait for this socket", retry_after_s=1.0,
                limit=f"{CALLS_MAX} at once",
            )  # fmt: skip
            raise AttemptFailed(many, reached=False, retry_after_s=many.retry_after_s)
        self._queue.append(sent)
        self._flush()

    def withdraw(self, sent: Sent) -> None:
        """Nobody waits for this answer any more."""
        if not sent.sent and sent in self._queue:
            self._queue.remove(sent)

    def _flush(self) -> None:
        """Send what waits, as much at once as the desk takes."""
        welcome = self._welcome
        while welcome is not None and self._queue and len(self._sent) < welcome.in_flight_max:
            sent = self._queue.popleft()
            if not sent.wanted:
                continue
            data = encode(sent.command)
            if len(data) > welcome.message_bytes_max:
                self._answered_by(sent, InvalidInput("the request is too large for a message"))
                continue
            sent.sent = True
            self._sent[sent.command.id] = sent
            self._write(data)

    def _write(self, data: bytes) -> None:
        self._outgoing.append(data)
        self._to_send.set()

    def join(self, subscription: Subscription) -> None:
        if self._over is not None:
            raise self._over.with_traceback(None)  # the same one for many
        subscription.on_room = self._subscribe
        self._subscriptions[subscription] = None
        self._subscribe(subscription)

    def _subscribe(self, subscription: Subscription) -> None:
        if self._welcome is not None and subscription.following:
            self.submit(
                Sent(
                    frames.Subscribe(
                        id=self.next_id(), operation=subscription.remote.operation.id,
                        request=subscription.request, resume=subscription.resume or UNSET,
                    ),
                    subscription,
                )
            )  # fmt: skip
            self._look()

    def leave(self, subscription: Subscription) -> None:
        subscription.closed = True
        self._subscriptions.pop(subscription, None)
        self._unsubscribe(subscription)
        self._look()

    def _unsubscribe(self, subscription: Subscription) -> None:
        if subscription.channel is not None:
            self._channels.pop(subscription.channel, None)
            unsubscribe = frames.Unsubscribe(id=self.next_id(), channel=subscription.channel)
            self._write(encode(unsubscribe))
            subscription.dropped()

    # Frames

    def _take(self, frame: frames.Frame) -> None:
        if self._unsettled is not None and not isinstance(frame, frames.GapFrame):
            unsettled, self._unsettled = self._unsettled, None
            if not isinstance(frame, frames.SnapshotFrame):
                unsettled.settle()
        if isinstance(frame, frames.Events):
            self._events(frame)
        elif isinstance(frame, frames.Reply | frames.Problem):
            self._answered(frame)
        elif isinstance(frame, frames.Subscribed):
            self._subscribed(frame)
        elif isinstance(frame, frames.GapFrame | frames.SnapshotFrame | frames.Ended):
            self._told(frame)

    def _events(self, frame: frames.Events) -> None:
        subscription = self._channels.get(frame.channel)
        if subscription is None:
            return  # left or paused while these were on their way
        if not subscription.events(frame):
            raise Unavailable(f"events of channel {frame.channel} are missing")
        if subscription.paused:
            self._unsubscribe(subscription)
            self._look()

    def _told(self, frame: frames.GapFrame | frames.SnapshotFrame | frames.Ended) -> None:
        subscription = self._channels.get(frame.channel)
        if subscription is None:
            return
        if isinstance(frame, frames.GapFrame):
            subscription.gap(frame)
        elif isinstance(frame, frames.SnapshotFrame):
            subscription.snapshot(frame)
        else:
            del self._channels[frame.channel]
            self._subscriptions.pop(subscription, None)
            subscription.ended(None if bytes(frame.problem) == b"null" else problem(frame.problem))

    def _answered(self, frame: frames.Reply | frames.Problem) -> None:
        sent = self._sent.pop(frame.id, None) if frame.id is not None else None
        if sent is None:
            return
        if isinstance(frame, frames.Problem):
            self._answered_by(sent, problem(frame.problem))
        elif isinstance(sent.answer, asyncio.Future) and not sent.answer.done():
            sent.answer.set_result(frame)
        self._flush()

    def _answered_by(self, sent: Sent, error: DeskError) -> None:
        """The desk says no, or not now."""
        answer = sent.answer
        if isinstance(answer, asyncio.Future):
            if not answer.done():
                answer.set_exception(answered(error))
        elif isinstance(error, RateLimited | Unavailable) and error.retryable:
            pause_s = error.retry_after_s if isinstance(error, RateLimited) else 1.0
            asyncio.get_running_loop().call_later(pause_s, self._again, answer, self._welcome)
        else:
            self._subscriptions.pop(answer, None)
            answer.ended(error)
        self._look()

    def _again(self, subscription: Subscription, welcome: frames.Welcome | None) -> None:
        if self._welcome is welcome and subscription.channel is None and self._over is None:
            self._subscribe(subscription)

    def _subscribed(self, frame: frames.Subscribed) -> None:
        sent = self._sent.pop(frame.id, None)
        if sent is None or not isinstance(sent.answer, Subscription):
            return
        subscription = sent.answer
        subscription.subscribed(frame)
        if subscription.following:
            self._channels[frame.channel] = subscription
            self._unsettled = None if frame.resumed else subscription
        else:
            self._unsubscribe(subscription)
        self._flush()
        self._look()

    # The connection

    async def _run(self) -> None:
        try:
            await self._keep_connected()
        except Exception as error:
            self._end(Internal(f"the client failed: {type(error).__name__}: {error}"))
            raise

    async def _keep_connected(self) -> None:
        failures = 0
        while True:
            pause_s = 0.0
            try:
                failures = 0 if await self._connected() else failures + 1
            except DeskError as error:
                self._failed = error
                if not error.retryable and not isinstance(error, OutcomeUnknown):
                    self._end(error)
                    return
                failures += 1
                pause_s = error.retry_after_s if isinstance(error, RateLimited) else 0.0
            finally:
                self._dropped()
            pause_s = max(pause_s, self._reconnect.jittered(max(failures, 1), self._seam))
            await asyncio.sleep(pause_s)

    async def _connected(self) -> bool:
        """One connection, from its opening to its end. Whether it was of any use."""
        from websockets.asyncio.client import connect
        from websockets.exceptions import WebSocketException

        useful = False
        try:
            async with connect(
                f"{self._url}?ticket={await self._ticket()}", compression=None,
                max_size=REPLY_BYTES_MAX, open_timeout=OPEN_S_MAX, close_timeout=1.0,
                ping_interval=None, proxy=None,
                ssl=self._tls,
            ) as connection:  # fmt: skip
                writing = asyncio.get_running_loop().create_task(self._writing(connection))
                try:
                    async with asyncio.timeout(OPEN_S_MAX) as limit:
                        loop = asyncio.get_running_loop()
                        while True:
                            frame = frames.read(await connection.recv(decode=False))
                            if isinstance(frame, frames.Welcome):
                                self._welcomed(frame)
                            elif frame is not None:
                                useful = True
                                self._take(frame)
                            if self._welcome is not None:
                                # A frame goes out each beat, but for one that was not quiet.
                                silence_s = 2.5 * self._welcome.heartbeat_s + 1.0
                                limit.reschedule(loop.time() + silence_s)
                finally:
                    writing.cancel()
        except (OSError, WebSocketException, TimeoutError, EOFError) as error:
            self._failed = error
            return useful

    async def _writing(self, connection: ClientConnection) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            while True:
                self._to_send.clear()
                while self._outgoing:
                    await connection.send(self._outgoing.popleft().decode())
                await self._to_send.wait()
        except ConnectionClosed:
            return  # who reads finds out too

    def _welcomed(self, welcome: frames.Welcome) -> None:
        self._welcome, self._was_live = welcome, True
        for subscription in self._subscriptions:
            self._subscribe(subscription)
        self._flush()
        self._look()

    def _dropped(self) -> None:
        """Nothing that was under way will be answered."""
        self._welcome, self._unsettled = None, None
        self._channels.clear()
        self._outgoing.clear()
        broke = Unavailable("the connection broke")
        for sent in self._sent.values():
            if isinstance(sent.answer, asyncio.Future) and not sent.answer.done():
                sent.answer.set_exception(AttemptFailed(broke, reached=True))
        self._sent.clear()
        for sent in [one for one in self._queue if isinstance(one.answer, Subscription)]:
            self._queue.remove(sent)
        for subscription in self._subscriptions:
            subscription.dropped()
        self._look()

    def _end(self, error: DeskError) -> None:
        """For good."""
        if self._over is not None:
            return
        self._over = error
        for subscription in self._subscriptions:
            subscription.ended(error)
        self._subscriptions.clear()
        for sent in self._queue:
            if isinstance(sent.answer, asyncio.Future) and not sent.answer.done():
                sent.answer.set_exception(AttemptFailed(error, reached=False))
        self._queue.clear()
        self._look()

    def _look(self) -> None:
        """See how things are, and tell."""
        state: State
        if self._over is not None:
            state = "closed"
        elif self._welcome is None:
            state = "stale" if self._was_live else "connecting"
        elif all(one.channel is not None for one in self._subscriptions):
            state = "live"
        else:
            state = "catching_up"
        if state != self.state:
            self.state = state
            if self._on_state is not None:
                self._on_state(state)
