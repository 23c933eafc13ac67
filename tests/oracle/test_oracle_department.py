"""The department: the local publisher's way through the real verification, checks and history."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from msgspec import Struct
from msgspec.structs import replace

from quantdesk.departments.chain import OpenAccount, Settle, decode_price_update
from quantdesk.departments.oracle import (
    ACCOUNT_BYTES_MAX,
    OBSERVATIONS_MAX,
    PAGE_MAX,
    UPDATE_BYTES_MAX,
    CheckPrice,
    Emitter,
    Feed,
    Observation,
    Observe,
    OracleConfig,
    PriceHistoryQuery,
    PriceQuery,
    SubmitAccount,
    SubmitUpdate,
)
from quantdesk.departments.oracle._publisher import (
    CHAIN,
    EMITTER,
    QUORUM,
    SET_INDEX,
    SIGNERS,
    LocalPublisher,
    local_feed_id,
)
from quantdesk.departments.oracle._pyth import parse_update
from quantdesk.departments.oracle._verifier import Verifier
from quantdesk.departments.oracle.department import OracleDepartment
from quantdesk.kernel import (
    Amount,
    InvalidInput,
    Misconfigured,
    NotFound,
    OracleRefused,
    Price,
    Seam,
    convert,
)
from quantdesk.services.database.sqlite import SqliteDatabase

from .prices import SOL_USD, Desk, Signers, U, message, open_desk

pytestmark = pytest.mark.spec("GW-6")
THREE = (("SOL-USDC", "simulated", 150.0), ("BTC-USDC", "simulated", 60_000.0),
         ("ETH-USDC", "simulated", 2_500.0))  # fmt: skip
SEEN = {"symbol": "A-B", "venue": "v", "mid": 1, "half_spread": 0, "observed_ns": 0}


def publisher() -> LocalPublisher:
    return LocalPublisher([bytes([7 + i]) * 32 for i in range(SIGNERS)])


def test_the_local_publisher_signs_in_the_real_format() -> None:
    local = publisher()
    verifier = Verifier([local.trusted()])
    signers = set()
    for turn in range(5):
        update = local.publish({"A-B": (150 * U, U), "C-D": (2 * U, 1)}, (1_000 + turn) * 10**9)
        signers.update(index for index, _ in parse_update(update).vaa.signatures)
        verified = verifier.verify(update)
        assert (verified.signatures, verified.signer_set.local) == (QUORUM, True)
        assert [m.feed_id for m in verified.messages] == [
            local_feed_id("A-B"),
            local_feed_id("C-D"),
        ]
    assert signers == set(range(SIGNERS))
    changed = update.replace((150 * U).to_bytes(8, "big"), (151 * U).to_bytes(8, "big"), 1)
    with pytest.raises(OracleRefused, match="does not lead"):
        verifier.verify(changed)


def test_the_moving_average_follows_the_price() -> None:
    local = publisher()
    verifier = Verifier([local.trusted()])
    for turn in range(300):
        update = local.publish({"A-B": ((150 if turn < 2 else 160) * U, U)}, turn * 10**9)
        (found,) = verifier.verify(update).messages
        if turn == 2:
            assert found.ema_price == 150 * U + 10 * U // 64
            assert found.previous_publish_time_s == 1
    assert 159 * U < found.ema_price < 160 * U


async def test_what_is_observed_is_signed_verified_and_posted(local: Desk) -> None:
    observed = await local.observe(*THREE)
    assert observed.published == ("SOL-USDC", "BTC-USDC", "ETH-USDC")
    price = await local.door.get_price(PriceQuery(symbol="SOL-USDC"))
    assert (price.price, price.local, price.age_ms) == (Price("150"), True, 0)
    assert [(s.source, s.status) for s in price.sources] == [
        ("pyth-local", "used"), ("venue:simulated", "used")
    ]  # fmt: skip
    assert price.sources[0].provenance.startswith("signer set local: 3 of 5 signatures")
    assert sum(s.weight for s in price.sources) == 1

    machine = local.chain._machine
    assert machine.prices.find("SOL-USDC").feed_id == local_feed_id("SOL-USDC")
    update = decode_price_update(local.posted("SOL-USDC"))
    assert (update.price, update.exponent) == (150 * U, -8)
    assert update.publish_time_s == local.seam.now_ns() // 10**9


async def test_a_symbol_is_published_once_per_interval(local: Desk) -> None:
    assert len((await local.observe(*THREE)).published) == 3
    local.tick(0.5)
    assert (await local.observe(*THREE)).published == ()
    assert (await local.observe(("SOL-USDT", "simulated", 150.0))).published == ("SOL-USDT",)
    local.tick(0.5)
    assert len((await local.observe(*THREE)).published) == 3


async def test_venues_that_disagree_are_not_signed(local: Desk) -> None:
    apart = (("SOL-USDC", "coinbase", 150.0), ("SOL-USDC", "simulated", 155.0))
    assert (await local.observe(*apart)).published == ()
    with pytest.raises(OracleRefused, match="disagree") as error:
        await local.door.get_price(PriceQuery(symbol="SOL-USDC"))
    assert set(error.value.detail) == {"venue:coinbase", "venue:simulated"}
    local.tick(1)
    close = (("SOL-USDC", "coinbase", 150.0), ("SOL-USDC", "simulated", 150.2))
    assert (await local.observe(*close)).published == ("SOL-USDC",)


async def test_a_market_that_stops_goes_stale(local: Desk) -> None:
    await local.observe(*THREE)
    local.tick(30)  # the mid is stale, what was signed is not
    price = await local.door.get_price(PriceQuery(symbol="SOL-USDC"))
    assert [s.status for s in price.sources] == ["used", "stale"]
    assert price.sources[1].reason == "30.0 s old, at most 10"
    local.tick(31)
    for call in (
        local.door.get_price(PriceQuery(symbol="SOL-USDC")),
        local.door.check_price(CheckPrice(symbol="SOL-USDC", price=150 * U)),
    ):
        with pytest.raises(OracleRefused, match="no fresh source") as error:
            await call
        assert set(error.value.detail) == {"pyth-local", "venue:simulated"}


async def test_a_symbol_never_seen(local: Desk) -> None:
    for call in (
        local.door.get_price(PriceQuery(symbol="XYZ-USD")),
        local.door.check_price(CheckPrice(symbol="XYZ-USD", price=1)),
        local.door.list_prices(PriceHistoryQuery(symbol="XYZ-USD")),
    ):
        with pytest.raises(NotFound, match="XYZ-USD"):
            await call


async def test_a_check_at_the_limit_and_beyond(local: Desk) -> None:
    await local.observe(*THREE)
    checked = await local.door.check_price(CheckPrice(symbol="SOL-USDC", price=15_150 * U // 100))
    assert (checked.oracle_price, checked.deviation_bps) == (Price("150"), Amount("100"))
    assert [entry.split(":")[0] for entry in checked.provenance] == ["pyth-local", "venue"]
    for price in (15_150 * U // 100 + 1, 14_850 * U // 100 - 1):
        with pytest.raises(OracleRefused, match="100 basis points") as error:
            await local.door.check_price(CheckPrice(symbol="SOL-USDC", price=price))
        assert error.value.detail["oracle_price"] == "150"
    with pytest.raises(InvalidInput):
        await local.door.check_price(CheckPrice(symbol="SOL-USDC", price=0))


async def test_the_history_is_newest_first(local: Desk) -> None:
    for step in range(3):
        await local.observe(("SOL-USDC", "simulated", 150.0 + step))
        local.tick(1)
    history = await local.door.list_prices(PriceHistoryQuery(symbol="SOL-USDC", limit=2))
    assert [point.price for point in history.points] == [Price("152"), Price("151")]
    assert history.points[0].at > history.points[1].at


@pytest.mark.parametrize("changes", [{"mid": 0}, {"mid": -1}, {"half_spread": -1}])
async def test_what_is_no_mid(local: Desk, changes: dict[str, int]) -> None:
    fields = {"symbol": "SOL-USDC", "venue": "v", "mid": U, "half_spread": 0, "observed_ns": 0}
    seen = Observation(**fields | changes)
    with pytest.raises(InvalidInput, match="no mid"):
        await local.door.observe(Observe(observations=(seen,)))


async def test_without_a_local_publisher_mids_are_a_source_and_nothing_is_signed(
    tmp_path: Path, seam: Seam
) -> None:
    desk = await open_desk(tmp_path / "x.sqlite", seam)
    assert (await desk.observe(*THREE)).published == ()
    price = await desk.door.get_price(PriceQuery(symbol="SOL-USDC"))
    assert ([s.source for s in price.sources], price.local) == (["venue:simulated"], False)
    with pytest.raises(OracleRefused, match="no price of SOL-USDC"):
        desk.chain._machine.prices.find("SOL-USDC")
    update = publisher().publish({"SOL-USDC": (150 * U, U)}, seam.now_ns())
    with pytest.raises(OracleRefused, match="signer set"):
        await desk.submit(update)
    await desk.database.close()


async def test_a_desk_that_only_reads_has_the_same_publisher(local: Desk) -> None:
    reading = SqliteDatabase(local.database.path, local.seam, read_only=True)
    await reading.start()
    made = OracleDepartment(
        local.chain, reading, local.seam, config=OracleConfig(), local_publisher=True
    )
    await made.start()
    assert made._publisher is not None
    assert local.department._publisher is not None
    assert made._publisher.trusted() == local.department._publisher.trusted()
    await reading.close()


@pytest.mark.parametrize(
    ("kind", "fitting", "beyond"),
    [
        (Observe, {"observations": [SEEN] * OBSERVATIONS_MAX}, {"observations": [SEEN] * 65}),
        (Observe, {"observations": [SEEN]}, {"observations": []}),
        (
            SubmitUpdate,
            {"update_base64": "A" * UPDATE_BYTES_MAX},
            {"update_base64": "A" * (UPDATE_BYTES_MAX + 1)},
        ),
        (
            PriceHistoryQuery,
            {"symbol": "A-B", "limit": PAGE_MAX},
            {"symbol": "A-B", "limit": PAGE_MAX + 1},
        ),
        (
            SubmitAccount,
            {"address": "1" * 44, "owner": "1" * 44, "data_base64": "A" * ACCOUNT_BYTES_MAX},
            {"address": "1" * 44, "owner": "1" * 44, "data_base64": "A" * (ACCOUNT_BYTES_MAX + 1)},
        ),
    ],
)
def test_requests_have_bounds(
    kind: type[Struct], fitting: dict[str, object], beyond: dict[str, object]
) -> None:
    assert isinstance(convert(fitting, kind), kind)
    with pytest.raises(InvalidInput):
        convert(beyond, kind)


async def test_the_local_keys_outlive_a_restart(tmp_path: Path, seam: Seam) -> None:
    addresses = []
    for _ in range(2):
        desk = await open_desk(tmp_path / "x.sqlite", seam, local=True)
        assert desk.department._publisher is not None
        addresses.append(desk.department._publisher.trusted().signers)
        await desk.database.close()
    assert addresses[0] == addresses[1]
    assert len(set(addresses[0].values())) == SIGNERS


async def test_the_local_set_speaks_only_for_its_own_feeds(local: Desk) -> None:
    """Whoever had its keys could still not price a real feed."""
    assert local.department._publisher is not None
    signers = Signers(SIGNERS)
    signers.keys = local.department._publisher._keys
    update = signers.update(
        [message(at_s=local.seam.now_ns() // 10**9)],
        range(QUORUM),
        emitter=Emitter(chain=CHAIN, address=EMITTER.hex()),
        index=SET_INDEX,
    )
    accepted = await local.submit(update)
    assert (accepted.signatures, accepted.symbols, accepted.feeds) == (QUORUM, (), 1)
    with pytest.raises(NotFound):
        await local.door.get_price(PriceQuery(symbol="SOL-USD"))


@pytest.mark.spec("GW-7")
async def test_a_trade_settles_against_what_was_observed(local: Desk) -> None:
    """From a venue's mid, signed and verified, to the price that the chain holds a trade to."""
    await local.chain.open_account(OpenAccount(account="alice", funding={"USDC": 1_000 * U}))
    trade = Settle(
        settlement_id=UUID(int=1), order_id=UUID(int=2), account="alice", instrument="SOL-USDC",
        side="buy", base=U, quote=151 * U, fee=0, price=151 * U,
    )  # fmt: skip
    await local.observe(("SOL-USDC", "simulated", 140.0))
    with pytest.raises(OracleRefused, match="basis points from"):
        await local.chain.settle(trade)
    local.tick(1)
    await local.observe(("SOL-USDC", "simulated", 150.0))
    settled = await local.chain.settle(trade)
    assert settled.oracle_price == Amount("150")
    local.tick(120)  # the market stopped: nothing was signed any more
    with pytest.raises(OracleRefused, match="is stale"):
        await local.chain.settle(replace(trade, settlement_id=UUID(int=3)))


@pytest.mark.spec("NEW-2")
async def test_the_same_seed_signs_the_same(tmp_path: Path) -> None:
    written = []
    for name in ("a", "b"):
        desk = await open_desk(tmp_path / name, Seam.replay(11, 1_723_161_254 * 10**9), local=True)
        await desk.observe(*THREE)
        written.append([desk.posted(symbol) for symbol, _, _ in THREE])
        await desk.database.close()
    assert written[0] == written[1]
    assert len(set(written[0])) == 3


async def signed_desk(tmp_path: Path, seam: Seam, **changes: object) -> tuple[Desk, Signers]:
    signers = Signers(3)
    config = OracleConfig(signer_sets=(signers.config,), **changes)  # type: ignore[arg-type]  # fields of OracleConfig
    return await open_desk(tmp_path / "x.sqlite", seam, config=config), signers


async def test_an_older_update_changes_nothing(tmp_path: Path, seam: Seam) -> None:
    desk, signers = await signed_desk(tmp_path, seam)
    now_s = seam.now_ns() // 10**9
    newer = signers.update([message(151 * U, at_s=now_s)], [0, 1, 2])
    older = signers.update([message(149 * U, at_s=now_s - 1)], [0, 1, 2])
    assert (await desk.submit(newer)).symbols == ("SOL-USD",)
    assert (await desk.submit(older)).symbols == ()
    assert (await desk.submit(newer)).symbols == ("SOL-USD",)  # the same again
    assert (await desk.door.get_price(PriceQuery(symbol="SOL-USD"))).price == Price("151")
    await desk.database.close()


async def test_one_feed_may_price_several_symbols(tmp_path: Path, seam: Seam) -> None:
    feeds = (Feed(feed_id=SOL_USD, symbols=("SOL-USD", "SOL-USDC")),)
    desk, signers = await signed_desk(tmp_path, seam, feeds=feeds)
    update = signers.update([message(at_s=seam.now_ns() // 10**9)], [0, 1, 2])
    assert (await desk.submit(update)).symbols == ("SOL-USD", "SOL-USDC")
    board = desk.chain._machine.prices
    assert board.find("SOL-USD").address == board.find("SOL-USDC").address
    await desk.database.close()


@pytest.mark.parametrize(
    "bad",
    [
        {"price": 0},
        {"price": -1, "confidence": 1, "ema_confidence": 1},
        {"exponent": 20},
        {"exponent": 2, "price": 2**62},
        {"publish_time_s": -1},
        {"publish_time_s": 2**40},
    ],
)
async def test_a_signed_message_that_is_no_price(
    tmp_path: Path, seam: Seam, bad: dict[str, int]
) -> None:
    """All of the update is refused, also the good message before it."""
    feeds = tuple(Feed(feed_id=f, symbols=(s,)) for f, s in ((SOL_USD, "A-B"), ("11" * 32, "C-D")))
    desk, signers = await signed_desk(tmp_path, seam, feeds=feeds)
    now_s = seam.now_ns() // 10**9
    good = message(at_s=now_s)
    astray = message(**{"at_s": now_s, "feed": "11" * 32, **bad})  # type: ignore[arg-type]  # ints and one feed
    with pytest.raises(InvalidInput):
        await desk.submit(signers.update([good, astray], [0, 1, 2]))
    with pytest.raises(NotFound):
        await desk.door.get_price(PriceQuery(symbol="A-B"))
    await desk.database.close()


async def test_what_is_not_base64(local: Desk) -> None:
    for text in ("not base64!", "AAAA=AAA", "Ünïcödé"):
        with pytest.raises(InvalidInput) as error:
            await local.door.submit_update(SubmitUpdate(update_base64=text))
        assert error.value.where == "/update_base64"
    with pytest.raises(InvalidInput, match="ends inside its magic"):
        await local.submit(b"PNA")


async def test_a_feed_may_not_be_named_twice(tmp_path: Path, seam: Seam) -> None:
    config = OracleConfig(feeds=(Feed(feed_id=SOL_USD, symbols=("A-B",)),) * 2)
    with pytest.raises(Misconfigured, match="twice"):
        await open_desk(tmp_path / "x.sqlite", seam, config=config)
