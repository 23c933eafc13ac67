"""Pyth accumulator updates, both ways: the bytes of the wire and what they say.

All numbers are big-endian.

    update   "PNAU", major 1, minor, u8 n + n bytes that later versions may add, u8 0 (Merkle),
             u16 length + VAA, u8 count × (u16 length + message, u8 k + k × 20-byte siblings)
    VAA      u8 1, u32 signer set, u8 count × (u8 index + 65-byte signature), body
    body     u32 time, u32 nonce, u16 chain, 32-byte emitter, u64 sequence, u8 consistency,
             "AUWV", u8 0, u64 slot, u32 ring size, 20-byte root
    message  u8 0: feed 32, price i64, confidence u64, exponent i32, publish time i64,
             previous publish time i64, EMA price i64, EMA confidence u64
             u8 1: TWAP: feed 32, cumulative price i128, cumulative confidence u128,
             down slots u64, exponent i32, publish time i64, previous i64, slot u64

A message may be longer than these fields, and the minor version higher than known: both are how
the format grows. What is unsigned (minor version, added header) has no influence on the result.
Parsing trusts nothing: whatever does not fit raises `InvalidInput` saying which part.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from msgspec import Struct

from quantdesk.kernel import InvalidInput

from ._keccak import NODE_BYTES, keccak256

MAGIC, ROOT_MAGIC = b"PNAU", b"AUWV"
MAJOR, MINOR, MERKLE, VAA_VERSION = 1, 0, 0, 1
PRICE, TWAP = 0, 1
SIGNATURE_BYTES = 65
MESSAGES_MAX = 255
_PRICE = struct.Struct(">32sqQiqqqQ")
_TWAP = struct.Struct(">32s16s16sQiqqQ")
_BODY = struct.Struct(">IIH32sQB4sBQI20s")


class PriceMessage(Struct, frozen=True, kw_only=True):
    """The price of a feed is `price × 10^exponent`, its confidence likewise."""

    feed_id: bytes
    price: int
    confidence: int
    exponent: int
    publish_time_s: int
    previous_publish_time_s: int
    ema_price: int
    ema_confidence: int


class TwapMessage(Struct, frozen=True, kw_only=True):
    """Sums over slots, from which a time-weighted average between two messages follows."""

    feed_id: bytes
    cumulative_price: int
    cumulative_confidence: int
    down_slots: int
    exponent: int
    publish_time_s: int
    previous_publish_time_s: int
    publish_slot: int


Message = PriceMessage | TwapMessage


class Proved(Struct, frozen=True, kw_only=True):
    """A message as bytes and parsed, with the siblings on its way to the root."""

    raw: bytes
    message: Message
    path: tuple[bytes, ...]


class Vaa(Struct, frozen=True, kw_only=True):
    """A signed statement of a root. `digest` is what was signed: keccak² of the body."""

    signer_set: int
    signatures: tuple[tuple[int, bytes], ...]
    digest: bytes
    time_s: int
    chain: int
    emitter: bytes
    sequence: int
    slot: int
    root: bytes


class Update(Struct, frozen=True, kw_only=True):
    vaa: Vaa
    messages: tuple[Proved, ...]


class _Reader:
    """Takes bytes from the front and says what was missing."""

    def __init__(self, data: bytes, what: str) -> None:
        self._data = data
        self._at = 0
        self._what = what

    def take(self, count: int, part: str) -> bytes:
        piece = self._data[self._at : self._at + count]
        if len(piece) != count:
            raise malformed(f"the {self._what} ends inside its {part}")
        self._at += count
        return piece

    def number(self, count: int, part: str) -> int:
        return int.from_bytes(self.take(count, part), "big")

    def end(self) -> None:
        if self._at != len(self._data):
            raise malformed(f"{len(self._data) - self._at} bytes follow the {self._what}")


def parse_update(data: bytes) -> Update:
    """Take the bytes apart. Nothing is verified here. Raises `InvalidInput`."""
    reader = _Reader(data, "update")
    if reader.take(4, "magic") != MAGIC:
        raise malformed("the magic is not PNAU")
    major = reader.number(1, "version")
    if major != MAJOR:
        raise malformed(f"version {major} is not known")
    reader.number(1, "version")
    reader.take(reader.number(1, "header"), "header")
    proof = reader.number(1, "proof type")
    if proof != MERKLE:
        raise malformed(f"proof type {proof} is not known")
    vaa = _parse_vaa(reader.take(reader.number(2, "VAA"), "VAA"))
    count = reader.number(1, "message count")
    if not count:
        raise malformed("it holds no message")
    messages = []
    for index in range(count):
        part = f"message {index}"
        raw = reader.take(reader.number(2, part), part)
        depth = reader.number(1, part)
        path = tuple(reader.take(NODE_BYTES, f"proof of {part}") for _ in range(depth))
        messages.append(Proved(raw=raw, message=_parse_message(raw, part), path=path))
    reader.end()
    return Update(vaa=vaa, messages=tuple(messages))


def _parse_vaa(data: bytes) -> Vaa:
    reader = _Reader(data, "VAA")
    version = reader.number(1, "version")
    if version != VAA_VERSION:
        raise malformed(f"VAA version {version} is not known")
    signer_set = reader.number(4, "signer set")
    count = reader.number(1, "signature count")
    signatures = tuple(
        (reader.number(1, "signatures"), reader.take(SIGNATURE_BYTES, "signatures"))
        for _ in range(count)
    )
    body = reader.take(_BODY.size, "body")
    reader.end()
    time_s, _, chain, emitter, sequence, _, magic, kind, slot, _, root = _BODY.unpack(body)
    if magic != ROOT_MAGIC or kind != MERKLE:
        raise malformed("the VAA does not state a Merkle root")
    return Vaa(
        signer_set=signer_set,
        signatures=signatures,
        digest=keccak256(keccak256(body)),
        time_s=time_s,
        chain=chain,
        emitter=emitter,
        sequence=sequence,
        slot=slot,
        root=root,
    )


def _parse_message(raw: bytes, part: str) -> Message:
    kind = raw[0] if raw else None
    layout = {PRICE: _PRICE, TWAP: _TWAP}.get(kind) if kind is not None else None
    if layout is None:
        raise malformed(f"{part} has the unknown type {kind}")
    if len(raw) < 1 + layout.size:
        raise malformed(f"{part} has {len(raw)} bytes, too few for its type {kind}")
    fields = layout.unpack_from(raw, 1)
    if kind == PRICE:
        return PriceMessage(**dict(zip(PriceMessage.__struct_fields__, fields, strict=True)))
    price = int.from_bytes(fields[1], "big", signed=True)
    confidence = int.from_bytes(fields[2], "big")
    values = (fields[0], price, confidence, *fields[3:])
    return TwapMessage(**dict(zip(TwapMessage.__struct_fields__, values, strict=True)))


def malformed(reason: str) -> InvalidInput:
    return InvalidInput(
        f"not a Pyth update: {reason}",
        where="/update_base64",
        advice="Send the update as the publisher gave it, in base64.",
    )


def encode_price(message: PriceMessage) -> bytes:
    """Raises `struct.error` for a number that its field cannot hold."""
    return bytes([PRICE]) + _PRICE.pack(
        message.feed_id, message.price, message.confidence, message.exponent,
        message.publish_time_s, message.previous_publish_time_s, message.ema_price,
        message.ema_confidence,
    )  # fmt: skip


def encode_body(
    *, time_s: int, chain: int, emitter: bytes, sequence: int, slot: int, root: bytes
) -> bytes:
    """The body of a VAA that states a Merkle root; nonce, consistency and ring size are 0."""
    return _BODY.pack(
        time_s, 0, chain, emitter, sequence, 0, ROOT_MAGIC, MERKLE, slot, 0, root
    )  # fmt: skip


def encode_update(
    signer_set: int,
    signatures: Sequence[tuple[int, bytes]],
    body: bytes,
    messages: Sequence[tuple[bytes, Sequence[bytes]]],
) -> bytes:
    """Put an update together from signatures by index, a body, and messages with their paths."""
    signed = b"".join(bytes([index]) + signature for index, signature in signatures)
    vaa = struct.pack(">BIB", VAA_VERSION, signer_set, len(signatures)) + signed + body
    head = MAGIC + bytes([MAJOR, MINOR, 0, MERKLE]) + len(vaa).to_bytes(2, "big") + vaa
    parts = [head, bytes([len(messages)])]
    for raw, path in messages:
        parts += [len(raw).to_bytes(2, "big"), raw, bytes([len(path)]), *path]
    return b"".join(parts)
