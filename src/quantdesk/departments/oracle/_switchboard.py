"""Switchboard On-Demand: a PullFeed account (little-endian, 3,208 bytes).

    0     8  discriminator
    8  2048  32 submissions of 64 bytes: oracle 32, slot u64, landed at u64, value i128 (× 1e18)
 2120    32  feed hash          2180  32  name
 2215     1  fewest samples     2216   8  last update, seconds since the epoch
 2264    96  result, i128 × 1e18: value, standard deviation, mean, range, lowest, highest
 2360     1  samples in it      2368  24  its slot, and the slots of its oldest and newest sample

A result is believed only as far as it follows from the submissions beside it: enough of them lie
in its slots, and their lowest and highest are the ones that it states.
"""

from __future__ import annotations

import struct

from msgspec import Struct

from quantdesk.kernel import CorruptData, OracleRefused, round_units
from quantdesk.kernel.money import UNITS_MAX

DISCRIMINATOR = bytes.fromhex("c41b6cc40ad7db28")
ACCOUNT_BYTES = 3_208
PROGRAM = "SBondMDrcV3K4kxZR1HNVT7osZxAHVHgYXL5Ze1oMUv"
_SUBMISSIONS_AT, _SUBMISSIONS, _SUBMISSION = 8, 32, struct.Struct("<32sQQ16s")
_NAME_AT, _FEWEST_AT, _UPDATED_AT = 2180, 2215, 2216
_RESULT_AT, _SAMPLES_AT, _SLOTS_AT = 2264, 2360, 2368
_UNIT_STEPS = 10**10
"""Steps of 1e-18 in one unit of 1e-8."""


class PullFeed(Struct, frozen=True, kw_only=True):
    """A feed's current result, in units of 1e-8. `deviation` is one standard deviation."""

    name: str
    value: int
    deviation: int
    samples: int
    slot: int
    updated_s: int


def decode_pull_feed(data: bytes) -> PullFeed:
    """Read an account's data. Raises `CorruptData` for bytes that are no PullFeed, or whose
    result contradicts its submissions, and `OracleRefused` while there is no result."""
    if data[:8] != DISCRIMINATOR:
        raise _corrupt("the discriminator is another account's")
    if len(data) != ACCOUNT_BYTES:
        raise _corrupt(f"it holds {len(data)} bytes, not {ACCOUNT_BYTES}")
    value, deviation, _, _, lowest, highest = (
        int.from_bytes(data[at : at + 16], "little", signed=True)
        for at in range(_RESULT_AT, _RESULT_AT + 96, 16)
    )
    samples, fewest = data[_SAMPLES_AT], data[_FEWEST_AT]
    slot, first_slot, last_slot = struct.unpack_from("<QQQ", data, _SLOTS_AT)
    (updated_s,) = struct.unpack_from("<q", data, _UPDATED_AT)
    if not slot or samples < max(1, fewest):
        raise OracleRefused(
            f"the Switchboard feed has {samples} samples, at least {max(1, fewest)} are needed"
        )
    values = _values_between(data, first_slot, last_slot)
    if len(values) < samples or min(values) != lowest or max(values) != highest:
        raise _corrupt("its result does not follow from its submissions")
    if not lowest <= value <= highest or value <= 0 or deviation < 0:
        raise _corrupt(f"its result {value} ± {deviation} is not a price")
    if value // _UNIT_STEPS > UNITS_MAX:
        raise _corrupt("its result is out of range")
    return PullFeed(
        name=data[_NAME_AT : _NAME_AT + 32].rstrip(b"\0").decode("utf-8", "replace"),
        value=round_units(value, _UNIT_STEPS) // _UNIT_STEPS,
        deviation=round_units(deviation, _UNIT_STEPS) // _UNIT_STEPS,
        samples=samples,
        slot=slot,
        updated_s=updated_s,
    )


def _values_between(data: bytes, first_slot: int, last_slot: int) -> list[int]:
    values = []
    for index in range(_SUBMISSIONS):
        at = _SUBMISSIONS_AT + index * _SUBMISSION.size
        _, slot, _, value = _SUBMISSION.unpack_from(data, at)
        if slot and first_slot <= slot <= last_slot:
            values.append(int.from_bytes(value, "little", signed=True))
    return values


def _corrupt(reason: str) -> CorruptData:
    return CorruptData(
        f"not a PullFeed account: {reason}", advice="Read the account again from its cluster."
    )
