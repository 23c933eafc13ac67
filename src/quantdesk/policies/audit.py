"""Record: who did what, when, in a hash chain that shows any edit.

Each effect has an *intent* entry, durable before anything happens, and an *outcome* entry,
durable before the answer leaves. Refused attempts are recorded too; calls that the rate limit
turned away are not, so a flood cannot fill the log.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from msgspec import Struct

from quantdesk.kernel import (
    AuditUnavailable,
    Call,
    CorruptData,
    DeskError,
    Effect,
    Handler,
    Operation,
    OutcomeUnknown,
    Policy,
    Seam,
    Setting,
    Stage,
    encode,
)

from .checkpoints import AuditRow, Checkpointer, CheckpointRow

PENDING_MAX = 10_000
BATCH_MAX = 1_000
GENESIS = bytes(32)


class Confidential(Setting, frozen=True):
    """The request holds secrets: its digest is not recorded and its answer is never stored."""


class AuditEntry(Struct, frozen=True, kw_only=True):
    """One entry. `request_digest` is the SHA-256 of the canonical request. Entries of before there
    were traces have no `trace_id`."""

    sequence: int
    at: datetime
    request_id: UUID | None
    caller: str
    account: str
    operation: str
    phase: str
    outcome: str
    request_digest: str
    trace_id: str = ""


class AuditStore(Protocol):
    """Where rows are kept: append-only, durable when `append` returns, all of them or none."""

    async def append(
        self, rows: Sequence[AuditRow], checkpoints: Sequence[CheckpointRow] = ()
    ) -> None: ...

    async def head(self) -> AuditRow | None: ...

    def read(self, after: int = 0) -> AsyncIterator[AuditRow]: ...


_Waiting = tuple[dict[str, Any] | None, "asyncio.Future[None]"]
"""An entry, or None for a checkpoint over what there is; and who waits for it."""


class AuditLog:
    """The chain. Entries that arrive together share one durable write."""

    def __init__(
        self,
        store: AuditStore,
        seam: Seam,
        *,
        pending_max: int = PENDING_MAX,
        checkpoints: Checkpointer | None = None,
    ) -> None:
        self._store = store
        self._seam = seam
        self._pending_max = pending_max
        self._checkpoints = checkpoints
        self._sealing: asyncio.TimerHandle | None = None
        self._pending: list[_Waiting] = []
        self._head: AuditRow | None = None
        self._head_known = False
        self._flushing = False
        self._failing = False

    async def append(self, call: Call, phase: str, outcome: str) -> None:
        """Add one entry; durable when it returns. Raises `AuditUnavailable` if it cannot be."""
        if len(self._pending) >= self._pending_max:
            raise AuditUnavailable("the audit log is overloaded")
        confidential = call.operation.setting(Confidential) is not None
        digest = "" if confidential else hashlib.sha256(encode(call.request)).hexdigest()
        fields: dict[str, Any] = {
            "at": self._seam.now(),
            "request_id": call.request_id,
            "caller": call.caller.scope,
            "account": call.caller.account,
            "operation": call.operation.id,
            "phase": phase,
            "outcome": outcome,
            "request_digest": digest,
            "trace_id": call.trace_id,
        }
        await self._submit(fields)

    async def seal(self) -> None:
        """Write a checkpoint over all entries there are, if any is new."""
        if self._checkpoints is not None:
            self._unarm()
            await self._submit(None)
            await self._flusher  # the files have it too
            self._unarm()

    def _submit(self, fields: dict[str, Any] | None) -> asyncio.Future[None]:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending.append((fields, done))
        if not self._flushing:
            # A task of its own: it writes for all, and no caller's end may stop it.
            self._flushing = True
            self._flusher = asyncio.get_running_loop().create_task(self._flush())
        return done

    async def _flush(self) -> None:
        try:
            while self._pending:
                batch, self._pending = self._pending[:BATCH_MAX], self._pending[BATCH_MAX:]
                made = await self._write(batch)
                if self._checkpoints is not None:
                    if made:
                        await self._checkpoints.publish(made)
                    self._arm(self._checkpoints)
        finally:
            self._flushing = False

    def _arm(self, checkpoints: Checkpointer) -> None:
        """Entries that nothing follows get their checkpoint too, a while later."""
        if self._sealing is None and checkpoints.uncovered and checkpoints.idle_s is not None:
            loop = asyncio.get_running_loop()
            self._sealing = loop.call_later(checkpoints.idle_s, self._seal_late)

    def _unarm(self) -> None:
        if self._sealing is not None:
            self._sealing.cancel()
            self._sealing = None

    def _seal_late(self) -> None:
        self._sealing = None
        # Nobody waits: what fails now is tried again with the next entry. Its error is looked
        # at, so that the loop does not report it as forgotten.
        self._submit(None).add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _write(self, batch: list[_Waiting]) -> list[CheckpointRow]:
        failure: BaseException | None = None
        made: list[CheckpointRow] = []
        try:
            if not self._head_known:
                self._head = await self._store.head()
                if self._checkpoints is not None:
                    await self._checkpoints.load()
                self._head_known = True
            entries = [fields for fields, _ in batch if fields is not None]
            rows = chain_rows(self._head, entries)
            if self._checkpoints is not None:
                times = [fields["at"] for fields in entries]
                made = self._checkpoints.over(rows, times, seal=len(entries) < len(batch))
            if rows or made:
                await self._store.append(rows, made)
            self._head = rows[-1] if rows else self._head
        except Exception as error:  # noqa: BLE001 - whatever the store raised, nothing is recorded
            self._head_known = False
            failure = error
        except BaseException as error:
            self._head_known = False
            failure = error
            raise
        finally:
            for _, done in batch:
                if done.done():
                    continue
                if failure is None:
                    done.set_result(None)
                else:
                    refusal = AuditUnavailable(f"the audit entry could not be written: {failure}")
                    refusal.__cause__ = failure if isinstance(failure, Exception) else None
                    done.set_exception(refusal)
        self._tell(failure)
        return [] if failure is not None else made

    def _tell(self, failure: BaseException | None) -> None:
        """Once when it begins, and once when it is over: every effect is refused meanwhile."""
        if (failure is not None) is self._failing:
            return
        self._failing = failure is not None
        import structlog

        log = structlog.get_logger("quantdesk.audit")
        if failure is None:
            log.warning("the audit trail is written again")
        else:
            log.error("the audit trail cannot be written", error=str(failure))


def chain_rows(head: AuditRow | None, entries: Sequence[dict[str, Any]]) -> list[AuditRow]:
    """Number the entries behind `head` and link each to the one before."""
    sequence, chain = (0, GENESIS) if head is None else (head.sequence, head.chain)
    rows = []
    for fields in entries:
        sequence += 1
        body = encode(AuditEntry(sequence=sequence, **fields))
        chain = hashlib.sha256(chain + body).digest()
        rows.append(AuditRow(sequence, body, chain))
    return rows


async def linked(rows: AsyncIterator[AuditRow]) -> AsyncIterator[AuditRow]:
    """The same rows, each link checked. Raises `CorruptData` at the first break."""
    sequence, chain = 0, GENESIS
    async for row in rows:
        sequence += 1
        chain = hashlib.sha256(chain + row.body).digest()
        if row.sequence != sequence or row.chain != chain:
            raise CorruptData(
                "the audit chain is broken",
                where=f"entry {sequence}",
                advice="Compare with a copy: this entry or one before it was changed.",
            )
        yield row


async def verify_chain(store: AuditStore) -> int:
    """Check every link. Returns the number of entries; raises `CorruptData` at the first break.
    What was cut off at the end is not seen: `verify_trail` sees it."""
    entries = 0
    async for row in linked(store.read()):
        entries = row.sequence
    return entries


class Auditing(Policy):
    """Records effects that came in by a face. An operation without a route is a consequence of
    one that has a route, and stands under its request id."""

    stage = Stage.RECORD

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    def wrap(self, operation: Operation, proceed: Handler) -> Handler:
        if operation.effect is Effect.READ or operation.route is None or operation.streams:
            return proceed
        append = self._log.append

        async def record(call: Call) -> object:
            await append(call, "intent", "")
            try:
                reply = await proceed(call)
            except Exception as error:
                code = error.code if isinstance(error, DeskError) else "internal"
                # The intent is on record; a lost outcome must not hide what went wrong.
                with suppress(AuditUnavailable):
                    await append(call, "outcome", code)
                raise
            try:
                await append(call, "outcome", "ok")
            except AuditUnavailable as error:
                raise OutcomeUnknown(
                    f"{operation.id} was carried out, but its outcome could not be recorded"
                ) from error
            return reply

        return record
