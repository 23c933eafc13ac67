"""The codec: one strict JSON, and errors that point at the field."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from quantdesk.kernel import (
    Amount,
    InvalidInput,
    Price,
    Quantity,
    convert,
    decode,
    encode,
    schema_hook,
    to_builtins,
)

pytestmark = pytest.mark.spec("BE-3", "STD-5")


class Leg(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    quantity: Quantity
    sizes: list[Annotated[int, Meta(ge=0)]] = []


class Ticket(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    ticket_id: UUID
    price: Price
    legs: list[Leg]
    at: datetime
    note: Annotated[str, Meta(max_length=5)] = ""
    profit: Amount | None = None
    tags: dict[str, int] = {}


TICKET = Ticket(
    ticket_id=UUID(int=1),
    price=Price("10.50"),
    legs=[Leg(quantity=Quantity("1")), Leg(quantity=Quantity("0.25"), sizes=[1, 2])],
    at=datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
    profit=Amount("-0.1"),
)


def wire(**changes: object) -> bytes:
    fields = to_builtins(TICKET)
    fields.update(changes)
    return encode(fields)


def test_a_message_comes_back_equal() -> None:
    assert decode(encode(TICKET), Ticket) == TICKET
    assert convert(to_builtins(TICKET), Ticket) == TICKET


def test_numbers_are_strings_and_times_are_utc() -> None:
    text = encode(TICKET).decode()
    assert '"price":"10.5"' in text
    assert '"profit":"-0.1"' in text
    assert '"at":"2026-01-02T03:04:05.000678Z"' in text


def test_the_same_message_is_the_same_bytes() -> None:
    one = {"b": 1, "a": {"d": Amount("1.0"), "c": 2}}
    other = {"a": {"c": 2, "d": Amount("1")}, "b": 1}
    assert encode(one) == encode(other) == b'{"a":{"c":2,"d":"1"},"b":1}'
    assert encode({"z", "a", "m"}) == b'["a","m","z"]'


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (wire(price=10.5), "/price"),
        (wire(price="NaN"), "/price"),
        (wire(price="0"), "/price"),
        (wire(profit="1e999999"), "/profit"),
        (wire(note="too long"), "/note"),
        (wire(extra=1), "/extra"),
        (wire(ticket_id="no"), "/ticket_id"),
        (wire(at="yesterday"), "/at"),
        (wire(legs={}), "/legs"),
        (wire(legs=[{"quantity": "1"}, {"quantity": "-1"}]), "/legs/1/quantity"),
        (wire(legs=[{"quantity": "1", "more": 1}]), "/legs/0/more"),
        (wire(legs=[{}]), "/legs/0/quantity"),
        (wire(legs=[{"quantity": "1", "sizes": [1, -1]}]), "/legs/0/sizes/1"),
        (wire(tags={"a": "x"}), "/tags"),
        (b"{}", "/ticket_id"),
        (b"[]", ""),
        (b"1", ""),
    ],
)
def test_an_error_points_at_the_field(data: bytes, where: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        decode(data, Ticket)
    assert refusal.value.where == where
    assert refusal.value.message


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"nonsense", b"{}{}", b'{"a":}', b"\xff\xfe", b'"\xff"', b"[" * 100_000, b"\x00",
     b"NaN", b"Infinity", b"{'a':1}", b"// comment\n{}", b'{"a":1,}', b"1" * 100_000],
)  # fmt: skip
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        decode(data, Ticket)


@given(st.binary(max_size=200))
def test_no_bytes_do_worse_than_a_refusal(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        decode(data, Ticket)


def test_query_strings_may_stand_for_numbers() -> None:
    class Page(Struct, frozen=True, forbid_unknown_fields=True):
        limit: Annotated[int, Meta(ge=1, le=10)]
        deep: bool = False

    assert convert({"limit": "5", "deep": "true"}, Page, strings=True) == Page(5, deep=True)
    with pytest.raises(InvalidInput):
        convert({"limit": "5"}, Page)
    with pytest.raises(InvalidInput) as refusal:
        convert({"limit": "11"}, Page, strings=True)
    assert refusal.value.where == "/limit"


def test_what_has_no_wire_form_is_not_sent() -> None:
    with pytest.raises(TypeError, match="not a wire type"):
        encode(object())


def test_the_schema_says_what_the_codec_takes() -> None:
    import re

    for kind, accepted, refused in (
        (Price, ("1", "0.5", "999999999999999999"), ("-1", "1e5", "01", "")),
        (Amount, ("-1", "0", "-0.000000000000000001"), ("+1", "1.", "1_000")),
    ):
        pattern = schema_hook(kind)["pattern"]
        assert isinstance(pattern, str)
        for text in accepted:
            assert re.fullmatch(pattern, text)
            assert decode(encode(text), kind) == kind(text)
        for text in refused:
            assert not re.fullmatch(pattern, text)
    with pytest.raises(NotImplementedError):
        schema_hook(int)
