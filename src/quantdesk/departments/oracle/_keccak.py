"""Keccak-256 and what Pyth and Wormhole build from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from coincurve import PublicKey
from Crypto.Hash import keccak

NODE_BYTES = 20
_LEAF, _NODE, _NULL = b"\x00", b"\x01", b"\x02"


def keccak256(data: bytes) -> bytes:
    digest: bytes = keccak.new(data=data, digest_bits=256).digest()
    return digest


def signer_address(key: PublicKey) -> bytes:
    """The Ethereum-style address: the last 20 bytes of the key's hash."""
    return keccak256(key.format(compressed=False)[1:])[12:]


def leaf(message: bytes) -> bytes:
    return keccak256(_LEAF + message)[:NODE_BYTES]


def merkle_root(message: bytes, path: Iterable[bytes]) -> bytes:
    """The root that `path` leads to. Siblings are hashed in the order of their bytes."""
    node = leaf(message)
    for sibling in path:
        node = _parent(node, sibling)
    return node


def merkle_tree(messages: Sequence[bytes]) -> tuple[bytes, list[list[bytes]]]:
    """The root over `messages` and the path of each; the tree is filled up to a power of two."""
    width = 1 << max(0, len(messages) - 1).bit_length()
    null = keccak256(_NULL)[:NODE_BYTES]
    level = [leaf(message) for message in messages] + [null] * (width - len(messages))
    paths: list[list[bytes]] = [[] for _ in messages]
    for depth in range(width.bit_length() - 1):
        for index, path in enumerate(paths):
            path.append(level[(index >> depth) ^ 1])
        level = [_parent(level[i], level[i + 1]) for i in range(0, len(level), 2)]
    return level[0], paths


def _parent(left: bytes, right: bytes) -> bytes:
    low, high = (left, right) if left <= right else (right, left)
    return keccak256(_NODE + low + high)[:NODE_BYTES]
