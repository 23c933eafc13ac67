"""One connection: frames in, frames out, what is said in one turn of the loop sent at once."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Collection
from contextlib import suppress
from typing import cast

from .codec import Framer, LinkBroken, frame_of, put
from .messages import Frame, LinkLimits

_LEAVE_S_MAX = 1.0


class Wire(asyncio.Protocol):
    """The part that both sides share. `received` gets each frame; `turn_over` follows the last
    one that came at once."""

    def __init__(self, limits: LinkLimits) -> None:
        self.limits = limits
        self.loop = asyncio.get_running_loop()
        self.reason = ""
        self._framer = Framer(limits.greeting_bytes_max)
        self._out = bytearray()
        self._transport: asyncio.Transport | None = None
        self._paused = False

    @abstractmethod
    def received(self, frame: Frame) -> None:
        """One frame. `LinkBroken` ends the connection."""

    @abstractmethod
    def turn_over(self) -> None:
        """All that had arrived was handed over."""

    @abstractmethod
    def lost(self) -> None:
        """The connection is gone; `reason` says why."""

    @property
    def closed(self) -> bool:
        return self._transport is None or self._transport.is_closing()

    @property
    def unsent(self) -> bool:
        """Whether something waits for the end of this turn."""
        return bool(self._out)

    def greeted(self) -> None:
        """Both sides are who they are: larger frames from here on."""
        self._framer.size_max = self.limits.frame_bytes_max

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.reason = self.reason or (str(exc) if exc else "the other side closed the link")
        self._transport = None
        self._out = bytearray()
        self.lost()

    def data_received(self, data: bytes) -> None:
        try:
            for body in self._framer.feed(data):
                self.received(frame_of(body))
                if self.closed:
                    return
        except LinkBroken as error:
            self.close(str(error))
            return
        self.turn_over()

    def send(self, frame: Frame) -> None:
        """Send with the rest of this turn. Raises what encoding raises; nothing is sent then.

        A frame above the limit raises `LinkBroken`: the other side would end the connection.
        """
        if self._transport is None:
            return
        out = self._out
        before = len(out)
        if not before:
            self.loop.call_soon(self.flush)
        size = put(frame, out)
        if size > self.limits.frame_bytes_max:
            del out[before:]
            raise LinkBroken(f"{size} bytes; a frame has at most {self.limits.frame_bytes_max}")

    def flush(self) -> None:
        """Send what waits, now."""
        if self._out and self._transport is not None and not self._paused:
            out, self._out = self._out, bytearray()
            self._transport.write(out)

    def close(self, reason: str) -> None:
        """End the connection after what was said."""
        if self._transport is not None:
            self.reason = self.reason or reason
            self.flush()
            self._transport.close()

    def abort(self, reason: str) -> None:
        """End the connection now."""
        if self._transport is not None:
            self.reason = self.reason or reason
            self._transport.abort()

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self.flush()

    @staticmethod
    async def leave(ways: Collection[Wire], reason: str, left: asyncio.Event) -> None:
        """Close them all; `left` is set when one has gone. Who does not read is cut off."""
        for way in list(ways):
            way.close(reason)
        with suppress(TimeoutError):
            async with asyncio.timeout(_LEAVE_S_MAX):
                while ways:
                    left.clear()
                    await left.wait()
        for way in list(ways):
            way.abort(reason)
        while ways:
            left.clear()
            await left.wait()

    def stop_reading(self) -> None:
        if self._transport is not None:
            self._transport.pause_reading()

    def go_on_reading(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()
