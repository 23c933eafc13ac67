"""Between the messages of the face and what is worked with inside. Pure functions."""

from __future__ import annotations

import base64
import binascii

from quantdesk.departments.chain import PostPrice, price_units
from quantdesk.kernel import Amount, InvalidInput, OracleRefused, Price, utc

from . import CheckPrice, Observation, OraclePrice, PriceChecked, PricePoint, SourcePrice
from ._accounts import AccountPrice
from ._aggregate import BPS, ONE, Aggregate, Judged, Reading, age_ms
from ._board import Point
from ._pyth import PriceMessage
from ._verifier import Verified
from .config import Kind

NS_PER_S = 10**9
TIME_S_MAX = 2**33
"""Seconds since the epoch that are still taken for a time: until the year 2242."""


def from_base64(text: str, where: str) -> bytes:
    """Raises `InvalidInput` for anything but plain, padded base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput("not base64", where=where) from None


def update_reading(message: PriceMessage, verified: Verified, name: str) -> Reading:
    """A verified price message as a reading. Raises `InvalidInput` if it is no price."""
    local = verified.signer_set.local
    return Reading(
        source="pyth-local" if local else "pyth",
        kind="pyth",
        price=_positive(price_units(message.price, message.exponent), name),
        confidence=price_units(message.confidence, message.exponent),
        published_ns=_time_ns(message.publish_time_s, name),
        local=local,
        verified=True,
        provenance=verified.provenance,
    )


def account_reading(said: AccountPrice, kind: Kind, address: str, symbol: str) -> Reading:
    """An account's price as a reading. Raises `InvalidInput` if it is no price."""
    return Reading(
        source="switchboard" if kind == "switchboard" else "pyth-account",
        kind=kind,
        price=_positive(said.price, symbol),
        confidence=said.confidence,
        published_ns=_time_ns(said.published_s, symbol),
        local=False,
        verified=said.verified,
        provenance=f"{said.provenance}, account {address}",
    )


def venue_reading(seen: Observation) -> Reading:
    """A venue's mid as a reading: half the spread is taken for one standard deviation."""
    if seen.mid <= 0 or seen.half_spread < 0:
        raise InvalidInput(
            f"{seen.venue} has no mid of {seen.symbol}: {seen.mid} ± {seen.half_spread}",
            where="/observations",
        )
    return Reading(
        source=f"venue:{seen.venue}",
        kind="venue",
        price=seen.mid,
        confidence=seen.half_spread,
        published_ns=seen.observed_ns,
        local=False,
        verified=True,
        provenance=f"mid of {seen.venue}",
    )


def posting(symbol: str, message: PriceMessage) -> PostPrice:
    return PostPrice(
        symbol=symbol,
        feed_id=message.feed_id,
        price=message.price,
        confidence=message.confidence,
        exponent=message.exponent,
        publish_time_s=message.publish_time_s,
        ema_price=message.ema_price,
        ema_confidence=message.ema_confidence,
    )


def oracle_price(found: Aggregate, now_ns: int) -> OraclePrice:
    return OraclePrice(
        symbol=found.symbol,
        price=Price.from_units(found.price),
        confidence=Amount.from_units(found.confidence),
        published_at=utc(found.published_ns),
        age_ms=found.age_ms,
        local=found.local,
        sources=[_source(judged, now_ns) for judged in found.judged],
    )


def _source(judged: Judged, now_ns: int) -> SourcePrice:
    reading = judged.reading
    return SourcePrice(
        source=reading.source,
        status=judged.status,
        price=Amount.from_units(reading.price),
        confidence=Amount.from_units(reading.confidence),
        published_at=utc(reading.published_ns),
        age_ms=age_ms(reading.published_ns, now_ns),
        weight=Amount.from_units(judged.weight),
        provenance=reading.provenance,
        reason=judged.reason,
    )


def price_checked(request: CheckPrice, found: Aggregate) -> PriceChecked:
    """The answer to a check. Raises `OracleRefused` if the price is too far off."""
    off = abs(request.price - found.price) * BPS
    if off > request.deviation_bps_max * found.price:
        raise OracleRefused(
            f"the price is {off // found.price} basis points from the oracle's of {found.symbol}",
            where="/price",
            advice=f"At most {request.deviation_bps_max} are allowed; check the price.",
            detail={
                "price": str(Amount.from_units(request.price)),
                "oracle_price": str(Amount.from_units(found.price)),
                "deviation_bps": str(off // found.price),
                "deviation_bps_max": str(request.deviation_bps_max),
            },
        )
    return PriceChecked(
        symbol=found.symbol,
        oracle_price=Price.from_units(found.price),
        confidence=Amount.from_units(found.confidence),
        age_ms=found.age_ms,
        deviation_bps=Amount.from_units(off * ONE // found.price),
        provenance=found.provenance,
    )


def price_point(point: Point) -> PricePoint:
    return PricePoint(
        at=utc(point.at_ns),
        price=Price.from_units(point.price),
        confidence=Amount.from_units(point.confidence),
        sources=point.sources,
    )


def _positive(units: int, name: str) -> int:
    if units <= 0:
        raise InvalidInput(f"the price of {name} is not above zero", where=name)
    return units


def _time_ns(seconds: int, name: str) -> int:
    if not 0 <= seconds <= TIME_S_MAX:
        raise InvalidInput(f"the publish time of {name} is {seconds}, not a time", where=name)
    return seconds * NS_PER_S
