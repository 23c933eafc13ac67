"""A gateway: a Protocol whose methods are operations. Serving it compiles the policies once;
opening it for a caller gives a door of the same type as the Protocol."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, Generic, Protocol, TypeVar, cast

from .batch import batch_of, carry_out
from .caller import Caller
from .errors import Misconfigured, NotFound
from .operation import Operation, Setting, compile_operation
from .policy import CURRENT, Call, Handler, Policy

P = TypeVar("P")


class Gateway(Generic[P]):
    """The operations of one Protocol, checked when the program starts.

    `defaults` are settings for every operation that does not say otherwise.
    """

    def __init__(self, protocol: type[P], *defaults: Setting) -> None:
        self.protocol = protocol
        self.name = protocol.__name__.lower()
        self.doc = inspect.getdoc(protocol) or ""
        found = (
            compile_operation(self.name, protocol, name, defaults) for name in _names(protocol)
        )
        self.operations: dict[str, Operation] = {o.name: o for o in found if o is not None}
        self.batches: dict[str, Operation] = {}
        """Of each operation that carries out many: the one of which it carries out many."""
        for single in tuple(self.operations.values()):
            batch = batch_of(single)
            if batch is not None:
                self.operations[batch.name] = batch
                self.batches[batch.name] = single
        if not self.operations:
            raise Misconfigured("a gateway has at least one operation", where=protocol.__name__)

    def serve(self, implementation: P, policies: Sequence[Policy] = ()) -> Served[P]:
        """Put the policies around `implementation`. Raises `Misconfigured` for a missing method."""
        return Served(self, implementation, policies)

    def open(self, implementation: P, caller: Caller, policies: Sequence[Policy] = ()) -> P:
        """Serve and open in one step, for a script or a test."""
        return self.serve(implementation, policies).open(caller)


def _names(protocol: type) -> list[str]:
    """What the Protocol declares, and after it what its bases do: a large one is cut into parts."""
    parts = (vars(kind) for kind in protocol.__mro__ if kind not in {Protocol, Generic, object})
    return list(dict.fromkeys(name for part in parts for name in part if not name.startswith("_")))


class Served(Generic[P]):
    """A gateway with its implementation behind compiled policies."""

    def __init__(self, gateway: Gateway[P], implementation: P, policies: Sequence[Policy]) -> None:
        self.gateway = gateway
        ordered = sorted(policies, key=lambda policy: policy.stage, reverse=True)
        self._handlers: dict[str, Handler] = {}
        for operation in gateway.operations.values():
            single = gateway.batches.get(operation.name)
            # Without policies it is sent on whole, to where they are and the batch is carried out.
            sent_on = not policies and hasattr(implementation, operation.name)
            if single is not None and not sent_on:
                handler = carry_out(single, operation, self._handlers[single.name])
            else:
                handler = self._implemented(operation, implementation)
            for policy in ordered:
                handler = policy.wrap(operation, handler)
            self._handlers[operation.name] = handler
        self._door = _door_class(gateway, self._handlers)

    def _implemented(self, operation: Operation, implementation: P) -> Handler:
        method = getattr(implementation, operation.name, None)
        if method is None:
            raise Misconfigured(
                f"{type(implementation).__name__} lacks {operation.id}",
                where=self.gateway.protocol.__name__,
            )
        return _stream_target(method) if operation.streams else _target(method)

    def open(self, caller: Caller) -> P:
        """The door for one caller. Cheap: it holds the caller and nothing else."""
        return cast(P, self._door(caller))

    async def call(self, call: Call) -> object:
        """Carry out a call that a face has put together."""
        handler = self._handlers.get(call.operation.name)
        if handler is None:
            raise NotFound(f"{self.gateway.name} has no operation {call.operation.name!r}")
        return await handler(call)


def _target(method: Callable[[Any], Coroutine[Any, Any, object]]) -> Handler:
    async def carry_out(call: Call) -> object:
        token = CURRENT.set(call)
        try:
            return await method(call.request)
        finally:
            CURRENT.reset(token)

    return carry_out


def _stream_target(method: Callable[[Any], AsyncIterator[object]]) -> Handler:
    if inspect.iscoroutinefunction(method):
        return _target(method)  # it opens the stream elsewhere, which may be refused first

    async def start(call: Call) -> object:
        return _within(call, method)

    return start


async def _within(
    call: Call, method: Callable[[Any], AsyncIterator[object]]
) -> AsyncIterator[object]:
    """The method's events. Its body runs as part of the call, each time it is asked for one."""
    token = CURRENT.set(call)
    try:
        events = method(call.request)
    finally:
        CURRENT.reset(token)
    try:
        while True:
            token = CURRENT.set(call)
            try:
                event = await anext(events)
            except StopAsyncIteration:
                return
            finally:
                CURRENT.reset(token)
            yield event
    finally:
        close = getattr(events, "aclose", None)
        if close is not None:
            await close()


class _Door:
    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller


def _door_class(gateway: Gateway[Any], handlers: dict[str, Handler]) -> type[_Door]:
    methods: dict[str, object] = {"__slots__": (), "__doc__": gateway.doc}
    for name, operation in gateway.operations.items():
        make = _stream_method if operation.streams else _method
        methods[name] = make(operation, handlers[name])
    return type(f"{gateway.protocol.__name__}Door", (_Door,), methods)


def _onward(operation: Operation, caller: Caller, request: Any) -> Call:
    """A call that carries on the one it is made in, if any."""
    within = CURRENT.get(None)
    if within is None:
        return Call(operation, caller, request)
    return Call(operation, caller, request, within.request_id, trace=within.trace)


def _method(operation: Operation, handler: Handler) -> Callable[[_Door, Any], object]:
    def method(self: _Door, request: Any) -> object:
        # Returned, not awaited: one coroutine less on the way.
        return handler(_onward(operation, self._caller, request))

    return method


def _stream_method(operation: Operation, handler: Handler) -> Callable[[_Door, Any], object]:
    async def method(self: _Door, request: Any) -> AsyncIterator[object]:
        events = await handler(_onward(operation, self._caller, request))
        async for event in cast(AsyncIterator[object], events):
            yield event

    return method
