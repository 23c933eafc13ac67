"""Bulk reading of decimals: exact, or refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantdesk.departments.ingestion._numbers import NotPlain, units

pytestmark = pytest.mark.spec("ING-3", "STD-7")

decimals = st.builds(
    lambda whole, places, digits: f"{whole}.{digits:0{places}d}" if places else str(whole),
    st.integers(0, 10**9),
    st.shared(st.integers(0, 8), key="places"),
    st.shared(st.integers(0, 8), key="places").flatmap(lambda n: st.integers(0, 10**n - 1)),
)


@given(st.lists(decimals, min_size=1, max_size=50))
def test_every_number_is_what_decimal_says(texts: list[str]) -> None:
    assert units(texts).tolist() == [int(Decimal(text) * 10**8) for text in texts]


@pytest.mark.parametrize(
    "text",
    [
        "", ".", "1.", ".5", "-1", "+1", "1e5", "NaN", "Infinity", "1_000", " 1", "1 ", "1\n2",
        "1.2.3", "0x10", "١٢", "1,5", "1.123456789", "9" * 19, "99999999999.00000000",
    ],
)  # fmt: skip
def test_what_is_not_a_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(NotPlain):
        units(["1.5", text, "2"])


def test_the_largest_that_fits_and_one_more() -> None:
    assert units(["9999999999.99999999", "92233720368"]).tolist() == [
        10**18 - 1,
        92233720368 * 10**8,
    ]
    for too_large in ("92233720369", "9" * 18, "10000000000.00000000"):
        with pytest.raises(NotPlain):
            units([too_large])


def test_nothing_gives_nothing() -> None:
    assert units([]).tolist() == []
