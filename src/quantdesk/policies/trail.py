"""The check of an audit trail: its chain, its checkpoints, and copies of them kept elsewhere."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from .audit import linked
from .checkpoints import NO_PREVIOUS, AuditRow, Checkpoint, CheckpointRow, damaged, parse
from .merkle import Tree

DATABASE = "the database"


class TrailReport(Struct, frozen=True, kw_only=True):
    """A trail that holds: `covered` of its `entries` stand behind the newest of `checkpoints`,
    written `newest_at` and signed by `public_key` (hex; None where there is no checkpoint)."""

    entries: int
    checkpoints: int
    covered: int
    newest_at: datetime | None
    public_key: str | None


class TrailStore(Protocol):
    """What is checked."""

    def read(self, after: int = 0) -> AsyncIterator[AuditRow]: ...

    def checkpoints(self) -> AsyncIterator[CheckpointRow]: ...


async def verify_trail(
    store: TrailStore,
    copies: Mapping[str, bytes] | None = None,
    public_key: str | None = None,
) -> TrailReport:
    """Check every entry and every checkpoint; `copies` are checkpoint files by name.

    Raises `CorruptData` naming the place: a changed entry, a tail that is missing, a fork (two
    histories that were both signed), a checkpoint that is forged or lost. Without a `public_key`
    the checkpoints need only agree on one.
    """
    stored = {row.size: row async for row in store.checkpoints()}
    signed = _in_line([row.line for row in stored.values()], DATABASE, public_key)
    if list(stored) != [checkpoint.size for checkpoint in signed]:
        raise damaged("a checkpoint stands under another size", DATABASE)
    if signed and public_key is None:
        public_key = signed[0].public_key
    expected = {checkpoint.size: checkpoint for checkpoint in signed}
    for name, content in (copies or {}).items():
        _compare(name, content, public_key, stored, expected)
    entries = await _walk(store, stored, expected)
    newest = signed[-1] if signed else None
    return TrailReport(
        entries=entries,
        checkpoints=len(signed),
        covered=newest.size if newest else 0,
        newest_at=newest.at if newest else None,
        public_key=public_key,
    )


async def _walk(
    store: TrailStore, stored: Mapping[int, CheckpointRow], expected: Mapping[int, Checkpoint]
) -> int:
    """Follow the chain to its end, and compare it with what was signed on the way."""
    tree = Tree()
    async for row in linked(store.read()):
        tree.append(row.body)
        checkpoint = expected.get(tree.size)
        if checkpoint is not None and checkpoint.root != tree.root().hex():
            before = max((size for size in expected if size < tree.size), default=0)
            raise damaged(
                "the entries are not those that were signed", f"entries {before + 1} to {tree.size}"
            )
        if tree.size in stored and stored[tree.size].peaks != tree.peaks:
            raise damaged(
                "the stored checkpoint does not add up", f"checkpoint of {tree.size} entries"
            )
    newest = max(expected, default=0)
    if newest > tree.size:
        raise damaged(
            f"the trail was cut off: {newest} entries were signed", f"entry {tree.size + 1}"
        )
    for size in expected:
        if size not in stored:
            raise damaged("the database has no such checkpoint", f"checkpoint of {size} entries")
    return tree.size


def _compare(
    name: str,
    content: bytes,
    public_key: str | None,
    stored: Mapping[int, CheckpointRow],
    expected: dict[int, Checkpoint],
) -> None:
    """Check a copy against the database's checkpoints, and expect what it says of the trail."""
    *lines, rest = content.split(b"\n")
    if rest and not any(row.line.startswith(rest) for row in stored.values()):
        # The end of a write that was cut short is no damage; anything else is.
        raise damaged("the last line is not the beginning of a checkpoint", name)
    for line, checkpoint in zip(lines, _in_line(lines, name, public_key), strict=True):
        size = checkpoint.size
        where = f"{name}, checkpoint of {size} entries"
        if size not in stored:
            expected[size] = checkpoint
        elif stored[size].line != line:
            raise damaged("a fork: two different checkpoints of one size were signed", where)


def _in_line(lines: Sequence[bytes], source: str, public_key: str | None) -> list[Checkpoint]:
    """Each signed by one key, each larger than the one before, which it names."""
    found: list[Checkpoint] = []
    for number, line in enumerate(lines, 1):
        where = f"{source}, checkpoint {number}"
        checkpoint = parse(line, where, public_key)
        public_key = checkpoint.public_key
        if found:
            if checkpoint.size <= found[-1].size:
                raise damaged("a fork: the checkpoint does not go on from the one before", where)
            if checkpoint.previous != hashlib.sha256(lines[number - 2]).hexdigest():
                raise damaged("a checkpoint before this one is missing or another", where)
        elif source == DATABASE and checkpoint.previous != NO_PREVIOUS:
            raise damaged("the first checkpoint is missing", where)
        found.append(checkpoint)
    return found
