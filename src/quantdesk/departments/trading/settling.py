"""Settlement: what was filled is moved on chain, once, oldest first.

A refusal is tried again with a growing pause, up to a limit; then the settlement is `refused`,
with the reason, for a person to look at (the ledger keeps the trade). No answer is not a refusal:
the settlement stays pending and the same question is asked again, which the chain answers once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from uuid import UUID

from quantdesk.departments.chain import Chain, Settle, Settlement
from quantdesk.kernel import DeskError, Seam

from . import SettledTrades
from .changes import Changes
from .config import RiskLimits
from .core import NS_PER_MS, Core
from .journal import Journal
from .rows import SettlementRow


class Settling:
    """Carries out due settlements, one call at a time."""

    def __init__(
        self, core: Core, journal: Journal, chain: Chain, seam: Seam, limits: RiskLimits
    ) -> None:
        self._core = core
        self._journal = journal
        self._chain = chain
        self._seam = seam
        self._attempts_max = limits.settlement_attempts_max
        self._backoff_ms_min = limits.settlement_backoff_ms_min
        self._backoff_ms_max = limits.settlement_backoff_ms_max
        self._one_at_a_time = asyncio.Lock()

    async def settle_due(self, settlements_max: int) -> SettledTrades:
        """Settle what is due now; calls that come together take turns."""
        async with self._one_at_a_time:
            self._journal.check_open()
            now_ns = self._seam.now_ns()
            due = [row for row in self._core.pending.values() if row.due_ns <= now_ns]
            # The chain must not move what a crash could still take out of the ledger.
            await self._journal.flushed()
            changes, done = Changes(), None
            try:
                for row in due[:settlements_max]:
                    if not await self._settle(row, changes):
                        break
            finally:
                if changes:
                    done = self._journal.submit(changes)
            if done is not None:
                await asyncio.shield(done)
        news = changes.settlement_news
        return SettledTrades(
            confirmed=_orders(n.order_id for n in news if n.settlement.state == "confirmed"),
            refused=_orders(n.order_id for n in news if n.settlement.state == "refused"),
            pending=len(self._core.pending),
        )

    async def _settle(self, row: SettlementRow, changes: Changes) -> bool:
        """Ask the chain once. False if it does not answer, so that asking on has no use."""
        answered = True
        try:
            settlement = await self._chain.settle(_request(row))
        except DeskError as error:
            # A server's fault and a passing one leave open what happened; the rest are answers.
            answered = error.status < 500 and not error.retryable
            self._put_off(row, error, refusal=answered)
        else:
            _confirm(row, settlement)
        if row.state != "pending":
            del self._core.pending[row.settlement_id]
        changes.settlement(row)
        record = self._core.orders.get(row.order_id)
        if record is not None:
            record.updated_ns = self._seam.now_ns()
            changes.order(record)
        return answered

    def _put_off(self, row: SettlementRow, error: DeskError, *, refusal: bool) -> None:
        """Another attempt later, or, after the last refusal, none."""
        row.reason = f"{error.code}: {error.message}"
        if refusal:
            row.attempts += 1
            if row.attempts >= self._attempts_max:
                row.state = "refused"
                return
        doublings = min(32, max(0, row.attempts - 1))
        pause_ms = min(self._backoff_ms_max, self._backoff_ms_min * 2**doublings)
        row.due_ns = self._seam.now_ns() + pause_ms * NS_PER_MS


def _request(row: SettlementRow) -> Settle:
    return Settle(
        settlement_id=UUID(row.settlement_id),
        order_id=UUID(row.order_id),
        account=row.account,
        instrument=row.instrument,
        side=row.side,
        base=row.base,
        quote=row.quote,
        fee=row.fee,
        price=row.price,
        deviation_bps_max=row.deviation_bps_max,
    )


def _confirm(row: SettlementRow, settlement: Settlement) -> None:
    row.state, row.reason = "confirmed", None
    row.attempts += 1
    row.signature = settlement.signature
    row.slot = settlement.slot
    row.fee_lamports = settlement.fee_lamports
    row.oracle_price = settlement.oracle_price.to_units()


def _orders(order_ids: Iterable[UUID]) -> tuple[UUID, ...]:
    """Each once, in order."""
    return tuple(dict.fromkeys(order_ids))
