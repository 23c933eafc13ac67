"""Answers `Restraining`: limits and modes of scopes, durable before they are answered."""

from __future__ import annotations

from quantdesk.kernel import Caller, after, current_caller, cut

from .config import RiskLimits
from .core import Core
from .journal import Journal
from .limit_messages import (
    RiskLimitsQuery,
    RiskScope,
    RiskScopes,
    Scope,
    SetReduceOnly,
    SetRiskLimits,
)
from .reader import Reader


class Restrainer:
    """Changes what the gate holds scopes to."""

    def __init__(self, core: Core, journal: Journal, reader: Reader, limits: RiskLimits) -> None:
        self._core = core
        self._restraint = core.restraint
        self._journal = journal
        self._reader = reader
        self._limits = limits

    async def list_limits(self, request: RiskLimitsQuery) -> RiskScopes:
        """By scope and name; those that the caller may see."""
        caller, last = current_caller(), after(request, str)
        seen = [
            scope for scope in self._restraint.scopes.values()
            if _may_see(caller, scope) and (last is None or _key(scope) > last)
        ]  # fmt: skip
        await self._journal.flushed()
        seen.sort(key=_key)
        shown, cursor = cut(request, seen[: request.limit + 1], request.limit, _key)
        return RiskScopes(configured=self._limits.shown(), scopes=shown, next_cursor=cursor)

    async def set_limits(self, request: SetRiskLimits) -> RiskScope:
        """Raises `InvalidInput` for a scope that is not there, or limits looser than those
        configured; nothing has changed then."""
        scope, name = request.scope, request.name
        self._journal.check_open()
        self._restraint.check(scope, name)
        self._restraint.check_limits(scope, request.limits)
        is_new = self._restraint.book_is_new(scope, name)
        with self._journal.halting_on_defects():
            changes = self._restraint.set_limits(
                scope, name, request.limits, reason=request.reason,
                set_by=current_caller().caller_id,
            )  # fmt: skip
        found = self._restraint.scopes[scope, name]
        done = self._journal.submit(changes)
        await self._tell_past(scope, name, is_new=is_new)
        await done
        return found

    async def set_mode(self, request: SetReduceOnly) -> RiskScope:
        """Open orders stay; those of a strategy count as its own from now on."""
        scope, name = request.scope, request.name
        self._journal.check_open()
        self._restraint.check(scope, name)
        is_new = self._restraint.book_is_new(scope, name)
        with self._journal.halting_on_defects():
            changes = self._restraint.set_mode(
                scope, name, engaged=request.engaged, reason=request.reason,
                set_by=current_caller().caller_id,
            )  # fmt: skip
        found = self._restraint.scopes[scope, name]
        done = self._journal.submit(changes)
        await self._tell_past(scope, name, is_new=is_new)
        await done
        return found

    async def _tell_past(self, scope: Scope, name: str, *, is_new: bool) -> None:
        """A strategy that is measured for the first time has traded before."""
        if scope != "strategy" or not is_new:
            return
        last = self._core.booking.fill_sequence
        await self._journal.flushed()
        traded = await self._reader.traded_by(name, last)
        self._core.gatekeeper.give(self._restraint.book_of(scope, name), traded)


def _key(scope: RiskScope) -> str:
    return f"{scope.scope}/{scope.name}"


def _may_see(caller: Caller, scope: RiskScope) -> bool:
    own = {"desk": "", "account": caller.account, "strategy": caller.caller_id}
    return "risk.manage" in caller.permissions or own[scope.scope] == scope.name
