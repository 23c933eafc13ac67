"""Many requests of one operation in one call: derived from its declaration by `Batch`.

Every item is a call of its own through the same policies: authorised, limited, recorded and
protected as if it had come alone, with an idempotency key of its own out of the batch's. A
malformed item refuses the whole before anything is done; what a rule then refuses is that item's
problem and no other's.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from .errors import DeskError, Internal, Misconfigured
from .operation import POST, Effect, Operation, Setting
from .policy import Call, Handler

ITEMS_MAX = 100


class Batch(Setting, frozen=True):
    """Up to `items_max` of these at once, by POST at `path`."""

    path: str
    items_max: int = ITEMS_MAX


class ItemProblem(Struct, frozen=True, kw_only=True):
    """Why one item of a batch was not done; as the problem it would have been alone."""

    status: int
    code: str
    detail: str
    where: str | None
    advice: str
    details: dict[str, str]


def batch_of(single: Operation) -> Operation | None:
    """The operation that carries out many of `single`, if it declares a `Batch`."""
    batch = next((s for s in single.settings if isinstance(s, Batch)), None)
    if batch is None:
        return None
    if single.route is None or single.streams or "{" in batch.path:
        raise Misconfigured("only what has a route and one reply comes in batches", where=single.id)
    name = f"{single.name}_batch"
    title = "".join(word.capitalize() for word in single.name.split("_"))
    items = Annotated[tuple[single.request, ...], Meta(min_length=1, max_length=batch.items_max)]  # type: ignore[name-defined]  # a type is a value here
    request = msgspec.defstruct(
        f"{title}Batch", [("items", items)], frozen=True, kw_only=True, forbid_unknown_fields=True,
        module=__name__, namespace={"__doc__": f"Up to {batch.items_max} at once."},
    )  # fmt: skip
    outcome = msgspec.defstruct(
        f"{title}Outcome", [("data", single.reply | None), ("problem", ItemProblem | None)],
        frozen=True, kw_only=True, module=__name__,
        namespace={"__doc__": "What came of one item: `data`, or the `problem` it met."},
    )  # fmt: skip
    reply = msgspec.defstruct(
        f"{title}Outcomes", [("items", list[outcome])], frozen=True, kw_only=True,  # type: ignore[valid-type]  # as above
        module=__name__, namespace={"__doc__": "What came of each item, in their order."},
    )  # fmt: skip
    return Operation(
        gateway=single.gateway, name=name, route=POST(batch.path), effect=single.effect,
        permission=single.permission, request=request, reply=reply, streams=False,
        doc=_doc(single, batch), defaults=single.defaults,
        settings=tuple(s for s in single.settings if s is not batch),
    )  # fmt: skip


def _doc(single: Operation, batch: Batch) -> str:
    summary = single.summary[0].lower() + single.summary[1:]
    once = " One idempotency key covers all." if single.effect is Effect.ONCE else ""
    return (
        f"Up to {batch.items_max} at once: {summary}\n\nItems are carried out side by side, each"
        f" under the rules of one sent alone; a malformed one refuses the whole.{once}"
    )


def carry_out(single: Operation, batch: Operation, handler: Handler) -> Handler:
    """The implementation of `batch`: `handler`, the guarded one of `single`, for each item."""
    (outcome,) = msgspec.structs.fields(batch.reply)[0].type.__args__

    async def one(call: Call) -> Any:
        try:
            return outcome(data=await handler(call), problem=None)
        except DeskError as error:
            return outcome(data=None, problem=_told(error))
        except Exception as error:  # noqa: BLE001 - the others have happened, and must be told
            context = {"message": f"{single.id} failed in a batch", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)
            return outcome(data=None, problem=_told(Internal("the desk failed to answer")))

    async def all_of_them(call: Call) -> object:
        key = call.idempotency_key
        calls = [
            Call(
                single, call.caller, item, call.request_id,
                None if key is None else f"{key}/{index}", peer=call.peer, trace=call.trace,
            )
            for index, item in enumerate(call.request.items)  # type: ignore[attr-defined]  # made above
        ]  # fmt: skip
        return batch.reply(items=list(await asyncio.gather(*map(one, calls))))

    return all_of_them


def _told(error: DeskError) -> ItemProblem:
    return ItemProblem(
        status=error.status, code=error.code, detail=error.message, where=error.where,
        advice=error.advice, details=error.detail,
    )  # fmt: skip
