"""The HTTP core: a request in, an answer out, no socket in sight.

route → caller → typed request → the operation behind its policies → envelope. It knows no
department: everything comes from `Gateway.operations`. ASGI carries it today; a protocol class
of our own can carry it later without a change here.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from msgspec.structs import replace

from quantdesk.faces.contract.envelope import Problem, Reply, ReplyMeta, problem_of
from quantdesk.faces.contract.errors import (
    BodyTooLarge,
    HeadersTooLarge,
    MethodNotAllowed,
    UnsupportedMediaType,
    UpgradeRequired,
    UriTooLong,
)
from quantdesk.faces.contract.parameters import can_have_tag
from quantdesk.kernel import (
    NOBODY,
    PUBLIC,
    Call,
    Caller,
    DeskError,
    Internal,
    InvalidInput,
    NotFound,
    Operation,
    RateLimited,
    Seam,
    Served,
    StepUpRequired,
    Trace,
    Unauthenticated,
    Unavailable,
    encode,
    parse_trace,
)

from .binding import Bind, bind
from .credentials import bearer, idempotency_key, step_up_challenge
from .etags import TAGGED_BYTES_MIN, tagged
from .events import EventStream
from .heads import EVENTS, FAILED, OK, length_of, names_of
from .messages import HttpLimits, HttpRequest, HttpResponse
from .network import HttpNetwork, Surroundings, tell_quota
from .pages import Metrics, Page, SocketPage, pages
from .routing import Router
from .tracing import TRACE_HEADERS, log_defect

Authenticate = Callable[[str], Awaitable[Caller]]
VERSION = "/v1"
_WANTED = frozenset(
    {
        b"authorization", b"content-type", b"content-encoding", b"idempotency-key",
        b"if-none-match", *TRACE_HEADERS,
    }
)  # fmt: skip
_JSON = re.compile(rb'application/json(\s*;\s*charset="?utf-8"?)?\s*', re.IGNORECASE)


class _Endpoint:
    __slots__ = ("bind", "operation", "served", "tagged")

    def __init__(self, served: Served[Any], operation: Operation, limits: HttpLimits) -> None:
        self.served = served
        self.operation = operation
        self.bind: Bind = bind(operation, limits)
        self.tagged = can_have_tag(operation)


class _Asked:
    """What becomes known of a request on the way to its answer."""

    __slots__ = ("call", "operation", "origin", "request_id", "trace")

    def __init__(self, request_id: UUID) -> None:
        self.request_id = request_id
        self.operation: Operation | None = None
        self.origin: bytes | None = None
        self.trace: Trace | None = None
        self.call: Call | None = None


class HttpCore:
    """Every routed operation of `served` under `/v1/<gateway>`, and the pages about the desk.

    `readiness` gives each part's state, "ok" or what is wrong; `metrics` the Prometheus text;
    `openapi` the document as JSON.
    """

    def __init__(
        self,
        served: Sequence[Served[Any]],
        authenticate: Authenticate,
        seam: Seam,
        *,
        readiness: Callable[[], Awaitable[dict[str, str]]],
        metrics: Metrics,
        openapi: bytes,
        limits: HttpLimits | None = None,
        network: HttpNetwork | None = None,
    ) -> None:
        self.limits = limits or HttpLimits()
        self.surroundings = Surroundings(network or HttpNetwork())
        self._wanted = _WANTED | self.surroundings.wanted
        self._authenticate = authenticate
        self._seam = seam
        self._streams = 0
        self._closing: asyncio.Future[None] | None = None
        self._router: Router[_Endpoint | Page] = Router()
        for gateway in served:
            for operation in gateway.gateway.operations.values():
                route = operation.route
                if route is not None:
                    path = f"{VERSION}/{operation.gateway}{route.path}"
                    endpoint = _Endpoint(gateway, operation, self.limits)
                    self._router.add(route.method, path, endpoint)
        self._router.add("GET", f"{VERSION}/ws", SocketPage())
        for path, page in pages(openapi, readiness=readiness, metrics=metrics).items():
            self._router.add("GET", path, page)

    @property
    def streams(self) -> int:
        """Event streams open now."""
        return self._streams

    def now(self) -> datetime:
        """The desk's time, to the microsecond."""
        return self._seam.now()

    def close(self) -> None:
        """End the event streams, so that a graceful stop need not wait for them."""
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_future()
        if not self._closing.done():
            self._closing.set_result(None)

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one request. Never raises, except when its task is cancelled."""
        asked = _Asked(self._seam.uuid7())
        around = self.surroundings
        try:
            response = await self._answer(request, asked)
        except Exception as error:  # noqa: BLE001 - whatever happened, the caller gets a problem
            response = self._failure(error, asked.request_id, asked.operation, asked.trace)
        call, trace = asked.call, asked.trace
        if call is not None:
            trace = call.trace
            if call.quota is not None:
                tell_quota(call.quota, call.tokens, response.headers)
        response.headers.extend(names_of(asked.request_id, trace))
        response.headers.extend(around.always)
        if around.open:
            around.allow(asked.origin, response)
        if request.method == "HEAD" and response.body:
            return replace(response, body=b"")
        return response

    async def _answer(self, request: HttpRequest, asked: _Asked) -> HttpResponse:
        head, around = request.method == "HEAD", self.surroundings
        headers = self._headers(request)
        given_trace = headers.get(b"traceparent")
        if given_trace is not None:
            asked.trace = parse_trace(given_trace, headers.get(b"tracestate"))
        around.check_host(headers.get(b"host"))
        if around.open:
            asked.origin = headers.get(b"origin")
        endpoint, values = self._find(request, "GET" if head else request.method, headers)
        if isinstance(endpoint, HttpResponse):
            return endpoint
        if isinstance(endpoint, Page):
            client = around.client(request.peer, headers.get(b"x-forwarded-for"))
            return await endpoint.answer(client, headers.get(b"if-none-match"))
        operation = asked.operation = endpoint.operation
        token, caller = None, NOBODY
        if operation.permission != PUBLIC:  # before anything of the request is read
            given = headers.get(b"authorization")
            token = bearer(given, missing=f"{operation.id} needs a signed-in caller")
            caller = await self._authenticate(token)
        call = asked.call = self._call(request, headers, endpoint, values, caller, asked)
        if operation.streams:
            return await self._follow(endpoint, call, token, head=head)
        return await self._operate(endpoint, call, headers.get(b"if-none-match"))

    def admit(self, request: HttpRequest) -> str | None:
        """For another face on the same server: who asks, by address, if the head of the request
        may pass at all. Raises what `handle` would answer."""
        headers = self._headers(request)
        self.surroundings.check_host(headers.get(b"host"))
        return self.surroundings.client(request.peer, headers.get(b"x-forwarded-for"))

    def refuse(self, error: Exception) -> HttpResponse:
        """The answer to a request that did not even get here whole."""
        request_id = self._seam.uuid7()
        response = self._failure(error, request_id, None)
        response.headers.extend(names_of(request_id, None))
        return response

    def _find(
        self, request: HttpRequest, method: str, headers: dict[bytes, bytes]
    ) -> tuple[_Endpoint | Page | HttpResponse, tuple[str, ...]]:
        limits = self.limits
        if len(request.path) > limits.path_chars_max or len(request.query) > limits.query_chars_max:
            raise UriTooLong("the path or the query is too long")
        found = self._router.find(request.path)
        if found is None:
            raise NotFound("there is nothing at this path", advice="GET /docs lists what there is.")
        methods, values = found
        endpoint = methods.get(method)
        if endpoint is None:
            allow = sorted({*methods, "HEAD"} if "GET" in methods else methods)
            if method == "OPTIONS":
                preflight = self.surroundings.preflight(headers, allow)
                if preflight is not None:
                    return preflight, ()
            raise MethodNotAllowed(
                f"{method[:16]} is not a method of this resource", allow=", ".join(allow)
            )
        return endpoint, values

    def _headers(self, request: HttpRequest) -> dict[bytes, bytes]:
        """The headers that mean something here; each of them at most once."""
        given, limits = request.headers, self.limits
        if len(given) > limits.headers_max:
            raise HeadersTooLarge(f"more than {limits.headers_max} headers")
        size = request.head_bytes
        if size is None or size > limits.header_bytes_max:
            size = sum([len(name) + len(value) for name, value in given])
        if size > limits.header_bytes_max:
            raise HeadersTooLarge(f"more than {limits.header_bytes_max} bytes of headers")
        found: dict[bytes, bytes] = {}
        wanted = self._wanted
        for name, value in given:
            if name in wanted:
                if name in found and name in TRACE_HEADERS:
                    value = found[name] + b"," + value  # noqa: PLW2901 - as one header, RFC 9110 §5.2
                elif name in found:
                    raise InvalidInput("the header is given twice", where=name.decode())
                found[name] = value
        return found

    def _call(  # noqa: PLR0917 - by position: it stands in every request's way
        self,
        request: HttpRequest,
        headers: dict[bytes, bytes],
        endpoint: _Endpoint,
        values: tuple[str, ...],
        caller: Caller,
        asked: _Asked,
    ) -> Call:
        body = request.body
        if body:
            self._check_body(body, headers)
        message = endpoint.bind(values, request.query, body)
        key = headers.get(b"idempotency-key")
        peer = self.surroundings.client(request.peer, headers.get(b"x-forwarded-for"))
        found = None if key is None else idempotency_key(key)
        return Call(
            endpoint.operation, caller, message, asked.request_id, found,
            peer=peer, trace=asked.trace,
        )  # fmt: skip

    async def _operate(
        self, endpoint: _Endpoint, call: Call, if_none_match: bytes | None
    ) -> HttpResponse:
        data = await endpoint.served.call(call)
        request_id = cast(UUID, call.request_id)
        reply = encode(Reply(data, ReplyMeta(request_id=request_id, timestamp=self._seam.now())))
        if endpoint.tagged and (len(reply) >= TAGGED_BYTES_MIN or if_none_match is not None):
            return tagged(reply, if_none_match)
        return HttpResponse(status=200, fixed=OK, headers=length_of(reply), body=reply)

    def _check_body(self, body: bytes, headers: dict[bytes, bytes]) -> None:
        if len(body) > self.limits.body_bytes_max:
            raise BodyTooLarge(f"the body is larger than {self.limits.body_bytes_max} bytes")
        kind = headers.get(b"content-type", b"")
        if kind != b"application/json" and not _JSON.fullmatch(kind):
            raise UnsupportedMediaType("the body is not JSON", where="content-type")
        if headers.get(b"content-encoding", b"identity") != b"identity":
            raise UnsupportedMediaType("the body is compressed", where="content-encoding")

    async def _follow(
        self, endpoint: _Endpoint, call: Call, token: str | None, *, head: bool
    ) -> HttpResponse:
        if head:
            return HttpResponse(status=200, fixed=EVENTS, headers=[])
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_future()
        if self._streams >= self.limits.streams_max or self._closing.done():
            raise Unavailable(
                "no more event streams can be opened", advice="Close one, or try again later."
            )
        self._streams += 1
        try:
            source = cast(AsyncIterator[object], await endpoint.served.call(call))
        except BaseException:
            self._one_stream_less()
            raise
        stream = EventStream(
            source,
            heartbeat_s=self.limits.heartbeat_s,
            still_allowed=lambda: self._still_allowed(token),
            problem=lambda error: encode(
                self.problem(error, call.request_id, call.operation, call.trace)
            ),
            closing=self._closing,
            on_close=self._one_stream_less,
        )
        try:
            await stream.begin()
        except BaseException:
            await stream.aclose()
            raise
        return HttpResponse(status=200, fixed=EVENTS, headers=[], events=stream)

    async def _still_allowed(self, token: str | None) -> None:
        if token is not None:
            await self._authenticate(token)

    def _one_stream_less(self) -> None:
        self._streams -= 1

    def _failure(
        self,
        error: Exception,
        request_id: UUID,
        operation: Operation | None,
        trace: Trace | None = None,
    ) -> HttpResponse:
        problem = self.problem(error, request_id, operation, trace)
        body = encode(problem)
        headers = length_of(body)
        if isinstance(error, RateLimited):
            headers.append((b"retry-after", b"%d" % max(1, -int(-error.retry_after_s // 1))))
        elif isinstance(error, Unauthenticated):
            headers.append((b"www-authenticate", b"Bearer"))
        elif isinstance(error, UpgradeRequired):
            headers += ((b"upgrade", b"websocket"), (b"connection", b"upgrade"))
        elif isinstance(error, StepUpRequired):
            headers.append((b"www-authenticate", step_up_challenge(error)))
        elif isinstance(error, MethodNotAllowed):
            headers.append((b"allow", error.allow.encode()))
        closes = problem.status in {408, 413}
        return HttpResponse(
            status=problem.status, fixed=FAILED, headers=headers, body=body, closes=closes
        )

    def problem(
        self,
        error: Exception,
        request_id: UUID | None,
        operation: Operation | None,
        trace: Trace | None = None,
    ) -> Problem:
        """The error as every face tells it. A defect of ours is logged and not told."""
        request_id = request_id or self._seam.uuid7()
        trace_id = request_id.hex if trace is None else trace.trace_id
        if not isinstance(error, DeskError) or error.status == Internal.status:
            log_defect(error, request_id, trace_id, operation)
        if not isinstance(error, DeskError) or isinstance(error, Internal):
            error = Internal("the desk failed to answer; the request id finds it in the log")
        return problem_of(error, request_id, trace_id)
