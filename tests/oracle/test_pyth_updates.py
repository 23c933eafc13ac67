"""Real Pyth updates are accepted to the message; anything else is refused by name."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantdesk.departments.oracle import Emitter, OracleConfig, SignerSet
from quantdesk.departments.oracle._keccak import merkle_root, merkle_tree
from quantdesk.departments.oracle._pyth import PriceMessage, TwapMessage, parse_update
from quantdesk.departments.oracle._verifier import Verifier, quorum_of, trust
from quantdesk.kernel import InvalidInput, Misconfigured, OracleRefused, Seam

from .prices import (
    PYTHNET,
    SOL_USD,
    UNIT_TESTS,
    Signers,
    message,
    open_desk,
    recorded_sets,
    recorded_updates,
)

pytestmark = pytest.mark.spec("GW-6")
NOW_S = 1_723_161_254
RECORDED = 13
REFUSED = {
    0: (OracleRefused, "proof of message 1 does not lead"),
    1: (InvalidInput, "message 0 has the unknown type 64"),
    4: (OracleRefused, "proof of message 1 does not lead"),
}


def as_recorded(found: PriceMessage | TwapMessage) -> dict[str, Any]:
    """A message in the form of the recording's own list."""
    if isinstance(found, TwapMessage):
        return {"type": 1}
    return {
        "type": 0, "feed": found.feed_id.hex(), "price": found.price, "conf": found.confidence,
        "expo": found.exponent, "publish_time": found.publish_time_s,
    }  # fmt: skip


@pytest.mark.recordings
@pytest.mark.parametrize("number", range(RECORDED))
def test_recorded_updates(recordings: Path, number: int) -> None:
    entry = recorded_updates(recordings)[number]
    verifier = Verifier(map(trust, recorded_sets(recordings)))
    if number in REFUSED:
        error, reason = REFUSED[number]
        with pytest.raises(error, match=reason):
            verifier.verify(entry["bytes"])
        return
    assert all(entry["proofs_valid"])
    verified = verifier.verify(entry["bytes"])
    assert verified.signatures == entry["signatures"]
    assert (verified.signer_set.index, verified.slot) == (entry["guardian_set"], entry["slot"])
    assert [as_recorded(found) for found in verified.messages] == entry["messages"]


@pytest.mark.recordings
def test_the_recording_is_as_long_as_these_tests_think(recordings: Path) -> None:
    assert len(recorded_updates(recordings)) == RECORDED


@pytest.mark.recordings
def test_nothing_is_trusted_by_default(recordings: Path) -> None:
    verifier = Verifier(map(trust, OracleConfig().signer_sets))
    for entry in recorded_updates(recordings):
        with pytest.raises((OracleRefused, InvalidInput)):
            verifier.verify(entry["bytes"])


@cache
def small_update() -> tuple[bytes, Verifier]:
    """Two messages under one signature: small enough to try every byte."""
    signers = Signers(1)
    messages = [message(at_s=NOW_S), message(2, at_s=NOW_S, feed="00" * 32)]
    return signers.update(messages, [0]), Verifier([trust(signers.config)])


def refused(update: bytes, verifier: Verifier) -> bool:
    try:
        verifier.verify(update)
    except (InvalidInput, OracleRefused):
        return True
    return False


MINOR_VERSION_AT = 5
"""The one byte that says nothing: later minor versions are read as this one."""


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_changed_byte_is_refused(data: st.DataObject) -> None:
    update, verifier = small_update()
    at = data.draw(st.integers(0, len(update) - 1).filter(lambda at: at != MINOR_VERSION_AT))
    change = data.draw(st.integers(1, 255))
    changed = update[:at] + bytes([update[at] ^ change]) + update[at + 1 :]
    assert refused(changed, verifier)


def test_every_byte_flipped_once() -> None:
    update, verifier = small_update()
    accepted = [
        at
        for at in range(len(update))
        if not refused(update[:at] + bytes([update[at] ^ 0xFF]) + update[at + 1 :], verifier)
    ]
    assert accepted == [MINOR_VERSION_AT]
    newer = update[:MINOR_VERSION_AT] + b"\x09" + update[MINOR_VERSION_AT + 1 :]
    assert verifier.verify(newer) == verifier.verify(update)


@pytest.mark.recordings
def test_every_byte_of_a_real_update(recordings: Path) -> None:
    entry = recorded_updates(recordings)[5]
    sets = [trust(s) for s in recorded_sets(recordings) if s.index == entry["guardian_set"]]
    verifier, update = Verifier(sets), entry["bytes"]
    accepted = [
        at
        for at in range(0, len(update), 3)
        if not refused(update[:at] + bytes([update[at] ^ 0x01]) + update[at + 1 :], verifier)
    ]
    assert accepted == []
    assert not refused(update, verifier)


def test_every_truncation_and_every_extension_is_malformed() -> None:
    update, verifier = small_update()
    for length in range(len(update)):
        with pytest.raises(InvalidInput):
            verifier.verify(update[:length])
    with pytest.raises(InvalidInput, match="1 bytes follow"):
        verifier.verify(update + b"\0")


@pytest.mark.recordings
@pytest.mark.parametrize("number", [3, 8, 10])
def test_every_truncation_of_a_real_update(recordings: Path, number: int) -> None:
    update = recorded_updates(recordings)[number]["bytes"]
    for length in range(len(update)):
        with pytest.raises(InvalidInput):
            parse_update(update[:length])


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300).map(lambda tail: b"PNAU\x01\x00\x00\x00" + tail) | st.binary())
def test_any_bytes_are_refused_in_our_own_words(data: bytes) -> None:
    with pytest.raises((InvalidInput, OracleRefused)):
        small_update()[1].verify(data)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 19])
def test_the_default_quorum_is_more_than_two_thirds(size: int) -> None:
    quorum = quorum_of(size)
    assert 3 * quorum > 2 * size >= 3 * (quorum - 1)
    signers = Signers(size)
    verifier = Verifier([trust(signers.config)])
    at_limit = signers.update([message(at_s=NOW_S)], range(quorum))
    assert verifier.verify(at_limit).signatures == quorum
    below = signers.update([message(at_s=NOW_S)], range(quorum - 1))
    with pytest.raises(OracleRefused, match="below the quorum") as error:
        verifier.verify(below)
    assert error.value.detail == {"signatures": str(quorum - 1), "quorum": str(quorum)}


def test_a_configured_quorum() -> None:
    signers = Signers(5, quorum=3)
    verifier = Verifier([trust(signers.config)])
    assert verifier.verify(signers.update([message(at_s=NOW_S)], [0, 2, 4])).signatures == 3
    assert verifier.verify(signers.update([message(at_s=NOW_S)], range(5))).signatures == 5
    with pytest.raises(OracleRefused, match="below the quorum of 3"):
        verifier.verify(signers.update([message(at_s=NOW_S)], [0, 4]))


@pytest.mark.parametrize("order", [[0, 1, 1], [1, 0, 2], [2, 2, 2]])
def test_signers_stand_in_order_each_once(order: list[int]) -> None:
    signers = Signers(3, quorum=3)
    with pytest.raises(OracleRefused, match="ascending order"):
        Verifier([trust(signers.config)]).verify(signers.update([message(at_s=NOW_S)], order))


def test_a_signer_outside_the_set() -> None:
    signers, config = Signers(4), Signers(3, quorum=2).config
    with pytest.raises(OracleRefused, match="signer 3 of set tests is not known"):
        Verifier([trust(config)]).verify(signers.update([message(at_s=NOW_S)], [0, 1, 3]))


def test_one_wrong_signature_beyond_the_quorum_spoils_it() -> None:
    signers = Signers(4, quorum=2)
    signers.keys[3] = signers.keys[0]
    with pytest.raises(OracleRefused, match="signature 3 is not that of its signer"):
        Verifier([trust(signers.config)]).verify(
            signers.update([message(at_s=NOW_S)], [0, 1, 2, 3])
        )


@pytest.mark.parametrize(
    "emitter", [UNIT_TESTS, Emitter(chain=1, address=PYTHNET.address)], ids=["address", "chain"]
)
def test_another_emitter(emitter: Emitter) -> None:
    signers = Signers(1)
    update = signers.update([message(at_s=NOW_S)], [0], emitter=emitter)
    with pytest.raises(OracleRefused, match="not believed about emitter"):
        Verifier([trust(signers.config)]).verify(update)


def test_another_signer_set() -> None:
    signers = Signers(1)
    update = signers.update([message(at_s=NOW_S)], [0], index=8)
    with pytest.raises(OracleRefused, match="signer set 8 is not one"):
        Verifier([trust(signers.config)]).verify(update)


@pytest.mark.parametrize(
    "changes",
    [
        {"signers": {}},
        {"signers": {"x": "00" * 20}},
        {"signers": {"256": "00" * 20}},
        {"signers": {"0": "00" * 20, "1": "00" * 20}},
        {"signers": {"0": "00" * 20, "1": "11" * 20}, "quorum": 3},
        {"signers": {"0": "00" * 20, "4": "11" * 20}, "size": 3, "quorum": 1},
        {"signers": {"0": "00" * 20}, "size": 19},
    ],
)
def test_a_set_that_contradicts_itself(changes: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        trust(SignerSet(label="bad", index=0, emitters=(), **changes))


def test_two_sets_with_one_index() -> None:
    ready = trust(Signers(1).config)
    with pytest.raises(Misconfigured, match="two signer sets"):
        Verifier([ready, ready])


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 64, 255])
def test_a_tree_proves_each_of_its_messages(count: int) -> None:
    messages = [bytes([i]) * 3 for i in range(count)]
    root, paths = merkle_tree(messages)
    for found, path in zip(messages, paths, strict=True):
        assert merkle_root(found, path) == root
        assert merkle_root(found + b"\0", path) != root


@pytest.mark.recordings
async def test_a_real_update_gives_a_price_and_is_posted(recordings: Path, tmp_path: Path) -> None:
    entry = recorded_updates(recordings)[9]
    now_s = entry["messages"][0]["publish_time"] + 2
    config = OracleConfig(signer_sets=recorded_sets(recordings))
    desk = await open_desk(tmp_path / "x.sqlite", Seam.replay(1, now_s * 10**9), config=config)
    accepted = await desk.submit(entry["bytes"])
    assert (accepted.symbols, accepted.feeds) == (("SOL-USD",), 4)
    assert (accepted.signer_set, accepted.signatures) == (4, 13)
    posted = desk.chain._machine.prices.find("SOL-USD")
    assert posted.feed_id.hex() == SOL_USD
    assert posted.address == "7UVimffxr9ow1uXYxsr4LHAcV58mLzhmwaeKvJ1pjLiE"
    await desk.database.close()
