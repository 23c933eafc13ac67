"""The oracle department: verified sources in, one price out.

How several sources become one price stands in `_aggregate`; how an update is verified in
`_verifier`; what the local publisher is, and is not, in `_publisher`.

Prices are kept in memory. What has to last does so elsewhere: a verified price is posted on chain,
and each check's answer is stored by whoever asked for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from msgspec.structs import replace

from quantdesk.departments.chain import Chain
from quantdesk.kernel import (
    Amount,
    InvalidInput,
    Misconfigured,
    NotFound,
    OracleRefused,
    Price,
    Seam,
    Sequence64,
    after,
    cut,
    utc,
)
from quantdesk.services.database import Database

from . import (
    AccountAccepted,
    CheckPrice,
    Observe,
    Observed,
    OraclePrice,
    PriceChecked,
    PriceHistory,
    PriceHistoryQuery,
    PriceQuery,
    SubmitAccount,
    SubmitUpdate,
    UpdateAccepted,
)
from ._accounts import LAYOUTS
from ._aggregate import Reading, aggregate
from ._board import Board
from ._keys import local_keys
from ._messages import (
    NS_PER_S,
    account_reading,
    from_base64,
    oracle_price,
    posting,
    price_checked,
    price_point,
    update_reading,
    venue_reading,
)
from ._publisher import LocalPublisher, local_feed_id
from ._pyth import PriceMessage
from ._verifier import Verified, Verifier, trust
from .config import OracleConfig


class OracleDepartment:
    """Prices that are proved, agreed and fresh, or refused."""

    def __init__(
        self,
        chain: Chain,
        database: Database,
        seam: Seam,
        *,
        config: OracleConfig,
        local_publisher: bool,
    ) -> None:
        self._chain = chain
        self._database = database
        self._seam = seam
        self._config = config
        self._mids_config = replace(config, sources_min=1, fallback=("venue",))
        self._local = local_publisher
        self._board = Board(config)
        self._sets = [trust(signers) for signers in config.signer_sets]
        self._verifier = Verifier(self._sets)
        self._publisher: LocalPublisher | None = None
        self._published_ns: dict[str, int] = {}
        self._local_feeds: dict[bytes, tuple[str, ...]] = {}
        self._feeds = {bytes.fromhex(feed.feed_id): feed.symbols for feed in config.feeds}
        self._accounts = {account.address: account for account in config.accounts}
        if len(self._feeds) < len(config.feeds) or len(self._accounts) < len(config.accounts):
            raise Misconfigured("a feed or an account is named twice", where="oracle")

    async def start(self) -> None:
        """Make the local publisher ready, if this desk has one."""
        if self._local:
            self._publisher = LocalPublisher(await local_keys(self._database, self._seam))
            self._verifier = Verifier([*self._sets, self._publisher.trusted()])

    async def submit_update(self, request: SubmitUpdate) -> UpdateAccepted:
        verified = self._verifier.verify(from_base64(request.update_base64, "/update_base64"))
        return UpdateAccepted(
            signer_set=verified.signer_set.index,
            signatures=verified.signatures,
            slot=verified.slot,
            symbols=await self._take(verified),
            feeds=len(verified.messages),
        )

    async def _take(self, verified: Verified) -> tuple[str, ...]:
        """Keep and post the prices that are newer than known. All are checked before any is kept:
        `InvalidInput` if the message of a feed that is followed is no price."""
        now_ns = self._seam.now_ns()
        feeds = self._local_feeds if verified.signer_set.local else self._feeds
        priced = [
            (symbol, update_reading(message, verified, symbol), message)
            for message in verified.messages
            if isinstance(message, PriceMessage)
            for symbol in feeds.get(message.feed_id, ())
        ]
        for symbol, reading, _ in priced:
            self._board.check_room(symbol, reading.source)
        taken = []
        for symbol, reading, message in priced:
            if self._board.take(symbol, reading, now_ns):
                taken.append(symbol)
                await self._chain.post_price(posting(symbol, message))
                with suppress(OracleRefused):  # for the history: it may not be agreed yet
                    self._board.aggregate(symbol, now_ns)
        return tuple(taken)

    async def submit_account(self, request: SubmitAccount) -> AccountAccepted:
        source = self._accounts.get(request.address)
        if source is None:
            raise NotFound(
                f"the desk does not follow the account {request.address}",
                where="/address",
                advice="Name it under oracle.accounts in the configuration.",
            )
        layout = LAYOUTS[source.kind]
        program = source.owner or layout.program
        if request.owner != program:
            raise OracleRefused(
                f"the account is owned by {request.owner}, not by {program}", where="/owner"
            )
        said = layout.decode(from_base64(request.data_base64, "/data_base64"))
        reading = account_reading(said, layout.source, request.address, source.symbol)
        newer = self._board.take(source.symbol, reading, self._seam.now_ns())
        return AccountAccepted(
            symbol=source.symbol,
            source=reading.source,
            price=Price.from_units(reading.price),
            confidence=Amount.from_units(reading.confidence),
            published_at=utc(reading.published_ns),
            newer=newer,
        )

    async def observe(self, request: Observe) -> Observed:
        now_ns = self._seam.now_ns()
        readings: list[tuple[str, Reading]] = [
            (seen.symbol, venue_reading(seen)) for seen in request.observations
        ]
        for symbol, reading in readings:
            self._board.take(symbol, reading, now_ns)
        if self._publisher is None:
            return Observed(published=())
        prices = self._publishable(list(dict.fromkeys(s for s, _ in readings)), now_ns)
        if not prices:
            return Observed(published=())
        for symbol in prices:
            self._published_ns[symbol] = now_ns
            self._local_feeds[local_feed_id(symbol)] = (symbol,)
        update = self._publisher.publish(prices, now_ns)
        return Observed(published=await self._take(self._verifier.verify(update)))

    def _publishable(self, symbols: Sequence[str], now_ns: int) -> dict[str, tuple[int, int]]:
        """Price and confidence of the symbols that are due and whose venues agree."""
        interval_ns = int(self._config.publish_interval_s * NS_PER_S)
        prices = {}
        for symbol in symbols:
            last_ns = self._published_ns.get(symbol)
            if last_ns is not None and now_ns - last_ns < interval_ns:
                continue
            mids = [r for r in self._board.readings(symbol) if r.kind == "venue"]
            # Nothing is signed that the desk itself would not believe.
            with suppress(OracleRefused):
                found = aggregate(symbol, mids, now_ns, self._mids_config)
                prices[symbol] = (found.price, found.confidence)
        return prices

    async def get_price(self, request: PriceQuery) -> OraclePrice:
        now_ns = self._seam.now_ns()
        return oracle_price(self._board.aggregate(request.symbol, now_ns), now_ns)

    async def check_price(self, request: CheckPrice) -> PriceChecked:
        if request.price <= 0:
            raise InvalidInput("a price is above zero", where="/price")
        found = self._board.aggregate(request.symbol, self._seam.now_ns())
        return price_checked(request, found)

    async def list_prices(self, request: PriceHistoryQuery) -> PriceHistory:
        bounds = [ns for ns in (request.until_ns, after(request, Sequence64)) if ns is not None]
        points = self._board.history(
            request.symbol,
            request.limit + 1,
            since_ns=request.since_ns,
            before_ns=min(bounds, default=None),
        )
        kept, cursor = cut(request, points, request.limit, lambda point: point.at_ns)
        return PriceHistory(
            symbol=request.symbol, points=[price_point(p) for p in kept], next_cursor=cursor
        )
