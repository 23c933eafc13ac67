"""Remember: equal READ calls that run at the same time share one execution."""

from __future__ import annotations

import asyncio

from quantdesk.kernel import Call, Handler, Setting, encode

FLIGHTS_MAX = 10_000
_Outcome = tuple[object, Exception | None]


class Coalesced(Setting, frozen=True):
    """Equal calls of one caller that arrive while the first is under way get its answer, or its
    error. For reads that take long beside what they cost: an answer may have been begun before
    the caller's latest effect. A READ that is `Cached` does the same while it fetches."""


def key_of(name: str, call: Call) -> object:
    """Equal for equal questions of one caller: nobody gets another's answer."""
    caller, request = call.caller, call.request
    try:
        key: object = (name, caller.kind, caller.caller_id, request)
        hash(key)
    except TypeError:  # the request holds a list
        key = (name, caller.kind, caller.caller_id, encode(request))
    return key


class Flights:
    """Calls under way by their key. Alone, a call costs two look-ups: a future is made when the
    second one comes. Beyond `flights_max` calls are not shared."""

    __slots__ = ("_flights_max", "_under_way")

    def __init__(self, *, flights_max: int = FLIGHTS_MAX) -> None:
        self._flights_max = flights_max
        self._under_way: dict[object, asyncio.Future[_Outcome | None] | None] = {}

    def __len__(self) -> int:
        return len(self._under_way)

    async def run(self, key: object, proceed: Handler, call: Call) -> object:
        """The outcome of `proceed`, one's own or that of the call that is under way."""
        under_way = self._under_way
        while key in under_way:
            shared = under_way[key]
            if shared is None:
                shared = under_way[key] = asyncio.get_running_loop().create_future()
            outcome = await asyncio.shield(shared)
            if outcome is None:
                continue  # whoever asked first has given up: the first one awake asks again
            reply, error = outcome
            if error is not None:
                raise error
            return reply
        if len(under_way) >= self._flights_max:
            return await proceed(call)
        under_way[key] = None
        outcome = None
        try:
            reply = await proceed(call)
            outcome = (reply, None)
        except Exception as error:
            outcome = (None, error)
            raise
        finally:
            shared = under_way.pop(key)
            if shared is not None:
                shared.set_result(outcome)
        return reply
