"""The figures and the trail of this desk, as they are when somebody asks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from itertools import groupby
from typing import Protocol

from quantdesk.kernel import (
    NotFound,
    Seam,
    Sequence64,
    after,
    cursor_at,
    decode,
)
from quantdesk.policies import AuditEntry, Figures, Metrics
from quantdesk.policies.checkpoints import AuditRow, CheckpointRow, parse
from quantdesk.policies.metrics import BUCKETS_S

from . import (
    AuditPage,
    AuditQuery,
    CheckpointQuery,
    DepartmentFigures,
    OperationFigures,
    SignedCheckpoint,
    Summary,
    SummaryQuery,
)

SCAN_ENTRIES_MAX = 20_000


class Trail(Protocol):
    """Where the entries are."""

    def backwards(self, before: int | None, limit: int) -> AsyncIterator[AuditRow]: ...

    async def newest_checkpoint(self) -> CheckpointRow | None: ...


class OperationsRoom:
    """Implements `Operations`. One search looks through `scan_entries_max` entries at most."""

    def __init__(
        self,
        metrics: Metrics,
        trail: Trail,
        seam: Seam,
        *,
        scan_entries_max: int = SCAN_ENTRIES_MAX,
    ) -> None:
        self._metrics = metrics
        self._trail = trail
        self._seam = seam
        self._began_ns = seam.now_ns()
        self._scan_entries_max = scan_entries_max

    async def summary(self, request: SummaryQuery) -> Summary:  # noqa: ARG002 - the port's signature
        up_s = (self._seam.now_ns() - self._began_ns) / 1e9
        figures = sorted(self._metrics.figures(), key=lambda one: one.gateway)
        return Summary(
            up_s=up_s,
            departments=[
                _department(gateway, list(found), up_s)
                for gateway, found in groupby(figures, key=lambda one: one.gateway)
            ],
        )

    async def search_audit(self, request: AuditQuery) -> AuditPage:
        found: list[AuditEntry] = []
        seen, before = 0, request.before if request.cursor is None else after(request, Sequence64)
        async for row in self._trail.backwards(before, self._scan_entries_max):
            seen += 1
            entry = decode(row.body, AuditEntry)
            if _fits(entry, request):
                found.append(entry)
            if row.sequence == 1:
                break
            if len(found) >= request.limit or seen >= self._scan_entries_max:
                cursor = cursor_at(request, row.sequence)
                return AuditPage(entries=found, next_before=row.sequence, next_cursor=cursor)
        return AuditPage(entries=found, next_before=None)

    async def get_checkpoint(self, request: CheckpointQuery) -> SignedCheckpoint:  # noqa: ARG002 - the port's signature
        newest = await self._trail.newest_checkpoint()
        if newest is None:
            raise NotFound(
                "there is no checkpoint yet", advice="The first is signed after some entries."
            )
        checkpoint = parse(newest.line, "the newest checkpoint")
        return SignedCheckpoint(
            size=checkpoint.size,
            root=checkpoint.root,
            at=checkpoint.at,
            public_key=checkpoint.public_key,
            line=newest.line.decode(),
        )


def quantile_ms(buckets: Sequence[int], share: float) -> float:
    """Where this share of the calls had ended, in milliseconds, read off between the bounds."""
    wanted, seen = share * sum(buckets), 0
    if not wanted:
        return 0.0
    for index, (bound, count) in enumerate(zip(BUCKETS_S, buckets, strict=False)):
        if count and seen + count >= wanted:
            below = BUCKETS_S[index - 1] if index else 0.0
            return 1000 * (below + (bound - below) * (wanted - seen) / count)
        seen += count
    return 1000 * BUCKETS_S[-1]


def _department(gateway: str, found: list[Figures], up_s: float) -> DepartmentFigures:
    buckets = [sum(counts) for counts in zip(*(one.buckets for one in found), strict=True)]
    calls = sum(buckets)
    errors = sum(sum(one.errors.values()) for one in found)
    return DepartmentFigures(
        gateway=gateway,
        calls=calls,
        calls_per_s=calls / up_s if up_s > 0 else 0.0,
        errors=errors,
        error_rate=errors / calls if calls else 0.0,
        in_flight=sum(one.in_flight for one in found),
        p50_ms=quantile_ms(buckets, 0.50),
        p95_ms=quantile_ms(buckets, 0.95),
        p99_ms=quantile_ms(buckets, 0.99),
        operations=[_operation(one) for one in found if sum(one.buckets) or one.in_flight],
    )


def _operation(one: Figures) -> OperationFigures:
    calls, errors = sum(one.buckets), sum(one.errors.values())
    return OperationFigures(
        operation=one.operation,
        calls=calls,
        errors=one.errors,
        error_rate=errors / calls if calls else 0.0,
        in_flight=one.in_flight,
        p50_ms=quantile_ms(one.buckets, 0.50),
        p95_ms=quantile_ms(one.buckets, 0.95),
        p99_ms=quantile_ms(one.buckets, 0.99),
    )


def _fits(entry: AuditEntry, request: AuditQuery) -> bool:
    return (
        (request.caller is None or entry.caller == request.caller)
        and (request.operation is None or entry.operation == request.operation)
        and (request.trace_id is None or entry.trace_id == request.trace_id)
        and (request.since is None or entry.at >= request.since)
        and (request.until is None or entry.at < request.until)
    )
