"""Tracing: which calls are sampled, and whose children they are."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from quantdesk.kernel import Call, Refused, Seam, Trace
from quantdesk.policies import Span, Tracing

from .workshop import Piece, Workshop, door, person, shop

pytestmark = pytest.mark.spec("DEV-5")

GIVEN = Trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", True, "a=1")


def traced(seam: Seam, spans: list[Span], sample: float, *plan: object) -> tuple[object, Tracing]:
    tracing = Tracing(seam, spans.append, sample=sample)
    return shop.serve(Workshop(*plan), [tracing]), tracing  # type: ignore[arg-type]  # the workshop's steps


async def ask(served: object, request_id: UUID | None, trace: Trace | None = None) -> Call:
    call = Call(shop.operations["look"], person(), Piece(number=1234), request_id, trace=trace)
    await served.call(call)  # type: ignore[attr-defined]  # a served shop
    return call


async def test_a_request_is_a_span_under_its_own_id(seam: Seam) -> None:
    spans: list[Span] = []
    served, _ = traced(seam, spans, 1.0)
    request_id = seam.uuid7()
    call = await ask(served, request_id)
    (span,) = spans
    assert span.place == Trace(request_id.hex, request_id.hex[16:], True)
    assert (span.parent_id, span.entry, span.error) == (None, True, None)
    assert (span.operation.id, span.caller_kind) == ("shop.look", "person")
    assert call.trace == span.place
    assert "1234" not in repr(span).replace(repr(span.operation), "").replace(repr(span.place), "")


async def test_a_given_trace_decides(seam: Seam) -> None:
    spans: list[Span] = []
    served, _ = traced(seam, spans, 0.0)
    await ask(served, UUID(int=7), Trace(GIVEN.trace_id, GIVEN.span_id, False))
    assert spans == []
    await ask(served, UUID(int=7), GIVEN)
    (span,) = spans
    assert (span.place.trace_id, span.parent_id) == (GIVEN.trace_id, GIVEN.span_id)
    assert span.place.state == "a=1"
    served, _ = traced(seam, spans, 1.0)
    await ask(served, UUID(int=7), Trace(GIVEN.trace_id, GIVEN.span_id, False))
    assert len(spans) == 1


async def test_what_is_asked_next_door_is_a_child(seam: Seam) -> None:
    spans: list[Span] = []
    tracing = Tracing(seam, spans.append, sample=1.0)
    inner = door(Workshop(), tracing)

    async def next_door(_: Piece) -> None:
        await inner.look(Piece())
        await asyncio.gather(inner.deliver(Piece()), inner.make(Piece()))

    served = shop.serve(Workshop(next_door), [tracing])
    request_id = seam.uuid7()
    await served.call(Call(shop.operations["make"], person(), Piece(), request_id))
    *children, root = spans
    assert [span.operation.name for span in children] == ["look", "deliver", "make"]
    for child in children:
        assert (child.parent_id, child.entry) == (root.place.span_id, False)
        assert child.place.trace_id == root.place.trace_id == request_id.hex
    assert len({span.place.span_id for span in spans}) == 4


async def test_a_share_is_sampled_and_all_of_a_request_or_nothing(seam: Seam) -> None:
    spans: list[Span] = []
    tracing = Tracing(seam, spans.append, sample=0.1)
    inner = door(Workshop(), tracing)

    async def next_door(_: Piece) -> None:
        await inner.look(Piece())

    served = shop.serve(Workshop(*[next_door] * 2_000), [tracing])
    for _ in range(2_000):
        await served.call(Call(shop.operations["make"], person(), Piece(), seam.uuid7()))
    by_trace: dict[str, int] = {}
    for span in spans:
        by_trace[span.place.trace_id] = by_trace.get(span.place.trace_id, 0) + 1
    assert set(by_trace.values()) == {2}
    assert 130 < len(by_trace) < 270  # a tenth of 2,000, five standard deviations around


async def test_what_the_desk_does_by_itself_is_sampled_too(seam: Seam) -> None:
    spans: list[Span] = []
    tracing = Tracing(seam, spans.append, sample=0.5)
    inner = door(Workshop(), tracing)

    async def next_door(_: Piece) -> None:
        await inner.look(Piece())

    outer = door(Workshop(*[next_door] * 100), tracing)
    for _ in range(100):
        await outer.deliver(Piece())
    roots = [span for span in spans if span.parent_id is None]
    assert {span.operation.name for span in roots} == {"deliver"}
    assert len(spans) == 2 * len(roots)
    assert 0 < len(roots) < 100
    assert not any(span.entry for span in spans)


@pytest.mark.parametrize(
    ("failure", "code"), [(Refused("no secret 77"), "refused"), (ValueError("77"), "internal")]
)
async def test_an_error_is_told_by_its_code(seam: Seam, failure: Exception, code: str) -> None:
    spans: list[Span] = []
    served, _ = traced(seam, spans, 1.0, failure)
    with pytest.raises(type(failure)):
        await ask(served, seam.uuid7())
    assert [span.error for span in spans] == [code]
    assert "77" not in repr(spans[0].error)


async def test_a_call_that_is_given_up_is_a_span_too(seam: Seam) -> None:
    spans: list[Span] = []

    async def hold(_: Piece) -> None:
        await asyncio.get_running_loop().create_future()

    served, _ = traced(seam, spans, 1.0, hold)
    going = asyncio.ensure_future(ask(served, seam.uuid7()))
    await asyncio.sleep(0)
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going
    assert [span.error for span in spans] == ["cancelled"]


async def test_a_stream_is_a_span_at_its_beginning(seam: Seam) -> None:
    spans: list[Span] = []
    opened = door(Workshop(), Tracing(seam, spans.append, sample=1.0))
    assert [made.turn async for made in opened.watch(Piece())] == [0, 1, 2]
    assert [span.operation.name for span in spans] == ["watch"]
