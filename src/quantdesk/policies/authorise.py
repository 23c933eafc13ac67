"""Authorise: roles → permissions, and the check of one against an operation."""

from __future__ import annotations

from quantdesk.kernel import (
    NOBODY,
    PUBLIC,
    Call,
    Forbidden,
    Handler,
    Operation,
    Policy,
    Stage,
    Unauthenticated,
)

from .addresses import comes_from

_READ = {
    "identity.self", "ingestion.read", "oracle.read", "chain.read", "trading.read",
    "analytics.read", "ai.read", "ml.read", "flows.read", "strategies.read",
}  # fmt: skip
_TRADE = _READ | {
    "trading.place", "ai.recommend", "ai.approve", "ai.chat", "ml.infer", "strategies.deploy",
}  # fmt: skip

ROLES: dict[str, frozenset[str]] = {
    "viewer": frozenset(_READ),
    "trader": frozenset(_TRADE),
    "risk": frozenset(_READ | {"risk.manage", "operations.read"}),
    "admin": frozenset(
        _TRADE | {
            "risk.manage", "operations.read", "identity.manage", "oracle.publish",
            "strategies.manage",
        }
    ),
    "agent": frozenset(_READ | {"ai.recommend", "ml.infer"}),
}  # fmt: skip
"""What each role may do. An agent acts with the intersection of this and its user's rights."""


def permissions_of(roles: frozenset[str]) -> frozenset[str]:
    """The union over `roles`; an unknown role grants nothing."""
    return frozenset().union(*(ROLES.get(role, frozenset()) for role in roles))


class Authorise(Policy):
    """Refuses a caller without the operation's permission, or from where it may not come."""

    stage = Stage.AUTHORISE

    def wrap(self, operation: Operation, proceed: Handler) -> Handler:
        permission = operation.permission
        if permission == PUBLIC:
            return proceed

        def check(call: Call) -> object:
            if permission not in call.caller.permissions:
                if call.caller is NOBODY:
                    raise Unauthenticated(f"{operation.id} needs a signed-in caller")
                raise Forbidden(
                    f"{call.caller.caller_id} may not use {operation.id}",
                    advice=f"It needs the permission {permission!r}; ask an administrator.",
                )
            if call.caller.networks and not comes_from(call.caller.networks, call.peer):
                raise Forbidden(
                    "this API key may not be used from here",
                    advice="Use it from an address it was made for, over HTTP.",
                )
            return proceed(call)

        return check  # type: ignore[return-value]  # it hands on proceed's awaitable: one coroutine less per call
