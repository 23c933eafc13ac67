"""ETag and If-None-Match: what the client has is not sent again, and never to another caller."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantdesk.faces.http.etags import TAGGED_BYTES_MIN, TAGS_MAX, holds, tag_of
from quantdesk.kernel import InvalidInput, ManualClock, Seam, encode

from .shop import CANARY, ITEM, Counter

pytestmark = [pytest.mark.spec("STD-1"), pytest.mark.spec("PRF-1"), pytest.mark.spec("BE-4")]
ANY = ("if-none-match", '"0"')
ITEMS = "/v1/shop/items"


async def filled(counter: Counter, count: int) -> None:
    for number in range(count):
        await counter.put(item_id=f"01912f4e-7a00-7000-8000-{number:012x}")


async def test_a_reply_at_hand_is_not_sent_again(counter: Counter, seam: Seam) -> None:
    await filled(counter, 10)
    first = await counter.ask("GET", ITEMS)
    assert len(first.response.body) >= TAGGED_BYTES_MIN
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.headers["vary"] == "authorization"
    clock = seam.clock
    assert isinstance(clock, ManualClock)
    clock.advance_to(seam.now_ns() + 10**9)  # meta is another one: data is the same
    again = await counter.ask("GET", ITEMS, headers=[("if-none-match", first.headers["etag"])])
    assert (again.status, again.response.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"] == "private, no-cache"
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert not {"content-type", "content-length"} & set(again.headers)


async def test_a_changed_reply_is_sent(counter: Counter) -> None:
    await filled(counter, 10)
    first = await counter.ask("GET", ITEMS)
    await counter.put(name="black tea", item_id="01912f4e-7a00-7000-8000-000000000000")
    again = await counter.ask("GET", ITEMS, headers=[("if-none-match", first.headers["etag"])])
    assert again.status == 200
    assert again.headers["etag"] != first.headers["etag"]
    assert "black tea" in {item["name"] for item in again.data["items"]}


async def test_a_short_reply_has_a_tag_for_who_asks(counter: Counter) -> None:
    await filled(counter, 1)
    plain = await counter.ask("GET", f"{ITEMS}/{ITEM.hex[:-1]}0")
    assert plain.status == 200
    assert "etag" not in plain.headers
    assert plain.headers["cache-control"] == "no-store"
    asked = await counter.ask("GET", ITEMS, headers=[ANY])
    assert asked.status == 200
    again = await counter.ask("GET", ITEMS, headers=[("if-none-match", asked.headers["etag"])])
    assert again.status == 304


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/v1/shop/broken", 500), ("GET", "/v1/shop/items?limit=0", 400),
        ("GET", "/v1/shop/items/stream", 200), ("POST", ITEMS, 400),
    ],
)  # fmt: skip
async def test_what_has_no_tag(*, counter: Counter, method: str, target: str, status: int) -> None:
    """Problems, streams, effects, and what is confidential."""
    answer = await counter.ask(method, target, headers=[("if-none-match", "*")])
    if answer.response.events is not None:
        await answer.response.events.aclose()
    assert answer.status == status
    assert "etag" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert CANARY not in answer.response.body.decode()


async def test_head_is_get_without_its_body(counter: Counter) -> None:
    await filled(counter, 10)
    got, head = await counter.ask("GET", ITEMS), await counter.ask("HEAD", ITEMS)
    assert (head.status, head.response.body) == (200, b"")
    same = {"etag", "content-length", "content-type", "cache-control", "vary"}
    assert {n: head.headers[n] for n in same} == {n: got.headers[n] for n in same}
    tag = [("if-none-match", got.headers["etag"])]
    assert (await counter.ask("HEAD", ITEMS, headers=tag)).status == 304


async def test_another_caller_with_the_tag_is_asked_for_its_rights_first(counter: Counter) -> None:
    await filled(counter, 10)
    tag = [("if-none-match", (await counter.ask("GET", ITEMS)).headers["etag"])]
    assert (await counter.ask("GET", ITEMS, headers=tag, token=None)).status == 401
    nobody = counter.token_of("eve", "no-such-role")
    assert (await counter.ask("GET", ITEMS, headers=tag, token=nobody)).status == 403


def test_a_tag_is_of_data_alone() -> None:
    one, two = ({"data": {"meta": {"x": 1}}, "meta": {"request_id": n}} for n in "ab")
    other = {"data": {"meta": {"x": 2}}, "meta": {"request_id": "a"}}
    assert tag_of(encode(one)) == tag_of(encode(two)) != tag_of(encode(other))


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("*", True), ('"t"', True), ('W/"t"', True), ('"a", W/"t" ,"b"', True), ('"T"', False),
        ('""', False), (",".join(['"a"'] * (TAGS_MAX - 1) + ['"t"']), True),
    ],
)  # fmt: skip
def test_tags_are_compared_weakly(sent: str, found: bool) -> None:
    assert holds(sent.encode(), b"t") is found


@pytest.mark.parametrize(
    "sent", ["", "t", '"t', 't"', '"t" "t"', 'w/"t"', '"t",', ",", '"a b"', "**", '"t", *']
)
def test_what_is_no_list_of_tags_is_refused(sent: str) -> None:
    with pytest.raises(InvalidInput, match="entity tag"):
        holds(sent.encode(), b"t")


def test_one_tag_too_many() -> None:
    with pytest.raises(InvalidInput, match=f"more than {TAGS_MAX}"):
        holds(b",".join([b'"a"'] * (TAGS_MAX + 1)), b"a")


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_header_is_judged_or_refused(sent: bytes) -> None:
    with suppress(InvalidInput):
        assert holds(sent, b"t") in {True, False}


async def test_the_contract_tells_of_it(counter: Counter) -> None:
    document = json.loads((await counter.ask("GET", "/v1/openapi.json")).response.body)
    get = document["paths"][ITEMS]["get"]
    assert "If-None-Match" in {p["name"] for p in get["parameters"] if p["in"] == "header"}
    assert "304" in get["responses"]
    assert "ETag" in get["responses"]["200"]["headers"]
    for path, method in ((ITEMS, "post"), ("/v1/shop/broken", "get"), (f"{ITEMS}/stream", "get")):
        assert "304" not in document["paths"][path][method]["responses"]
