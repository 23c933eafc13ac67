"""Whom the oracle believes, and when it refuses. Nothing is trusted that is not named here."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Kind = Literal["pyth", "switchboard", "venue"]
AccountKind = Literal["switchboard", "pyth-push", "pyth-legacy"]
Hex20 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{40}\Z")]
Hex32 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Symbol = Annotated[str, Meta(min_length=1, max_length=38)]
Bps = Annotated[int, Meta(ge=1, le=10_000)]


class Emitter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may be speaking: a Wormhole chain id and a 32-byte address in hex."""

    chain: Annotated[int, Meta(ge=0, le=65_535)]
    address: Hex32


class SignerSet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A guardian or router set. `signers` maps a signer's index to its Ethereum-style address.

    `size` counts all of the set, also those whose address is not known here (default: the highest
    index + 1). `quorum` defaults to more than two thirds of `size`. The set is believed about
    `emitters` only.
    """

    label: Annotated[str, Meta(min_length=1, max_length=64)]
    index: Annotated[int, Meta(ge=0, le=2**32 - 1)]
    signers: dict[str, Hex20]
    emitters: tuple[Emitter, ...]
    size: Annotated[int, Meta(ge=1, le=256)] | None = None
    quorum: Annotated[int, Meta(ge=1, le=256)] | None = None


class Feed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A Pyth feed and the symbols that it prices. Listing "SOL-USDC" beside "SOL-USD" takes
    USDC for a dollar."""

    feed_id: Hex32
    symbols: tuple[Symbol, ...]


class AccountSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An on-chain account whose bytes are believed. `owner` defaults to the kind's program."""

    symbol: Symbol
    kind: AccountKind
    address: str
    owner: str | None = None


PYTH_FEEDS = (
    Feed(
        feed_id="ef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d",
        symbols=("SOL-USD",),
    ),
    Feed(
        feed_id="e62df6c8b4a85fe1a67db44dc12de5db330f7ac66b72dc658afedf0f4a415b43",
        symbols=("BTC-USD",),
    ),
    Feed(
        feed_id="ff61491a931112ddf1bd8147cd1b641375f79f5825126d665480874634fd0ace",
        symbols=("ETH-USD",),
    ),
)


class OracleConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sources and the rules of aggregation (see `_aggregate`).

    No signer set and no account ships as trusted: take them from the publisher and name them.
    `fallback` lists the kinds that may carry a price, most trusted first; kinds left out can only
    confirm one.
    """

    signer_sets: tuple[SignerSet, ...] = ()
    feeds: tuple[Feed, ...] = PYTH_FEEDS
    accounts: tuple[AccountSource, ...] = ()
    publish_interval_s: Annotated[float, Meta(ge=0.0, le=60.0)] = 1.0
    pyth_age_s_max: Annotated[float, Meta(gt=0.0, le=3_600.0)] = 60.0
    switchboard_age_s_max: Annotated[float, Meta(gt=0.0, le=3_600.0)] = 60.0
    venue_age_s_max: Annotated[float, Meta(gt=0.0, le=3_600.0)] = 10.0
    ahead_s_max: Annotated[float, Meta(ge=0.0, le=60.0)] = 5.0
    weight_bps_max: Bps = 6_000
    confidence_floor_bps: Bps = 1
    confidence_bps_max: Bps = 200
    divergence_bps_max: Bps = 100
    sources_min: Annotated[int, Meta(ge=1, le=16)] = 1
    fallback: tuple[Kind, ...] = ("pyth", "switchboard", "venue")
    fallback_widening_bps: Annotated[int, Meta(ge=0, le=100_000)] = 5_000
