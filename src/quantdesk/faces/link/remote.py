"""A gateway that stands elsewhere, as an implementation of its Protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar, cast

from quantdesk.kernel import Gateway, Operation, current_call

from .pool import Pool

P = TypeVar("P")


def remote(gateway: Gateway[P], pool: Pool) -> P:
    """What `gateway.serve` puts its policies around. It sends on the call being carried out."""
    methods: dict[str, object] = {}
    for name, operation in gateway.operations.items():
        methods[name] = _following(pool) if operation.streams else _method(pool, operation)
    kind = type(f"Remote{gateway.protocol.__name__}", (), methods)
    return cast(P, kind())


def _method(pool: Pool, operation: Operation) -> Callable[[Any, Any], Any]:
    async def method(_self: Any, _request: Any) -> object:
        call = current_call()
        assert call.operation is operation
        return await pool.call(call)

    return method


def _following(pool: Pool) -> Callable[[Any, Any], Any]:
    async def method(_self: Any, _request: Any) -> AsyncIterator[object]:
        return await pool.follow(current_call())

    return method
