"""What the desk says to its trading department: accounts, market data, settlement."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from quantdesk.departments.ingestion import MarketBatch


class OpenTradingAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Open an account with paper funds (units of 1e-8 by asset). Repeating it changes nothing."""

    account: Annotated[str, Meta(min_length=1, max_length=64)]
    funding: dict[str, int]


class TradingAccount(Struct, frozen=True, kw_only=True):
    account: str
    new: bool


class OnMarket(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Market data that arrived: resting orders are matched against it."""

    batch: MarketBatch


class MarketApplied(Struct, frozen=True, kw_only=True):
    """Orders that this batch filled."""

    filled: tuple[UUID, ...]


class SettlePending(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Carry out the settlements that are due."""

    settlements_max: Annotated[int, Meta(ge=1, le=1_000)] = 100


class SettledTrades(Struct, frozen=True, kw_only=True):
    """Orders whose settlement was confirmed or refused now; `pending` are left."""

    confirmed: tuple[UUID, ...]
    refused: tuple[UUID, ...]
    pending: int
