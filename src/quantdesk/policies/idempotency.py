"""Remember: one effect per idempotency key, however often it is sent."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Protocol

from msgspec import Struct

from quantdesk.kernel import (
    CATALOGUE,
    Call,
    Conflict,
    DeskError,
    Effect,
    Handler,
    Internal,
    Operation,
    OutcomeUnknown,
    Policy,
    Stage,
    decode,
    encode,
)

from .audit import Confidential

ANSWERS_MAX = 100_000


class Answer(Struct, frozen=True, kw_only=True):
    """The first answer: a reply, or an error that trying again would not change."""

    request_digest: str
    reply: bytes | None = None
    error_code: str | None = None
    error_message: str | None = None
    error_where: str | None = None
    error_advice: str | None = None
    error_detail: dict[str, str] = {}


class AnswerStore(Protocol):
    """Where first answers are kept."""

    async def get(self, key: str) -> Answer | None: ...

    async def put(self, key: str, answer: Answer) -> None: ...


class ClaimStore(Protocol):
    """Who began what, where several processes carry out the same operations."""

    async def claim(self, key: str) -> bool:
        """True for the first one who asks for this key, until it is released."""
        ...

    async def release(self, key: str) -> None:
        """Nothing was done: the next one may."""
        ...


class MemoryAnswers:
    """Keeps answers in process, the newest `answers_max`."""

    def __init__(self, *, answers_max: int = ANSWERS_MAX) -> None:
        self._answers_max = answers_max
        self._answers: dict[str, Answer] = {}

    async def get(self, key: str) -> Answer | None:
        return self._answers.get(key)

    async def put(self, key: str, answer: Answer) -> None:
        if len(self._answers) >= self._answers_max:
            del self._answers[next(iter(self._answers))]
        self._answers[key] = answer


class Idempotency(Policy):
    """For ONCE calls that carry a key: the first answer is given again; another body under the
    same key is a `Conflict`; calls that arrive together share one effect.

    With `claims`, over all processes that share them: what one began and did not answer, because
    it died, is never begun by another (`OutcomeUnknown`)."""

    stage = Stage.REMEMBER

    def __init__(self, store: AnswerStore, claims: ClaimStore | None = None) -> None:
        self._store = store
        self._claims = claims
        self._under_way: dict[str, tuple[str, asyncio.Future[object]]] = {}

    def wrap(self, operation: Operation, proceed: Handler) -> Handler:
        if operation.effect is not Effect.ONCE or operation.streams:
            return proceed
        if operation.setting(Confidential) is not None:
            return proceed

        async def once(call: Call) -> object:
            if call.idempotency_key is None:
                return await proceed(call)
            key = f"{call.caller.scope}/{operation.id}/{call.idempotency_key}"
            digest = hashlib.sha256(encode(call.request)).hexdigest()
            running = self._under_way.get(key)
            if running is not None:
                self._same(running[0], digest)
                return await asyncio.shield(running[1])
            task = asyncio.get_running_loop().create_task(
                self._first_or_again(key, digest, operation, call, self._claimed(key, proceed))
            )
            self._under_way[key] = (digest, task)
            task.add_done_callback(lambda done: self._ended(key, done))
            # A caller that is cancelled takes neither the effect nor its answer along.
            return await asyncio.shield(task)

        return once

    def _ended(self, key: str, task: asyncio.Future[object]) -> None:
        del self._under_way[key]
        if not task.cancelled():
            task.exception()  # looked at: nobody may be waiting for it

    def _claimed(self, key: str, proceed: Handler) -> Handler:
        claims = self._claims
        if claims is None:
            return proceed

        async def claimed(call: Call) -> object:
            if not await claims.claim(key):
                raise OutcomeUnknown(
                    f"{call.operation.id} was begun elsewhere with this key, and has not answered",
                    advice="Ask again with the same key: the answer comes if there is one.",
                )
            try:
                return await proceed(call)
            except (OutcomeUnknown, Internal):
                raise
            except DeskError:
                await claims.release(key)
                raise

        return claimed

    async def _first_or_again(
        self, key: str, digest: str, operation: Operation, call: Call, proceed: Handler
    ) -> object:
        known = await self._store.get(key)
        if known is not None:
            self._same(known.request_digest, digest)
            if known.reply is not None:
                return decode(known.reply, operation.reply)
            raise CATALOGUE[known.error_code or "internal"](
                known.error_message or "",
                where=known.error_where,
                advice=known.error_advice,
                detail=known.error_detail,
            )
        try:
            reply = await proceed(call)
        except DeskError as error:
            if 400 <= error.status < 500 and not error.retryable:
                await self._store.put(
                    key,
                    Answer(
                        request_digest=digest,
                        error_code=error.code,
                        error_message=error.message,
                        error_where=error.where,
                        error_advice=error.advice,
                        error_detail=error.detail,
                    ),
                )
            raise
        try:
            await self._store.put(key, Answer(request_digest=digest, reply=encode(reply)))
        except DeskError as error:  # it happened: the caller must not take this for a refusal
            raise OutcomeUnknown(
                f"{operation.id} was carried out, but its answer could not be kept"
            ) from error
        return reply

    @staticmethod
    def _same(first: str, now: str) -> None:
        if first != now:
            raise Conflict("this idempotency key was used with another request")
