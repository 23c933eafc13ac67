"""The MCP server: stateless streamable HTTP, one bearer token per request.

Needs the extra `quantdesk[mcp]`: import this module only where it is wanted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import msgspec

from quantdesk import __version__
from quantdesk.faces.contract.envelope import problem_of
from quantdesk.faces.http.credentials import bearer
from quantdesk.kernel import (
    Call,
    Caller,
    DeskError,
    Effect,
    Internal,
    Misconfigured,
    NotFound,
    Seam,
    Served,
    Trace,
    convert,
    encode,
    to_builtins,
    trace_from,
)

from .tools import Offer, as_agent, offered

try:
    import mcp_types as types
    from mcp.server import Server
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
except ImportError as error:
    raise Misconfigured(
        "the MCP face needs the package mcp, which is not installed",
        where="http.mcp",
        advice="Install it with: pip install 'quantdesk[mcp]', or set http.mcp = false.",
    ) from error

BODY_BYTES_MAX = 1_048_576
CALLER = "quantdesk.caller"
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_INSTRUCTIONS = (
    "A paper trading desk. You may look at markets, the account and past trades, and propose"
    " trades; you cannot place orders. Amounts are decimal text."
)


class McpFace:
    """An ASGI application for `/mcp`, alive within `running()`."""

    def __init__(
        self,
        served: Sequence[Served[Any]],
        authenticate: Callable[[str], Awaitable[Caller]],
        seam: Seam,
    ) -> None:
        self._offers = offered(served)
        self._authenticate = authenticate
        self._seam = seam
        server = Server(
            "quantdesk",
            version=__version__,
            instructions=_INSTRUCTIONS,
            on_list_tools=self._list,
            on_call_tool=self._call,
        )
        self._manager = StreamableHTTPSessionManager(
            server, json_response=True, stateless=True, max_request_body_size=BODY_BYTES_MAX
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve within this block."""
        async with self._manager.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Nobody reaches the protocol without a token that holds now."""
        try:
            caller = await self._authenticate(_token(scope))
        except DeskError as error:
            trace = trace_from(scope["headers"])
            trace_id = "" if trace is None else trace.trace_id
            body = encode(problem_of(error, self._seam.uuid7(), trace_id))
            headers = [
                (b"content-type", b"application/problem+json"),
                (b"content-length", b"%d" % len(body)),
                (b"www-authenticate", b"Bearer"),
            ]
            await send({"type": "http.response.start", "status": error.status, "headers": headers})
            await send({"type": "http.response.body", "body": body})
            return
        await self._manager.handle_request({**scope, CALLER: as_agent(caller)}, receive, send)

    async def _list(self, context: Any, _params: Any) -> Any:
        caller = _caller(context)
        tools = [_described(one) for one in self._offers.values() if _may(caller, one)]
        return types.ListToolsResult(tools=tools)

    async def _call(self, context: Any, params: Any) -> Any:
        request_id = self._seam.uuid7()
        trace = trace_from(context.request.scope["headers"])
        try:
            message = params.arguments or {}
            data = await self._asked(context, params.name, message, request_id, trace)
        except Exception as error:  # noqa: BLE001 - whatever happened, the agent is told so
            known = error if isinstance(error, DeskError) else Internal("the desk failed to answer")
            trace_id = "" if trace is None else trace.trace_id
            problem = to_builtins(problem_of(known, request_id, trace_id))
            return _result(problem, is_error=True)
        return _result(data if isinstance(data, dict) else {"data": data}, is_error=False)

    async def _asked(
        self,
        context: Any,
        name: str,
        arguments: dict[str, Any],
        request_id: UUID,
        trace: Trace | None,
    ) -> Any:
        caller, client = _caller(context), context.request.scope.get("client")
        offer = self._offers.get(name)
        # A tool that is not offered to this caller is as if it were not there.
        if offer is None or not _may(caller, offer):
            raise NotFound(f"there is no tool {name[:64]!r}", advice="List the tools.")
        operation = offer.operation
        message = convert(arguments, operation.request)
        peer = client[0] if client else None
        call = Call(operation, caller, message, request_id, peer=peer, trace=trace)
        return to_builtins(await offer.served.call(call))


def _may(caller: Caller, offer: Offer) -> bool:
    return offer.operation.permission in caller.permissions


def _described(offer: Offer) -> Any:
    effect = offer.operation.effect
    return types.Tool(
        name=offer.tool.name,
        description=offer.tool.description,
        input_schema=offer.input_schema,
        annotations=types.ToolAnnotations(
            read_only_hint=effect is Effect.READ,
            destructive_hint=False,
            idempotent_hint=effect is not Effect.ONCE,
            open_world_hint=False,
        ),
    )


def _result(data: dict[str, Any], *, is_error: bool) -> Any:
    text = msgspec.json.encode(data).decode()
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=text)],
        structured_content=data,
        is_error=is_error,
    )


def _caller(context: Any) -> Caller:
    caller = context.request.scope[CALLER]
    assert isinstance(caller, Caller)
    return caller


def _token(scope: Scope) -> str:
    found = [value for name, value in scope["headers"] if name == b"authorization"]
    return bearer(found[0] if len(found) == 1 else None, missing="agents need a bearer token")
