"""Batches as bytes: they come back as they were, and damage is found."""

from __future__ import annotations

import numpy as np
import pytest

from quantdesk.departments.ingestion import (
    INSTRUMENT_NAMES,
    MarketBatch,
    columns,
    decode_batch,
    encode_batch,
)
from quantdesk.departments.ingestion._parse import parse
from quantdesk.kernel import CorruptData

from .conftest import Feed

pytestmark = pytest.mark.spec("SVC-4", "GW-3")


@pytest.fixture
def batch(feed: Feed) -> MarketBatch:
    frames = feed.batch(feed.quote(), feed.trade(), feed.depth([["61799.5", "3"]], []))
    parsed = parse(frames.source, frames.frames, frames.received_ns)
    return MarketBatch(
        source=frames.source, quotes=parsed.quotes, trades=parsed.trades, levels=parsed.levels,
        frames=3, quarantined=0, offset=4, last_received_ns=frames.received_ns[-1],
    )  # fmt: skip


def test_a_batch_comes_back_as_it_was(batch: MarketBatch) -> None:
    again = decode_batch(encode_batch(batch), offset=4)
    assert again.source == batch.source
    assert again.offset == 4
    assert again.last_received_ns == batch.last_received_ns
    for name in ("quotes", "trades", "levels"):
        assert np.array_equal(getattr(again, name), getattr(batch, name))
        assert len(getattr(again, name)) == 1


def test_every_cut_and_a_wrong_beginning_are_found(batch: MarketBatch) -> None:
    payload = encode_batch(batch)
    for length in range(len(payload)):
        with pytest.raises(CorruptData, match="offset 9"):
            decode_batch(payload[:length], offset=9)
    with pytest.raises(CorruptData):
        decode_batch(payload + b"x", offset=9)
    with pytest.raises(CorruptData):
        decode_batch(b"XXXX" + payload[4:], offset=9)


def test_columns_of_another_version_are_refused(batch: MarketBatch) -> None:
    payload = encode_batch(batch)
    marked = payload.index(b'"signature":"') + len(b'"signature":"')
    other = payload[:marked] + b"0" * 16 + payload[marked + 16 :]
    with pytest.raises(CorruptData, match="another version"):
        decode_batch(other, offset=0)


def test_a_record_outlives_a_change_of_the_tables(
    batch: MarketBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    payload = encode_batch(batch)
    monkeypatch.setattr(columns, "INSTRUMENT_NAMES", ("NEW-USDC", *reversed(INSTRUMENT_NAMES)))
    monkeypatch.setattr(columns, "VENUE_NAMES", ("binance-spot", "elsewhere"))
    again = decode_batch(payload, offset=0)
    for rows in (again.quotes, again.trades, again.levels):
        assert [columns.INSTRUMENT_NAMES[i] for i in rows["instrument"]] == ["BTC-USDT"]
        assert rows["venue"].tolist() == [0]
    assert again.quotes["bid"].tolist() == batch.quotes["bid"].tolist()
    monkeypatch.setattr(columns, "INSTRUMENT_NAMES", ("NEW-USDC",))
    with pytest.raises(CorruptData, match="unknown"):
        decode_batch(payload, offset=0)
