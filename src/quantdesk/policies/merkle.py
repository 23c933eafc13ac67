"""Merkle trees of RFC 6962 §2.1: one hash for a whole list, and short proofs about it.

A leaf is hashed with a 0 before it and a node with a 1, so that neither passes for the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A growing list of which only the roots of its complete subtrees are kept, largest first:
    as many as `size` has bits set. Appending costs two hashes, on average."""

    __slots__ = ("_peaks", "size")

    def __init__(self, size: int = 0, peaks: bytes = b"") -> None:
        if len(peaks) != size.bit_count() * HASH_BYTES:
            raise ValueError(f"a tree of {size} entries has {size.bit_count()} complete subtrees")
        self.size = size
        self._peaks = [
            peaks[place : place + HASH_BYTES] for place in range(0, len(peaks), HASH_BYTES)
        ]

    @property
    def peaks(self) -> bytes:
        """What `Tree(size, peaks)` goes on from."""
        return b"".join(self._peaks)

    def append(self, entry: bytes) -> None:
        node, rest = leaf_hash(entry), self.size
        while rest & 1:
            node = node_hash(self._peaks.pop(), node)
            rest >>= 1
        self._peaks.append(node)
        self.size += 1

    def root(self) -> bytes:
        if not self._peaks:
            return EMPTY_ROOT
        node = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            node = node_hash(peak, node)
        return node


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, as the RFC defines it: MTH(D[n])."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return node_hash(root_of(leaves[:split]), root_of(leaves[split:]))


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """What proves that the entry at `index` (from 0) is in the list: PATH(m, D[n])."""
    if not 0 <= index < len(leaves):
        raise ValueError(f"there is no entry {index} in {len(leaves)}")
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_proof(index, leaves[:split]), root_of(leaves[split:])]
    return [*inclusion_proof(index - split, leaves[split:]), root_of(leaves[:split])]


def consistency_proof(first: int, leaves: Sequence[bytes]) -> list[bytes]:
    """What proves that the list of the `first` entries is the beginning of this one:
    PROOF(m, D[n])."""
    if not 0 < first <= len(leaves):
        raise ValueError(f"a list of {first} is not the beginning of one of {len(leaves)}")
    return _subproof(first, leaves, whole=True)


def _subproof(first: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
    if first == len(leaves):
        return [] if whole else [root_of(leaves)]
    split = _split(len(leaves))
    if first <= split:
        left = _subproof(first, leaves[:split], whole=whole)
        return [*left, root_of(leaves[split:])]
    right = _subproof(first - split, leaves[split:], whole=False)
    return [*right, root_of(leaves[:split])]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether `proof` shows the leaf hash at `index` of a list of `size` with this root."""
    if not 0 <= index < size:
        return False
    place, last, node = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            node = node_hash(step, node)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, step)
        place, last = place >> 1, last >> 1
    return last == 0 and node == root


def verify_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether `proof` shows that the list of `first` entries begins the one of `second`."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not proof and first_root == second_root
    # A first list that is one complete subtree is its own first step.
    steps = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not steps:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, step)
        place, last = place >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
