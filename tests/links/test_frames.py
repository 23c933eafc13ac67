"""Frames and messages: whatever arrives, cut anywhere, damaged anywhere."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantdesk.departments.ingestion import LEVEL, QUOTE, TRADE, MarketBatch
from quantdesk.faces.contract import document
from quantdesk.faces.contract.examples import example_of
from quantdesk.faces.link.codec import (
    Framer,
    LinkBroken,
    answer_of,
    error_of,
    fail_of,
    frame_of,
    message_of,
    put,
)
from quantdesk.faces.link.messages import Ask, Cancel, End, Fail, Ping, Reply
from quantdesk.gateways import GATEWAYS
from quantdesk.kernel import CATALOGUE, CorruptData, Internal, InvalidInput, convert, schema_hook
from quantdesk.services.database import Query, Rows, Statement, Write

pytestmark = pytest.mark.spec("PRF-2")
OPERATIONS = {o.id: o for gateway in GATEWAYS for o in gateway.operations.values()}


def over(message: Any, kind: Any) -> Any:
    """`message` as the other side reads it."""
    out = bytearray()
    put(Reply(1, message), out)
    (body,) = Framer(1_000_000).feed(bytes(out))
    frame = frame_of(body)
    assert isinstance(frame, Reply)
    return message_of(frame.reply, kind)


@given(st.lists(st.integers(0, 2**31)), st.lists(st.integers(1, 40), min_size=1))
def test_frames_come_out_as_they_went_in_wherever_they_are_cut(
    numbers: list[int], cuts: list[int]
) -> None:
    out = bytearray()
    for number in numbers:
        put(Ping(number) if number % 2 else Cancel(number), out)
    framer, found, at, turn = Framer(1_000), [], 0, 0
    while at < len(out):
        size = cuts[turn % len(cuts)]
        found += [frame_of(bytes(body)) for body in framer.feed(bytes(out[at : at + size]))]
        at, turn = at + size, turn + 1
    assert [frame.number for frame in found] == numbers  # type: ignore[union-attr]


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_noise_is_a_broken_link_and_nothing_else(data: bytes) -> None:
    framer = Framer(64)
    with suppress(LinkBroken):
        for body in framer.feed(data):
            frame_of(body)


@settings(max_examples=300)
@given(st.integers(0, 10_000), st.integers(0, 255), st.sampled_from(sorted(OPERATIONS)))
def test_a_damaged_request_is_refused_or_still_of_its_type(
    place: int, byte: int, name: str
) -> None:
    kind = OPERATIONS[name].request
    message = _example(kind)
    if message is None:
        return
    data = bytearray()
    put(Ask(1, 0, 0, 1_000, message), data)
    data[4 + place % (len(data) - 4)] = byte
    try:
        frame = frame_of(bytes(data[4:]))
    except LinkBroken:
        return
    if isinstance(frame, Ask):
        with suppress(InvalidInput):
            assert isinstance(message_of(frame.request, kind), kind)


def test_a_frame_has_an_end() -> None:
    out = bytearray()
    put(Fail(1, "internal", "x" * 87), out)
    size = len(out) - 4
    assert len(Framer(size).feed(bytes(out))) == 1
    with pytest.raises(LinkBroken, match="allowed"):
        Framer(size - 1).feed(bytes(out))
    # Only the head is needed to refuse: nothing is kept of it.
    with pytest.raises(LinkBroken):
        Framer(100).feed((101).to_bytes(4, "big"))


def test_what_cannot_be_encoded_leaves_no_half_frame() -> None:
    out = bytearray()
    put(End(1), out)
    before = bytes(out)
    with pytest.raises(TypeError):
        put(Reply(2, object()), out)  # type: ignore[arg-type]
    assert bytes(out) == before


def _example(kind: Any) -> Any:
    """One valid message, from its JSON Schema; None where there is none (columns)."""
    try:
        (schema,), components = msgspec.json.schema_components(
            [kind], schema_hook=schema_hook, ref_template="#/components/schemas/{name}"
        )
    except (NotImplementedError, TypeError):
        return None
    try:
        return convert(example_of(schema, components), kind)
    except InvalidInput:
        return None


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_of_the_desk_fits_through_a_link(name: str) -> None:
    operation = OPERATIONS[name]
    for kind in (operation.request, operation.reply):
        message = _example(kind)
        if message is not None:
            assert over(message, kind) == message
        else:
            msgspec.msgpack.Decoder(kind, dec_hook=lambda _kind, value: value)


def test_the_declarations_give_examples_for_nearly_all_of_it() -> None:
    assert document(GATEWAYS, "1")["openapi"]
    without = [name for name, o in OPERATIONS.items() if _example(o.request) is None]
    assert len(without) <= 6, without


def test_columns_arrive_as_columns() -> None:
    batch = MarketBatch(
        source="x", quotes=np.zeros(3, QUOTE), trades=np.ones(2, TRADE), levels=np.zeros(0, LEVEL),
        frames=1, quarantined=0, offset=7, last_received_ns=9,
    )  # fmt: skip
    batch.quotes["bid"] = [1, 2, 3]
    found = over(batch, MarketBatch)
    for name in ("quotes", "trades", "levels"):
        assert getattr(found, name).dtype == getattr(batch, name).dtype
        assert np.array_equal(getattr(found, name), getattr(batch, name))
    assert found.offset == 7


@pytest.mark.parametrize(
    "columns", [["|O", [1], b"12345678"], ["<i8", [2], b"123"], ["?!", [1], b"1"], 5, [1, 2]]
)
def test_columns_that_are_none_are_refused(columns: Any) -> None:
    raw = msgspec.Raw(msgspec.msgpack.encode(columns))
    with pytest.raises(InvalidInput, match="array"):
        message_of(raw, np.ndarray)


def test_text_and_bytes_stay_what_they_are_in_a_table() -> None:
    write = Write(statements=(Statement("INSERT", (None, True, 2**62, 1.5, "text", b"\x00\xff")),))
    assert over(write, Write) == write
    rows = Rows(columns=("a",), rows=[(b"bytes",), ("text",)])
    assert over(rows, Rows) == rows
    assert over(Query(sql="SELECT 1", params=(b"x",)), Query).params == (b"x",)


def test_an_answer_in_another_form_is_not_the_callers_fault() -> None:
    raw = msgspec.Raw(msgspec.msgpack.encode({"columns": 5}))
    with pytest.raises(CorruptData, match="another form"):
        answer_of(raw, Rows)


def test_a_code_of_a_later_version_is_a_fault() -> None:
    error = error_of(Fail(1, "of_tomorrow", "new"))
    assert type(error) is Internal
    limited = error_of(Fail(1, "rate_limited", "slow", detail={"retry_after_s": "soon"}))
    assert limited.code == "rate_limited"
    for code, kind in CATALOGUE.items():
        if code != "rate_limited":
            assert type(error_of(fail_of(1, kind("x"), None))) is kind


def test_ids_travel_as_sixteen_bytes() -> None:
    number = UUID(int=5)
    assert over(number, UUID) == number
    out = bytearray()
    put(Reply(1, number), out)  # type: ignore[arg-type]
    assert number.bytes in out
