"""What the chain department refuses, as configuration."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class ChainConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds on the oracle account that a settlement is held against, and on fees.

    `price_age_s_max` is measured against the chain's clock; `price_ahead_s_max` is how far a
    publish time may run before it. `confidence_bps_max` bounds confidence ÷ price.
    """

    price_age_s_max: Annotated[int, Meta(ge=1, le=3_600)] = 60
    price_ahead_s_max: Annotated[int, Meta(ge=0, le=60)] = 5
    confidence_bps_max: Annotated[int, Meta(ge=1, le=10_000)] = 200
    compute_unit_price_micro_lamports: Annotated[int, Meta(ge=0, le=10_000_000)] = 1_000
    settlements_in_flight_max: Annotated[int, Meta(ge=1, le=100_000)] = 1_000
