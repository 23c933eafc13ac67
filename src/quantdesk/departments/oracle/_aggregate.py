"""One price out of several sources: the rules.

1. **Sources** are Pyth (signed updates or accounts), Switchboard (accounts) and venue mids. What
   was not verified in full, or comes from an account that is not pinned, has no vote.
2. **Staleness** is per kind: a reading older than the kind's limit, or further ahead of the desk's
   clock than `ahead_s_max`, has no vote.
3. **Weight** is the inverse variance of the stated confidence (one standard deviation, at least
   `confidence_floor_bps` of the price), and no source has more than `weight_bps_max` while others
   can make up the rest. Weights are units of 1e-8 and sum to exactly one.
4. **Divergence**: a source further than `divergence_bps_max` from the weighted median of all that
   vote is left out. Unless more than half of those that vote agree, there is no price: with two
   sources that disagree nobody knows which is right.
5. **Number**: at least `sources_min` sources must be left.
6. **Fallback**: the price is carried by the first kind of `fallback` that is among them; the
   others confirm it. Each step down the list widens the confidence by `fallback_widening_bps`.
   If no kind of the list is left, there is no price.
7. **Price** is the weighted mean of the sources left. **Confidence** is the deviation of their
   mixture, √Σ wᵢ(σᵢ² + (pᵢ - p)²): sources watch the same market, so more of them do not make it
   smaller. Above `confidence_bps_max` of the price there is no price.
8. The **age** is that of the oldest source used.

Prices, weights and confidences are integers throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt

from msgspec import Struct

from quantdesk.kernel import OracleRefused, round_units

from .config import Kind, OracleConfig

BPS = 10_000
ONE = 10**8
NS_PER_MS, NS_PER_S = 1_000_000, 1_000_000_000
_PRECISION = 10**18


class Reading(Struct, frozen=True, kw_only=True):
    """What one source says, in units of 1e-8."""

    source: str
    kind: Kind
    price: int
    confidence: int
    published_ns: int
    local: bool
    verified: bool
    provenance: str


class Judged(Struct, frozen=True, kw_only=True):
    """A reading with its verdict: used, stale, diverging or unverified, and why."""

    reading: Reading
    status: str
    reason: str | None
    weight: int


class Aggregate(Struct, frozen=True, kw_only=True):
    """The one price in units of 1e-8, and every reading that was looked at."""

    symbol: str
    price: int
    confidence: int
    published_ns: int
    age_ms: int
    local: bool
    judged: list[Judged]

    @property
    def provenance(self) -> tuple[str, ...]:
        return tuple(
            f"{j.reading.source}: {j.reading.provenance}" for j in self.judged if j.status == "used"
        )


def aggregate(
    symbol: str, readings: Sequence[Reading], now_ns: int, config: OracleConfig
) -> Aggregate:
    """Apply the rules. Raises `OracleRefused` with each source's state in `detail`."""
    order = {kind: step for step, kind in enumerate(config.fallback)}
    ranked = sorted(readings, key=lambda r: (order.get(r.kind, len(order)), r.source))
    verdicts = [_freshness(reading, now_ns, config) for reading in ranked]
    voting = [r for r, (status, _) in zip(ranked, verdicts, strict=True) if status == "used"]
    weights = _weights(voting, config)
    if voting:
        median = _weighted_median(voting, weights)
        limit = median * config.divergence_bps_max
        verdicts = [
            _agreement(reading, verdict, median, limit)
            for reading, verdict in zip(ranked, verdicts, strict=True)
        ]
    used = [r for r, (status, _) in zip(ranked, verdicts, strict=True) if status == "used"]
    shares = iter(_weights(used, config))
    judged = [
        Judged(reading=r, status=status, reason=why, weight=next(shares) if status == "used" else 0)
        for r, (status, why) in zip(ranked, verdicts, strict=True)
    ]
    if not voting:
        raise _refused(symbol, "has no fresh source", judged, now_ns)
    if 2 * len(used) <= len(voting):
        raise _refused(symbol, "has sources that disagree", judged, now_ns)
    if len(used) < config.sources_min:
        reason = f"has {len(used)} usable sources, at least {config.sources_min} are needed"
        raise _refused(symbol, reason, judged, now_ns)
    step = min((order[r.kind] for r in used if r.kind in order), default=None)
    if step is None:
        raise _refused(symbol, "has no source that may carry a price", judged, now_ns)
    price, confidence = _mixture([(j.weight, j.reading) for j in judged if j.weight], config)
    confidence = confidence * (BPS + step * config.fallback_widening_bps) // BPS
    if confidence * BPS > config.confidence_bps_max * price:
        raise _refused(symbol, "is too uncertain", judged, now_ns)
    oldest_ns = min(r.published_ns for r in used)
    return Aggregate(
        symbol=symbol,
        price=price,
        confidence=confidence,
        published_ns=oldest_ns,
        age_ms=age_ms(oldest_ns, now_ns),
        local=any(r.local for r in used),
        judged=judged,
    )


def age_ms(published_ns: int, now_ns: int) -> int:
    """Milliseconds since; 0 for what lies a little ahead of the desk's clock."""
    return max(0, (now_ns - published_ns) // NS_PER_MS)


Verdict = tuple[str, str | None]


def _freshness(reading: Reading, now_ns: int, config: OracleConfig) -> Verdict:
    """Rules 1 and 2."""
    if not reading.verified:
        return "unverified", "its signatures were not all checked"
    limit_s = {
        "pyth": config.pyth_age_s_max,
        "switchboard": config.switchboard_age_s_max,
        "venue": config.venue_age_s_max,
    }[reading.kind]
    age_s = (now_ns - reading.published_ns) / NS_PER_S
    if age_s > limit_s:
        return "stale", f"{age_s:.1f} s old, at most {limit_s:g}"
    if age_s < -config.ahead_s_max:
        return "stale", f"{-age_s:.1f} s ahead of the clock, at most {config.ahead_s_max:g}"
    return "used", None


def _agreement(reading: Reading, verdict: Verdict, median: int, limit: int) -> Verdict:
    """Rule 4. `limit` is median × basis points."""
    off = abs(reading.price - median) * BPS
    if verdict[0] != "used" or off <= limit:
        return verdict
    return "diverging", f"{off // median} basis points from the median, at most {limit // median}"


def _sigma(reading: Reading, config: OracleConfig) -> int:
    return max(reading.confidence, reading.price * config.confidence_floor_bps // BPS, 1)


def _weights(readings: Sequence[Reading], config: OracleConfig) -> list[int]:
    """Rule 3."""
    if not readings:
        return []
    sigmas = [_sigma(reading, config) for reading in readings]
    widest = max(sigmas)
    raw = [_PRECISION * widest**2 // sigma**2 for sigma in sigmas]
    cap = max(config.weight_bps_max * ONE // BPS, -(-ONE // len(raw)))
    weights, free, left = [0] * len(raw), list(range(len(raw))), ONE
    for _ in range(len(raw)):
        total = sum(raw[i] for i in free)
        over = [i for i in free if raw[i] * left > cap * total]
        if not over or len(over) == len(free):
            break
        for i in over:
            weights[i] = cap
        left -= cap * len(over)
        free = [i for i in free if i not in over]
    total = sum(raw[i] for i in free)
    for i in free:
        weights[i] = raw[i] * left // total
    heaviest = max(range(len(raw)), key=lambda i: weights[i])
    weights[heaviest] += ONE - sum(weights)
    return weights


def _weighted_median(readings: Sequence[Reading], weights: Sequence[int]) -> int:
    """The lowest price at which half of the weight is reached."""
    reached = 0
    ladder = sorted(zip(readings, weights, strict=True), key=lambda rw: (rw[0].price, rw[0].source))
    for reading, weight in ladder:
        reached += weight
        if 2 * reached >= ONE:
            return reading.price
    raise AssertionError("weights sum to one")


def _mixture(used: Sequence[tuple[int, Reading]], config: OracleConfig) -> tuple[int, int]:
    """Rule 7: price and confidence before widening."""
    price = round_units(sum(weight * r.price for weight, r in used), ONE) // ONE
    variance = sum(weight * (_sigma(r, config) ** 2 + (r.price - price) ** 2) for weight, r in used)
    return price, max(1, isqrt(variance // ONE))


def _refused(symbol: str, reason: str, judged: Sequence[Judged], now_ns: int) -> OracleRefused:
    states = {
        j.reading.source: (
            f"{j.status}: {j.reading.price} ± {j.reading.confidence} units of 1e-8,"
            f" {age_ms(j.reading.published_ns, now_ns)} ms old"
            + (f" ({j.reason})" if j.reason else "")
        )
        for j in judged
    }
    return OracleRefused(f"the price of {symbol} {reason}", where=symbol, detail=states)
