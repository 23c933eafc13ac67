"""Merkle trees against the vectors of Certificate Transparency and the drawing in RFC 6962."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantdesk.policies.merkle import (
    EMPTY_ROOT,
    Tree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

pytestmark = pytest.mark.spec("SEC-4")

ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The reference implementations' roots over the first one, two, … of `ENTRIES`."""
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


def some_leaves(size: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(size)]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_reference(size: int) -> None:
    tree = Tree()
    for entry in ENTRIES[:size]:
        tree.append(entry)
    assert tree.root().hex() == ROOTS[size - 1]
    assert root_of(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_the_empty_list() -> None:
    assert Tree().root() == root_of([]) == EMPTY_ROOT == hashlib.sha256(b"").digest()


def test_the_proofs_of_the_rfcs_drawing() -> None:
    """RFC 6962 §2.1.3: seven leaves d0…d6 under a…f and j, then g, h, i, then k, l."""
    d = LEAVES[:7]
    a, b, c, e, f, j = d[0], d[1], d[2], d[4], d[5], d[6]
    g, h, i = node_hash(a, b), node_hash(c, d[3]), node_hash(e, f)
    k, low = node_hash(g, h), node_hash(i, j)
    assert inclusion_proof(0, d) == [b, h, low]
    assert inclusion_proof(3, d) == [c, g, low]
    assert inclusion_proof(4, d) == [f, j, k]
    assert inclusion_proof(6, d) == [i, k]
    assert consistency_proof(3, d) == [c, d[3], g, low]
    assert consistency_proof(4, d) == [low]
    assert consistency_proof(6, d) == [i, j, k]


@given(st.integers(1, 70), st.data())
def test_a_tree_goes_on_from_its_peaks(size: int, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, size))
    tree = Tree()
    for number in range(size):
        if number == cut:
            tree = Tree(tree.size, tree.peaks)
        tree.append(b"%d" % number)
    assert tree.root() == root_of(some_leaves(size))
    with pytest.raises(ValueError, match="complete subtrees"):
        Tree(tree.size, tree.peaks[1:])


@given(st.integers(1, 40), st.data())
def test_inclusion(size: int, data: st.DataObject) -> None:
    leaves, index = some_leaves(size), data.draw(st.integers(0, size - 1))
    root, proof = root_of(leaves), inclusion_proof(index, leaves)
    assert verify_inclusion(leaves[index], index, size, proof, root)
    assert not verify_inclusion(leaf_hash(b"other"), index, size, proof, root)
    assert not verify_inclusion(leaves[index], index, size, [*proof, root], root)
    assert not verify_inclusion(leaves[index], size, size, proof, root)
    for place in range(len(proof)):
        bent = [*proof[:place], bytes(32), *proof[place + 1 :]]
        assert not verify_inclusion(leaves[index], index, size, bent, root)
        assert not verify_inclusion(
            leaves[index], index, size, proof[:place] + proof[place + 1 :], root
        )
    for other in range(size):
        if other != index:
            assert not verify_inclusion(leaves[index], other, size, proof, root)


@given(st.integers(1, 40), st.data())
def test_consistency(size: int, data: st.DataObject) -> None:
    leaves, first = some_leaves(size), data.draw(st.integers(1, size))
    old, new = root_of(leaves[:first]), root_of(leaves)
    proof = consistency_proof(first, leaves)
    assert verify_consistency(first, size, old, new, proof)
    assert not verify_consistency(first, size, bytes(32), new, proof)
    assert not verify_consistency(first, size, old, bytes(32), proof)
    assert not verify_consistency(first, size, old, new, [*proof, old])
    assert not verify_consistency(size + 1, size, old, new, proof)
    for place in range(len(proof)):
        bent = [*proof[:place], bytes(32), *proof[place + 1 :]]
        assert not verify_consistency(first, size, old, new, bent)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_what_is_not_there_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="there is no entry"):
        inclusion_proof(index, some_leaves(size))


@pytest.mark.parametrize(("first", "size"), [(0, 3), (4, 3)])
def test_what_is_no_beginning_has_no_proof(first: int, size: int) -> None:
    with pytest.raises(ValueError, match="not the beginning"):
        consistency_proof(first, some_leaves(size))
