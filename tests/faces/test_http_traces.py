"""Trace context at the HTTP face: in, through, out; and never a reason to refuse."""

from __future__ import annotations

import json

import pytest
import structlog

from quantdesk.kernel import parse_trace

from .shop import ITEM, Counter

pytestmark = pytest.mark.spec("DEV-5")

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
GIVEN = (("traceparent", f"00-{TRACE}-{SPAN}-01"), ("tracestate", "other=1"))


async def test_every_answer_says_which_trace_it_is_in(counter: Counter) -> None:
    for method, path in (
        ("GET", "/v1/shop/items"), ("GET", "/livez"), ("GET", "/nowhere"), ("BREW", "/livez"),
        ("HEAD", "/v1/shop/items"), ("GET", "/v1/shop/items/stream?mode=count"),
    ):  # fmt: skip
        answer = await counter.ask(method, path)
        told = parse_trace(answer.headers["traceparent"].encode())
        request_id = answer.headers["x-request-id"].replace("-", "")
        assert told is not None
        assert (told.trace_id, told.span_id) == (request_id, request_id[16:])
        assert told.sampled is False
        if answer.response.events is not None:
            await answer.response.events.aclose()


async def test_a_given_trace_goes_on(counter: Counter) -> None:
    answer = await counter.ask("GET", "/v1/shop/items", headers=GIVEN)
    span = answer.headers["x-request-id"].replace("-", "")[16:]
    assert answer.headers["traceparent"] == f"00-{TRACE}-{span}-01"
    answer = await counter.ask("GET", f"/v1/shop/items/{ITEM}", headers=GIVEN)
    assert (answer.status, answer.json["trace_id"]) == (404, TRACE)
    answer = await counter.ask("GET", "/nowhere", headers=GIVEN)
    assert (answer.status, answer.json["trace_id"]) == (404, TRACE)


async def test_a_problem_without_a_given_trace_has_its_own(counter: Counter) -> None:
    answer = await counter.ask("GET", "/nowhere")
    assert answer.json["trace_id"] == answer.json["request_id"].replace("-", "")


@pytest.mark.parametrize(
    "headers",
    [
        [("traceparent", "rubbish")], [("traceparent", "")], [GIVEN[0], GIVEN[0]],
        [("traceparent", f"ff-{TRACE}-{SPAN}-01")], [("tracestate", "a=1")],
    ],
)  # fmt: skip
async def test_a_trace_that_is_not_valid_begins_a_new_one(
    counter: Counter, headers: list[tuple[str, str]]
) -> None:
    answer = await counter.ask("GET", "/v1/shop/items", headers=headers)
    assert answer.status == 200
    assert answer.headers["traceparent"].split("-")[1] != TRACE


async def test_several_states_are_one(counter: Counter) -> None:
    headers = [GIVEN[0], ("tracestate", "a=1"), ("tracestate", "b=2")]
    assert (await counter.ask("GET", "/v1/shop/items", headers=headers)).status == 200


async def test_a_defect_is_logged_with_its_trace(counter: Counter) -> None:
    with structlog.testing.capture_logs() as logged:
        answer = await counter.ask("GET", "/v1/shop/failures/internal", headers=GIVEN)
    assert answer.status == 500
    (line,) = logged
    assert (line["trace_id"], line["request_id"]) == (TRACE, answer.json["request_id"])
    assert line["operation"] == "shop.fail"


async def test_a_stream_that_fails_says_its_trace(counter: Counter) -> None:
    answer = await counter.ask("GET", "/v1/shop/items/stream?mode=fail", headers=GIVEN)
    events = answer.response.events
    assert events is not None
    frames = [frame async for frame in events]
    await events.aclose()
    assert frames[-1].startswith(b"event: problem\n")
    assert json.loads(frames[-1].split(b"data: ")[1])["trace_id"] == TRACE
