"""Oracle accounts as a cluster holds them: Switchboard, PriceUpdateV2 and the legacy layout."""

from __future__ import annotations

import base64
import json
import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest

from quantdesk.departments.chain import RECEIVER_PROGRAM
from quantdesk.departments.oracle import (
    AccountAccepted,
    AccountSource,
    OracleConfig,
    PriceQuery,
    SubmitAccount,
)
from quantdesk.departments.oracle._accounts import (
    LEGACY_PROGRAM,
    decode_legacy,
    decode_push,
    decode_switchboard,
)
from quantdesk.departments.oracle._switchboard import PROGRAM as SWITCHBOARD
from quantdesk.departments.oracle._switchboard import decode_pull_feed
from quantdesk.kernel import (
    Amount,
    CorruptData,
    InvalidInput,
    Misconfigured,
    NotFound,
    OracleRefused,
    Seam,
)

from .prices import Desk, open_desk

pytestmark = [pytest.mark.spec("GW-6"), pytest.mark.recordings]
PUSH_AT_S = 1_721_133_402
SWITCHBOARD_AT_S = 1_723_244_190
PUSH = AccountSource(symbol="SOL-USD", kind="pyth-push", address="P" * 44)
FEED = AccountSource(symbol="SOL-USD", kind="switchboard", address="S" * 44)
LEGACY = AccountSource(symbol="SOL-USD", kind="pyth-legacy", address="L" * 44)


@pytest.fixture
def switchboard(recordings: Path) -> bytes:
    return (recordings / "solana" / "swb_pull_sol_price.bin").read_bytes()


@pytest.fixture
def push(recordings: Path) -> bytes:
    return (recordings / "solana" / "pyth_push_sol_price.bin").read_bytes()


@pytest.fixture
def legacy(recordings: Path) -> bytes:
    entry = json.loads((recordings / "solana" / "sol_pyth_oracle.json").read_text("utf-8"))
    return base64.b64decode(entry["account"]["data"][0])


def patched(data: bytes, at: int, layout: str, *values: int) -> bytes:
    changed = bytearray(data)
    struct.pack_into(layout, changed, at, *values)
    return bytes(changed)


def test_a_real_switchboard_feed(switchboard: bytes) -> None:
    feed = decode_pull_feed(switchboard)
    assert (feed.name, feed.samples, feed.slot) == ("SOL/USD", 2, 282_612_970)
    assert (feed.value, feed.deviation) == (15_559_404_527, 24_016_179)  # 155.594 ± 0.24
    assert feed.updated_s == SWITCHBOARD_AT_S


@pytest.mark.parametrize(
    ("patch", "error", "reason"),
    [
        ((0, "<B", 0), CorruptData, "discriminator"),
        ((2264, "<Q", 2**64 - 1), CorruptData, "not a price"),  # the value
        ((2344, "<Q", 0), CorruptData, "does not follow"),  # the highest
        ((8 + 5 * 64 + 48, "<Q", 0), CorruptData, "does not follow"),  # a submission
        ((2376, "<Q", 282_612_900), CorruptData, "does not follow"),  # the oldest sample's slot
        ((2360, "<B", 3), CorruptData, "does not follow"),  # samples
        ((2360, "<B", 0), OracleRefused, "0 samples"),
        ((2215, "<B", 3), OracleRefused, "at least 3"),
        ((2368, "<Q", 0), OracleRefused, "samples"),  # no result yet
    ],
)
def test_a_feed_that_contradicts_itself(
    switchboard: bytes, patch: tuple[int, str, int], error: type[Exception], reason: str
) -> None:
    with pytest.raises(error, match=reason):
        decode_pull_feed(patched(switchboard, *patch))


def test_a_real_price_update(push: bytes) -> None:
    said = decode_push(push)
    assert (said.price, said.confidence) == (15_679_769_099, 16_197_271)
    assert (said.published_s, said.verified) == (PUSH_AT_S, True)


def test_a_real_legacy_account_that_is_not_trading(legacy: bytes) -> None:
    with pytest.raises(OracleRefused, match="status is unknown"):
        decode_legacy(legacy)
    said = decode_legacy(patched(legacy, 224, "<I", 1))
    assert (said.price, said.confidence) == (11_923_378_000, 16_676_631)
    assert said.published_s == 1_730_534_860
    with pytest.raises(OracleRefused, match="status is halted"):
        decode_legacy(patched(legacy, 224, "<I", 2))
    with pytest.raises(CorruptData, match="magic"):
        decode_legacy(patched(legacy, 0, "<I", 0))
    with pytest.raises(CorruptData, match="size"):
        decode_legacy(patched(legacy, 12, "<I", 100))


def test_every_truncation_is_refused(switchboard: bytes, push: bytes, legacy: bytes) -> None:
    for decode, data in (
        (decode_switchboard, switchboard), (decode_push, push), (decode_legacy, legacy)
    ):  # fmt: skip
        for length in range(len(data)):
            with pytest.raises(CorruptData):
                decode(data[:length])


async def submit(desk: Desk, source: AccountSource, owner: str, data: bytes) -> AccountAccepted:
    text = base64.b64encode(data).decode()
    return await desk.door.submit_account(
        SubmitAccount(address=source.address, owner=owner, data_base64=text)
    )


async def following(tmp_path: Path, at_s: int, **changes: object) -> Desk:
    config = OracleConfig(accounts=(PUSH, FEED, LEGACY), **changes)  # type: ignore[arg-type]  # fields of OracleConfig
    return await open_desk(tmp_path / "x.sqlite", Seam.replay(1, at_s * 10**9), config=config)


async def test_accounts_become_one_price(tmp_path: Path, switchboard: bytes, push: bytes) -> None:
    at_s = SWITCHBOARD_AT_S + 20
    desk = await following(tmp_path, at_s, divergence_bps_max=200)
    taken = await submit(desk, FEED, SWITCHBOARD, switchboard)
    assert (taken.symbol, taken.source, taken.newer) == ("SOL-USD", "switchboard", True)
    assert (taken.price, taken.confidence) == (Amount("155.59404527"), Amount("0.24016179"))
    assert taken.published_at == datetime.fromtimestamp(SWITCHBOARD_AT_S, UTC)
    moved = patched(push, 93, "<q", at_s - 1)
    await submit(desk, PUSH, RECEIVER_PROGRAM, moved)
    price = await desk.door.get_price(PriceQuery(symbol="SOL-USD"))
    assert [(s.source, s.status) for s in price.sources] == [
        ("pyth-account", "used"), ("switchboard", "used")
    ]  # fmt: skip
    assert Amount("155.59404527") < price.price < Amount("156.79769099")
    assert (price.age_ms, price.local) == (20_000, False)
    assert PUSH.address in price.sources[0].provenance
    await desk.database.close()


async def test_an_account_verified_in_part_has_no_vote(tmp_path: Path, push: bytes) -> None:
    desk = await following(tmp_path, PUSH_AT_S)
    partial = push[:40] + b"\x00\x05" + push[41:-1]
    await submit(desk, PUSH, RECEIVER_PROGRAM, partial)
    with pytest.raises(OracleRefused, match="no fresh source") as error:
        await desk.door.get_price(PriceQuery(symbol="SOL-USD"))
    assert error.value.detail["pyth-account"].startswith("unverified")
    await submit(desk, PUSH, RECEIVER_PROGRAM, push)
    assert (await desk.door.get_price(PriceQuery(symbol="SOL-USD"))).age_ms == 0
    await desk.database.close()


async def test_an_account_that_nobody_named(tmp_path: Path, push: bytes) -> None:
    desk = await following(tmp_path, PUSH_AT_S)
    with pytest.raises(OracleRefused, match="owned by"):
        await submit(desk, PUSH, LEGACY_PROGRAM, push)
    with pytest.raises(OracleRefused, match="owned by"):
        await submit(desk, LEGACY, RECEIVER_PROGRAM, push)
    with pytest.raises(NotFound, match="does not follow"):
        await desk.door.submit_account(
            SubmitAccount(address="X" * 44, owner=RECEIVER_PROGRAM, data_base64="AAAAAAAA")
        )
    with pytest.raises(InvalidInput, match="base64"):
        await desk.door.submit_account(
            SubmitAccount(address=PUSH.address, owner=RECEIVER_PROGRAM, data_base64="not base64!")
        )
    with pytest.raises(InvalidInput, match="above zero"):
        await submit(desk, PUSH, RECEIVER_PROGRAM, patched(push, 73, "<q", -1))
    with pytest.raises(NotFound):
        await desk.door.get_price(PriceQuery(symbol="SOL-USD"))
    await desk.database.close()


async def test_a_source_may_not_be_named_twice(tmp_path: Path) -> None:
    config = OracleConfig(accounts=(PUSH, PUSH))
    with pytest.raises(Misconfigured, match="twice"):
        await open_desk(tmp_path / "x.sqlite", Seam.replay(1, 0), config=config)
