"""Reading one connection: bytes into requests, with every bound that llhttp does not keep."""

from __future__ import annotations

import math
from collections.abc import Callable

import httptools

from quantdesk.faces.contract.errors import BodyTooLarge, HeadersTooLarge, RequestTimeout
from quantdesk.kernel import DeskError, InvalidInput

from .exchange import Exchange
from .messages import Header, HttpLimits


class Intake:
    """llhttp's callbacks. `submit` is given each whole request, `refuse` the error that ends the
    reading, `invite` a request whose client waits to be told to send the body.

    `deadline` is the loop's time by which what is being read must have arrived.
    """

    __slots__ = (
        "_head_bytes", "_headers", "_invite", "_limits", "_now", "_parser", "_refuse", "_submit",
        "deadline", "reading",
    )  # fmt: skip

    def __init__(
        self,
        limits: HttpLimits,
        now: Callable[[], float],
        *,
        submit: Callable[[Exchange], None],
        refuse: Callable[[DeskError], None],
        invite: Callable[[Exchange], None],
    ) -> None:
        self._limits = limits
        self._now = now
        self._submit = submit
        self._refuse = refuse
        self._invite = invite
        self._parser: httptools.HttpRequestParser | None = httptools.HttpRequestParser(self)
        self._head_bytes = 0
        self._headers: list[Header] = []
        self.reading: Exchange | None = None
        self.deadline = now() + limits.head_s_max

    @property
    def stopped(self) -> bool:
        return self._parser is None

    def stop(self) -> None:
        """Read nothing more: what still arrives is dropped."""
        self._parser = None
        self.reading = None
        self.deadline = math.inf

    def feed(self, data: bytes) -> Exchange | None:
        """Read on. Returns a request that asks for another protocol, once its head is whole."""
        parser = self._parser
        if parser is None:
            return None
        before = self.reading
        self._head_bytes += len(data)
        try:
            parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            if self.reading is not None:
                self.reading.read_head()
            return self.reading
        except httptools.HttpParserError as error:
            if self._parser is not None:
                self._refuse(InvalidInput(str(error), advice="Send HTTP/1.1 as RFC 9112 says."))
            return None
        reading = self.reading
        if reading is None:
            self._head_bytes = 0
        elif reading.headed:
            self._expect_body(reading)
        else:
            if reading is not before:
                self._head_bytes = len(data)
                self.deadline = self._now() + self._limits.head_s_max
            if self._head_bytes > 2 * self._limits.header_bytes_max:
                self._refuse(HeadersTooLarge("the head of the request does not end"))
        return None

    def _expect_body(self, reading: Exchange) -> None:
        """A head without all of its body: most requests arrive in one piece and never get here."""
        if not reading.awaited:
            reading.awaited = True
            self.deadline = self._now() + self._limits.body_s_max
            reading.read_head()
            if reading.length > self._limits.body_bytes_max:
                self._refuse_body()
            elif reading.awaits_continue:
                self._invite(reading)
        elif len(self._headers) > self._limits.headers_max:
            self._refuse(HeadersTooLarge("the trailers do not end"))

    def late(self) -> DeskError | None:
        """What is being read and did not arrive in time; None where nothing was begun."""
        if self.reading is None:
            return None
        what = "body" if self.reading.headed else "head"
        return RequestTimeout(f"the {what} of the request did not arrive in time")

    # What llhttp calls. After `stop` it goes on until the end of what it was fed.

    def on_message_begin(self) -> None:
        self._headers = []
        if self._parser is not None:
            self.reading = Exchange()

    def on_url(self, url: bytes) -> None:
        if self.reading is not None:
            self.reading.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        reading, parser = self.reading, self._parser
        if reading is None or parser is None:
            return
        # Trailers come later and into a list of their own: they mean nothing here.
        reading.headers, self._headers = self._headers, []
        reading.headed = True
        reading.head_bytes = self._head_bytes
        reading.method = parser.get_method().decode("ascii")
        reading.upgrades = parser.should_upgrade()
        reading.chunks = parser.get_http_version() == "1.1"
        reading.keep_alive = reading.chunks and parser.should_keep_alive()

    def on_body(self, body: bytes) -> None:
        reading = self.reading
        if reading is None:
            return
        reading.parts.append(body)
        reading.size += len(body)
        if reading.size > self._limits.body_bytes_max:
            self._refuse_body()

    def on_message_complete(self) -> None:
        reading = self.reading
        if reading is None or reading.upgrades:
            return
        self.reading = None
        self.deadline = math.inf
        self._submit(reading)
        if not reading.keep_alive:
            self.stop()

    def _refuse_body(self) -> None:
        self._refuse(BodyTooLarge(f"the body is larger than {self._limits.body_bytes_max} bytes"))
