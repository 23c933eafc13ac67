"""A publisher of the desk's own, for markets that are simulated or replayed.

It takes the venue mids that ingestion saw, and signs them in Pyth's real format with a signer set
of five keys of which three must sign. What it makes goes through the same verification as any
update from outside. It is labelled local and speaks only for feeds of its own: it proves that the
pipeline holds, not that the price is right, for its signers are the desk itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from coincurve import PrivateKey

from ._keccak import keccak256, merkle_tree, signer_address
from ._pyth import MESSAGES_MAX, PriceMessage, encode_body, encode_price, encode_update
from ._verifier import Trusted

LABEL = "local"
SIGNERS, QUORUM = 5, 3
SET_INDEX = 2**32 - 1
"""Real sets count up from 0; this one can never be taken for one of them."""
EXPONENT = -8
CHAIN = 1
EMITTER = hashlib.sha256(b"quantdesk-local-publisher").digest()
SLOT_NS = 400_000_000
EMA_PERIODS = 64


def local_feed_id(symbol: str) -> bytes:
    """The feed of a symbol of this desk's own."""
    return hashlib.sha256(b"quantdesk-local/" + symbol.encode()).digest()


class LocalPublisher:
    """Signs prices in units of 1e-8 as updates."""

    def __init__(self, secrets: Sequence[bytes]) -> None:
        assert len(secrets) == SIGNERS
        self._keys = [PrivateKey(secret) for secret in secrets]
        self._sequence = 0
        self._last: dict[str, PriceMessage] = {}

    def trusted(self) -> Trusted:
        """The signer set that verifies what this publisher makes."""
        addresses = [signer_address(key.public_key) for key in self._keys]
        return Trusted(
            label=LABEL,
            index=SET_INDEX,
            signers=dict(enumerate(addresses)),
            emitters=frozenset({(CHAIN, EMITTER)}),
            size=SIGNERS,
            quorum=QUORUM,
            local=True,
        )

    def publish(self, prices: Mapping[str, tuple[int, int]], now_ns: int) -> bytes:
        """One signed update with the price and confidence of each symbol."""
        assert 0 < len(prices) <= MESSAGES_MAX
        now_s = now_ns // 10**9
        for symbol, (price, confidence) in prices.items():
            self._last[symbol] = self._message(symbol, price, confidence, now_s)
        raws = [encode_price(self._last[symbol]) for symbol in prices]
        root, paths = merkle_tree(raws)
        self._sequence += 1
        body = encode_body(
            time_s=now_s, chain=CHAIN, emitter=EMITTER, sequence=self._sequence,
            slot=now_ns // SLOT_NS, root=root,
        )  # fmt: skip
        digest = keccak256(keccak256(body))
        # The signers take turns, so that each key is in use and in the tests.
        turn = sorted((self._sequence + i) % SIGNERS for i in range(QUORUM))
        signatures = [(i, self._keys[i].sign_recoverable(digest, hasher=None)) for i in turn]
        return encode_update(SET_INDEX, signatures, body, list(zip(raws, paths, strict=True)))

    def _message(self, symbol: str, price: int, confidence: int, now_s: int) -> PriceMessage:
        before = self._last.get(symbol)
        ema, ema_confidence, previous_s = price, confidence, now_s
        if before is not None:
            ema = before.ema_price + (price - before.ema_price) // EMA_PERIODS
            spread = confidence - before.ema_confidence
            ema_confidence = before.ema_confidence + spread // EMA_PERIODS
            previous_s = before.publish_time_s
        return PriceMessage(
            feed_id=local_feed_id(symbol),
            price=price,
            confidence=confidence,
            exponent=EXPONENT,
            publish_time_s=now_s,
            previous_publish_time_s=previous_s,
            ema_price=ema,
            ema_confidence=ema_confidence,
        )
