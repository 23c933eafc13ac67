"""A caller on the side of a face: known by a token, which the desk checks anew with each call."""

from __future__ import annotations

from msgspec.structs import asdict

from quantdesk.kernel import Caller


class Bearer(Caller, frozen=True, kw_only=True):
    """The owner of `token`. Its rights here are for showing; those that count stand at the desk.

    As `agent` it has of them only `rights`, at the desk too.
    """

    token: str
    agent: str | None = None
    rights: frozenset[str] = frozenset()

    def acting_as_agent(self, agent: str, permissions: frozenset[str]) -> Bearer:
        acting = super().acting_as_agent(agent, permissions)
        return Bearer(**asdict(acting), token=self.token, agent=agent, rights=permissions)

    def __repr__(self) -> str:
        return f"Bearer({self.caller_id!r})"

    __str__ = __repr__


def bearer_of(caller: Caller, token: str) -> Bearer:
    """`caller`, as the owner of `token`."""
    return Bearer(**asdict(caller), token=token)
