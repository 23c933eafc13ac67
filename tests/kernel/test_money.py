"""Money: what is not a plain decimal number is refused, and arithmetic in units is exact."""

from __future__ import annotations

import pickle
from decimal import ROUND_HALF_EVEN, Context, Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quantdesk.kernel import (
    Amount,
    InvalidInput,
    Price,
    Quantity,
    decode,
    encode,
    mul_units,
    plain,
    round_units,
)
from quantdesk.kernel.money import DIGITS_MAX, UNIT, UNITS_MAX

pytestmark = pytest.mark.spec("STD-7", "BE-3")

EXACT = Context(prec=80, rounding=ROUND_HALF_EVEN)
UNITS = st.integers(-UNITS_MAX, UNITS_MAX)
PLAIN = st.from_regex(r"\A-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?\Z")

HOSTILE = [
    "NaN", "nan", "-NaN", "sNaN", "Infinity", "-Infinity", "inf", "1e999999", "1E+999999",
    "1e-999999", "1e5", "1E5", "0e0", "1_000", "1,000", "1 000", " 1", "1 ", "1\n", "\n1", "\t1",
    "١٢", "१", "１２", "1٫5", "¹", "Ⅷ", "+1", "--1", "-", "", ".", ".5", "5.", "-.5", "1.2.3",
    "0x10", "0b1", "1f", "1d", "1L", "01", "007", "00", "-01", "true", "null", "1/3", "½", "∞",
    "1\0", "\ufeff1", "\u200b1", "1\u00a0", "$1", "1%", "--", "1-1", "1+1", "'1'", '"1"',
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("kind", [Amount, Price, Quantity])
def test_hostile_text_is_refused(kind: type[Amount], text: str) -> None:
    with pytest.raises(InvalidInput):
        kind(text)
    with pytest.raises(InvalidInput):
        decode(encode(text), kind)


@pytest.mark.parametrize("value", [1.5, True, None, b"1", Decimal("1.5"), Decimal("NaN"), [1]])
def test_only_text_and_whole_numbers_are_taken(value: object) -> None:
    with pytest.raises(InvalidInput, match="decimal string"):
        Amount(value)  # type: ignore[arg-type]  # what the types already refuse


@pytest.mark.parametrize("wire", [b"1.5", b"1", b"true", b"null", b"[]", b"{}", b"1e999999"])
def test_on_the_wire_a_number_is_a_string(wire: bytes) -> None:
    with pytest.raises(InvalidInput):
        decode(wire, Amount)


def test_digits_have_a_most_on_each_side() -> None:
    full, more = "9" * DIGITS_MAX, "9" * (DIGITS_MAX + 1)
    assert str(Amount(f"-{full}.{full}")) == f"-{full}.{full}"
    for text in (more, f"-{more}", f"1.{more}", f"{more}.{full}", f"{full}.{more}"):
        with pytest.raises(InvalidInput):
            Amount(text)
    assert Amount(10**DIGITS_MAX - 1) == Decimal(full)
    with pytest.raises(InvalidInput):
        Amount(10**DIGITS_MAX)


def test_a_long_text_is_refused_without_being_read() -> None:
    with pytest.raises(InvalidInput) as refusal:
        Amount("1" * 10_000_000)
    assert len(str(refusal.value)) < 300


@pytest.mark.parametrize("kind", [Price, Quantity])
@pytest.mark.parametrize("text", ["0", "-0", "0.0", "0.000000000000000000", "-1", "-0.1"])
def test_prices_and_sizes_are_above_zero(kind: type[Amount], text: str) -> None:
    with pytest.raises(InvalidInput, match="above zero"):
        kind(text)
    assert isinstance(Amount(text), Amount)


@given(PLAIN)
@example("-0")
@example("0.10")
@example("1000000000000000000"[:18])
def test_a_plain_number_is_kept_exactly(text: str) -> None:
    number = Amount(text)
    assert number == Decimal(text)
    assert Amount(str(number)) == number
    assert decode(encode(number), Amount) == number
    assert "E" not in str(number)
    assert pickle.loads(pickle.dumps(number)) == number  # noqa: S301 - our own bytes


@given(st.text(max_size=45))
def test_no_text_does_worse_than_a_refusal(text: str) -> None:
    try:
        number = Amount(text)
    except InvalidInput:
        return
    assert number.is_finite()
    assert str(number).isascii()


@given(PLAIN)
def test_the_same_number_has_one_text(text: str) -> None:
    longer = text + "0" if "." in text and len(text.split(".")[1]) < DIGITS_MAX else text
    assert encode(Amount(longer)) == encode(Amount(text))


@given(UNITS)
@example(UNITS_MAX)
@example(-UNITS_MAX)
@example(1)
@example(0)
def test_units_go_there_and_back(units: int) -> None:
    assert Amount.from_units(units).to_units() == units
    assert Amount(str(Amount.from_units(units))).to_units() == units


def test_what_units_cannot_hold_is_refused() -> None:
    with pytest.raises(InvalidInput, match="finer"):
        Amount("0.000000001").to_units()
    assert Amount("92233720368.54775807").to_units() == UNITS_MAX
    for text in ("92233720368.54775808", "999999999999999999"):
        with pytest.raises(InvalidInput, match="out of range"):
            Amount(text).to_units()


def test_arithmetic_is_checked_when_it_becomes_an_amount() -> None:
    assert Amount.of(Amount("0.1") + Amount("0.2")) == Amount("0.3")
    with pytest.raises(InvalidInput):
        Amount.of(Amount("1") / Amount("3"))
    for wrong in ("NaN", "Infinity", "1E+30"):
        with pytest.raises(InvalidInput):
            Amount.of(Decimal(wrong))
    with pytest.raises(InvalidInput):
        Price.of(Price("1") - Price("1"))


@given(UNITS, st.integers(1, 10**12))
def test_rounding_is_half_even(units: int, step: int) -> None:
    rounded = round_units(units, step)
    exact = EXACT.divide(Decimal(units), Decimal(step))
    assert rounded == int(exact.quantize(Decimal(1), context=EXACT)) * step


@pytest.mark.parametrize(
    ("units", "rounded"),
    [(5, 0), (15, 20), (25, 20), (35, 40), (-5, 0), (-15, -20), (-25, -20), (14, 10), (16, 20)],
)
def test_halves_go_to_the_even_side(units: int, rounded: int) -> None:
    assert round_units(units, 10) == rounded


@given(st.integers(0, 10**15), st.integers(0, 10**15))
def test_a_notional_is_the_product_in_units(price: int, size: int) -> None:
    exact = EXACT.divide(Decimal(price * size), Decimal(UNIT))
    assert mul_units(price, size) == int(exact.quantize(Decimal(1), context=EXACT))


@given(PLAIN)
def test_plain_text_has_no_ornament(text: str) -> None:
    shown = plain(Decimal(text))
    assert Decimal(shown) == Decimal(text)
    assert shown != "-0"
    if "." in shown:
        assert not shown.endswith(("0", "."))
