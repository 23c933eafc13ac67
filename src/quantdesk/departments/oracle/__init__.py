"""Oracle: verified sources in, one price with confidence, age and provenance out."""

from datetime import datetime
from typing import Annotated, Protocol

from msgspec import Meta, Struct

from quantdesk.kernel import (
    GET,
    INTERNAL,
    POST,
    Amount,
    Batch,
    Effect,
    Gateway,
    Instrument,
    Page,
    PagedInTime,
    Price,
    operation,
)

from .config import AccountSource, Emitter, Feed, OracleConfig, SignerSet

UPDATE_BYTES_MAX = 65_536
OBSERVATIONS_MAX = 64
HISTORY_MAX = 10_000
PAGE_MAX = 500
ACCOUNT_BYTES_MAX = 16_384


class PriceQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    symbol: Instrument


class SourcePrice(Struct, frozen=True, kw_only=True):
    """What one source says. `status` is used, stale, diverging or unverified; `weight` sums to 1
    over the used ones. `provenance` names the proof: signer set, slot, account or venue; `reason`
    says why a source was not used."""

    source: str
    status: str
    price: Amount
    confidence: Amount
    published_at: datetime
    age_ms: int
    weight: Amount
    provenance: str
    reason: str | None = None


class OraclePrice(Struct, frozen=True, kw_only=True):
    """One aggregated price. `confidence` is one standard deviation in price units; `local` says
    that a signer set of this desk's own signed it (simulated or replayed markets)."""

    symbol: str
    price: Price
    confidence: Amount
    published_at: datetime
    age_ms: int
    local: bool
    sources: list[SourcePrice]


class SubmitUpdate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A Pyth accumulator update in base64."""

    update_base64: Annotated[str, Meta(min_length=8, max_length=UPDATE_BYTES_MAX)]


class UpdateAccepted(Struct, frozen=True, kw_only=True):
    """What the update proved. Feeds that the desk does not follow are counted, not kept."""

    signer_set: int
    signatures: int
    slot: int
    symbols: tuple[str, ...]
    feeds: int


class SubmitAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An oracle account as a cluster holds it: its address, the program that owns it, its data."""

    address: Annotated[str, Meta(min_length=32, max_length=44)]
    owner: Annotated[str, Meta(min_length=32, max_length=44)]
    data_base64: Annotated[str, Meta(min_length=8, max_length=ACCOUNT_BYTES_MAX)]


class AccountAccepted(Struct, frozen=True, kw_only=True):
    """What the account says. `newer` is False if the desk knew as much already."""

    symbol: str
    source: str
    price: Price
    confidence: Amount
    published_at: datetime
    newer: bool


class PriceHistoryQuery(PagedInTime, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Newest first, since the desk was started."""

    symbol: Instrument
    limit: Annotated[int, Meta(ge=1, le=PAGE_MAX)] = 100


class PricePoint(Struct, frozen=True, kw_only=True):
    """An aggregated price as it was given at a time, from so many sources."""

    at: datetime
    price: Price
    confidence: Amount
    sources: int


class PriceHistory(Page, frozen=True, kw_only=True):
    symbol: str
    points: list[PricePoint]


class Observation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A venue's mid price in units of 1e-8, as ingestion saw it."""

    symbol: str
    venue: str
    mid: int
    half_spread: int
    observed_ns: int


class Observe(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Venue mids. With a local publisher they are also signed, verified and posted on chain."""

    observations: Annotated[
        tuple[Observation, ...], Meta(min_length=1, max_length=OBSERVATIONS_MAX)
    ]


class Observed(Struct, frozen=True, kw_only=True):
    """`published`: symbols for which a signed update was made, verified and posted."""

    published: tuple[str, ...]


class CheckPrice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Is `price` (units of 1e-8) within `deviation_bps_max` of the oracle?"""

    symbol: Instrument
    price: int
    deviation_bps_max: Annotated[int, Meta(ge=1, le=10_000)] = 100


class PriceChecked(Struct, frozen=True, kw_only=True):
    """What the price was held against. `provenance` is kept with the order's story."""

    symbol: str
    oracle_price: Price
    confidence: Amount
    age_ms: int
    deviation_bps: Amount
    provenance: tuple[str, ...]


class Oracle(Protocol):
    """Prices that are proved, agreed and fresh, or refused."""

    @operation(GET("/prices/{symbol}"), Effect.READ, "oracle.read", Batch("/prices/lookups"))
    async def get_price(self, request: PriceQuery) -> OraclePrice:
        """Return the aggregated price. `OracleRefused` when stale or diverging."""
        ...

    @operation(POST("/updates"), Effect.REPEATABLE, "oracle.publish")
    async def submit_update(self, request: SubmitUpdate) -> UpdateAccepted:
        """Verify a signed update (signers, quorum, Merkle proofs) and take its prices."""
        ...

    @operation(POST("/accounts"), Effect.REPEATABLE, "oracle.publish")
    async def submit_account(self, request: SubmitAccount) -> AccountAccepted:
        """Take the price of an oracle account that the configuration names."""
        ...

    @operation(GET("/prices/{symbol}/history"), Effect.READ, "oracle.read")
    async def list_prices(self, request: PriceHistoryQuery) -> PriceHistory:
        """List the aggregated prices that were given since the start, newest first."""
        ...

    @operation(INTERNAL, Effect.REPEATABLE, "oracle.observe")
    async def observe(self, request: Observe) -> Observed:
        """Take venue mids as a source; in a local market also sign and post them."""
        ...

    @operation(INTERNAL, Effect.READ, "oracle.read")
    async def check_price(self, request: CheckPrice) -> PriceChecked:
        """Hold a price against the oracle. `OracleRefused` if it is too far off."""
        ...


oracle = Gateway(Oracle)

__all__ = [
    "ACCOUNT_BYTES_MAX", "HISTORY_MAX", "OBSERVATIONS_MAX", "PAGE_MAX", "UPDATE_BYTES_MAX",
    "AccountAccepted", "AccountSource", "CheckPrice", "Emitter", "Feed", "Observation", "Observe",
    "Observed", "Oracle", "OracleConfig", "OraclePrice", "PriceChecked", "PriceHistory",
    "PriceHistoryQuery", "PricePoint", "PriceQuery", "SignerSet", "SourcePrice", "SubmitAccount",
    "SubmitUpdate", "UpdateAccepted", "oracle",
]  # fmt: skip
