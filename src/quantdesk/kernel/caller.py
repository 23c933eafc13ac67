"""Who is asking."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class CallerKind(StrEnum):
    PERSON = "person"
    KEY = "key"
    AGENT = "agent"
    DEPARTMENT = "department"


class Caller(Struct, frozen=True, kw_only=True):
    """A principal and what it may do, resolved before the call.

    `account` owns the orders, positions and balances that the caller acts on: a person's own, or
    for an agent the person's on whose behalf it acts. `scope` separates cached answers and
    idempotency keys of different callers. After `expires_ns` the proof of who this is has expired.
    `stepped_up_ns` is when they last proved it beyond a token: a second factor, or the password of
    a person who has none. A caller with `networks` may only come from an address in one of them.
    """

    caller_id: str
    kind: CallerKind
    permissions: frozenset[str]
    account: str
    roles: frozenset[str] = frozenset()
    session_id: str | None = None
    expires_ns: int | None = None
    networks: tuple[str, ...] = ()
    stepped_up_ns: int | None = None

    @property
    def scope(self) -> str:
        return f"{self.kind}:{self.caller_id}"

    def acting_as_agent(self, agent: str, permissions: frozenset[str]) -> Caller:
        """An agent acting for this caller: the intersection of both their rights."""
        return Caller(
            caller_id=f"{agent}@{self.caller_id}",
            kind=CallerKind.AGENT,
            permissions=self.permissions & permissions,
            account=self.account,
            roles=frozenset({"agent"}),
            session_id=self.session_id,
            expires_ns=self.expires_ns,
        )


def department(name: str, *permissions: str) -> Caller:
    """The caller that a department is towards the others: it has the rights listed, no more."""
    return Caller(
        caller_id=name,
        kind=CallerKind.DEPARTMENT,
        permissions=frozenset(permissions),
        account="desk",
    )


NOBODY = Caller(
    caller_id="anonymous", kind=CallerKind.PERSON, permissions=frozenset(), account="anonymous"
)
"""A caller who has not signed in: public operations only."""
