"""Signed checkpoints: whatever is done to a trail is found, and nothing else is."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from quantdesk.kernel import CorruptData, ManualClock, Seam, Unavailable, decode, encode
from quantdesk.policies import AuditLog, Checkpointer, TrailReport, verify_trail
from quantdesk.policies.audit import AuditEntry, AuditRow
from quantdesk.policies.checkpoints import (
    _CONTEXT,
    NO_PREVIOUS,
    Checkpoint,
    CheckpointRow,
    Signer,
    parse,
)
from quantdesk.policies.merkle import leaf_hash, root_of

from .workshop import Piece, call

pytestmark = [pytest.mark.spec("SEC-4", "DB-4"), pytest.mark.spec("TST-4")]


class Shelf:
    """A trail in memory, whose disk can be full."""

    def __init__(self) -> None:
        self.rows: list[AuditRow] = []
        self.marks: list[CheckpointRow] = []
        self.full = False

    async def append(
        self, rows: Sequence[AuditRow], checkpoints: Sequence[CheckpointRow] = ()
    ) -> None:
        await asyncio.sleep(0)
        if self.full:
            raise Unavailable("the disk is full")
        self.rows.extend(rows)
        self.marks.extend(checkpoints)

    async def head(self) -> AuditRow | None:
        return self.rows[-1] if self.rows else None

    async def newest_checkpoint(self) -> CheckpointRow | None:
        return self.marks[-1] if self.marks else None

    async def read(self, after: int = 0) -> AsyncIterator[AuditRow]:
        for row in self.rows[after:]:
            yield row

    async def checkpoints(self) -> AsyncIterator[CheckpointRow]:
        for row in self.marks:
            yield row

    def copy(self) -> Shelf:
        other = Shelf()
        other.rows, other.marks = list(self.rows), list(self.marks)
        return other


class Lines:
    """A file of lines in memory, that can be full."""

    def __init__(self) -> None:
        self.content = b""
        self.full = False

    def append(self, lines: Sequence[bytes]) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.content += b"".join(line + b"\n" for line in lines)


def signer(number: int = 1) -> Signer:
    return Signer(Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))


def open_log(
    shelf: Shelf, lines: Lines, seam: Seam, *, key: Signer | None = None, **settings: Any
) -> AuditLog:
    checkpoints = Checkpointer(shelf, lines, key or signer(), seam, **settings)
    return AuditLog(shelf, seam, checkpoints=checkpoints)


async def write(log: AuditLog, count: int, *, number: int = 0) -> None:
    for _ in range(count):
        await log.append(call("make", Piece(number=number)), "intent", "")


async def trail(
    seam: Seam, entries: int, *, every: int = 4, seal: bool = True
) -> tuple[Shelf, Lines]:
    shelf, lines = Shelf(), Lines()
    log = open_log(shelf, lines, seam, every_entries=every)
    await write(log, entries)
    if seal:
        await log.seal()
    return shelf, lines


async def where(
    shelf: Shelf, copies: dict[str, bytes] | None = None, key: str | None = None
) -> str:
    """Where the damage is said to be. Fails if none is found."""
    with pytest.raises(CorruptData) as found:
        await verify_trail(shelf, copies, key)
    assert found.value.where
    return f"{found.value.where}: {found.value.message}"


async def test_checkpoints_cover_what_they_say(seam: Seam) -> None:
    shelf, lines = await trail(seam, 10)
    report = await verify_trail(shelf, {"copy": lines.content}, signer().public_key)
    assert report == TrailReport(
        entries=10, checkpoints=3, covered=10, newest_at=seam.now(), public_key=signer().public_key
    )
    assert [row.size for row in shelf.marks] == [4, 8, 10]
    leaves = [leaf_hash(row.body) for row in shelf.rows]
    previous = NO_PREVIOUS
    for mark in shelf.marks:
        checkpoint = decode(mark.line, Checkpoint)
        assert checkpoint.root == root_of(leaves[: mark.size]).hex()
        assert checkpoint.previous == previous
        previous = hashlib.sha256(mark.line).hexdigest()
    assert lines.content == b"".join(mark.line + b"\n" for mark in shelf.marks)


async def test_time_brings_a_checkpoint_too(seam: Seam) -> None:
    shelf, lines = Shelf(), Lines()
    log = open_log(shelf, lines, seam, every_s=60.0)
    clock = seam.clock
    assert isinstance(clock, ManualClock)
    for _ in range(9):
        await write(log, 1)
        clock.advance_to(clock.now_ns() + 20 * 10**9)
    assert [row.size for row in shelf.marks] == [4, 7]


async def test_where_they_stand_does_not_depend_on_how_entries_were_batched(seam: Seam) -> None:
    one, other = Shelf(), Shelf()
    log = open_log(one, Lines(), seam, every_entries=3)
    await write(log, 10)
    log = open_log(other, Lines(), seam, every_entries=3)
    await asyncio.gather(*(log.append(call("make", Piece()), "intent", "") for _ in range(10)))
    assert one.marks == other.marks
    assert len(one.marks) == 3


async def test_an_idle_trail_is_sealed_on_a_clock_that_runs() -> None:
    seam, shelf, lines = Seam.live(), Shelf(), Lines()
    log = open_log(shelf, lines, seam, every_s=0.01)
    await write(log, 1)
    while not lines.content:
        await asyncio.sleep(0.001)
    assert [row.size for row in shelf.marks] == [1]
    await log.seal()  # nothing is new
    assert len(shelf.marks) == 1


async def test_a_seal_adds_nothing_where_nothing_is_new(seam: Seam) -> None:
    shelf, lines = await trail(seam, 0)
    assert (shelf.marks, lines.content) == ([], b"")
    assert (await verify_trail(shelf)).public_key is None


async def test_a_log_goes_on_where_another_ended(seam: Seam) -> None:
    shelf, lines = await trail(seam, 6, seal=False)
    log = open_log(shelf, lines, seam, every_entries=4)
    await write(log, 3)
    assert [row.size for row in shelf.marks] == [4, 8]
    await log.seal()
    assert (await verify_trail(shelf, {"copy": lines.content})).covered == 9


async def test_a_full_disk_leaves_no_false_checkpoint(seam: Seam) -> None:
    shelf, lines = await trail(seam, 6, seal=False)
    log = open_log(shelf, lines, seam, every_entries=4)
    await write(log, 1)
    shelf.full = True
    with pytest.raises(Exception, match="disk is full"):
        await write(log, 1)
    shelf.full = False
    await write(log, 3)
    assert [row.size for row in shelf.marks] == [4, 8]
    assert (await verify_trail(shelf)).entries == 10


# -- tampering -----------------------------------------------------------------------------------


async def test_every_changed_byte_of_every_row_is_found(seam: Seam) -> None:
    shelf, _ = await trail(seam, 5, every=2)
    await verify_trail(shelf)
    for index, row in enumerate(shelf.rows):
        for name in ("body", "chain"):
            data: bytes = getattr(row, name)
            for place in range(len(data)):
                for flip in (1, 0x20):
                    forged = shelf.copy()
                    changed = bytes(b ^ (flip * (i == place)) for i, b in enumerate(data))
                    forged.rows[index] = AuditRow(
                        row.sequence,
                        changed if name == "body" else row.body,
                        changed if name == "chain" else row.chain,
                    )
                    assert f"entry {index + 1}:" in await where(forged)


async def test_every_changed_byte_of_every_checkpoint_is_found(seam: Seam) -> None:
    shelf, lines = await trail(seam, 5, every=2)
    for index, mark in enumerate(shelf.marks):
        for name in ("line", "peaks"):
            data: bytes = getattr(mark, name)
            for place in range(len(data)):
                for flip in (1, 0x20):  # 0x20 makes another case of the same hexadecimal digit
                    changed = bytes(b ^ (flip * (i == place)) for i, b in enumerate(data))
                    forged = shelf.copy()
                    forged.marks[index] = CheckpointRow(
                        mark.size,
                        changed if name == "line" else mark.line,
                        changed if name == "peaks" else mark.peaks,
                    )
                    assert await where(forged)
    for place in range(len(lines.content)):
        changed = bytes(b ^ (i == place) for i, b in enumerate(lines.content))
        assert "copy" in await where(shelf, {"copy": changed})


async def test_a_history_written_anew_is_found(seam: Seam) -> None:
    """Whoever can write the database can make a chain that holds. The root shows it."""
    shelf, _ = await trail(seam, 6, every=3)
    for index in range(6):
        entries = [decode(row.body, AuditEntry) for row in shelf.rows]
        entries[index] = replace(entries[index], outcome="ok")
        forged = shelf.copy()
        chain, rows = bytes(32), []
        for number, entry in enumerate(entries, 1):
            body = encode(entry)
            chain = hashlib.sha256(chain + body).digest()
            rows.append(AuditRow(number, body, chain))
        forged.rows = rows
        block = "entries 1 to 3" if index < 3 else "entries 4 to 6"
        assert block in await where(forged)


async def test_a_dropped_tail_is_found(seam: Seam) -> None:
    shelf, _ = await trail(seam, 7)
    for drop in range(1, 8):
        forged = shelf.copy()
        forged.rows = forged.rows[:-drop]
        assert f"entry {7 - drop + 1}: the trail was cut off" in await where(forged)


async def test_a_tail_dropped_with_its_checkpoints_is_found_by_a_copy(seam: Seam) -> None:
    shelf, lines = await trail(seam, 12)
    forged = shelf.copy()
    forged.rows, forged.marks = forged.rows[:8], forged.marks[:2]
    await verify_trail(forged)  # by itself it is a younger trail
    assert "entry 9: the trail was cut off" in await where(forged, {"copy": lines.content})


async def test_swapped_dropped_and_repeated_entries_are_found(seam: Seam) -> None:
    shelf, _ = await trail(seam, 6)
    for one in range(6):
        for other in range(6):
            if one != other:
                forged = shelf.copy()
                forged.rows[one], forged.rows[other] = forged.rows[other], forged.rows[one]
                assert f"entry {min(one, other) + 1}:" in await where(forged)
        forged = shelf.copy()
        del forged.rows[one]
        assert await where(forged)
        forged = shelf.copy()
        forged.rows.insert(one, forged.rows[one])
        assert await where(forged)


async def test_lost_and_swapped_checkpoints_are_found(seam: Seam) -> None:
    shelf, lines = await trail(seam, 12)
    for index in range(3):
        forged = shelf.copy()
        del forged.marks[index]
        assert await where(forged, {"copy": lines.content})
    forged = shelf.copy()
    forged.marks[0], forged.marks[1] = forged.marks[1], forged.marks[0]
    assert await where(forged)
    forged.marks = []
    assert "checkpoint of 4 entries: the database has no such" in await where(
        forged, {"copy": lines.content}
    )


async def test_a_fork_is_found(seam: Seam) -> None:
    """Two histories with one key: a folder was restored and went on in two places."""
    shelf, lines = await trail(seam, 4)
    one, one_lines = shelf.copy(), Lines()
    two, two_lines = shelf.copy(), Lines()
    one_lines.content = two_lines.content = lines.content
    for number, (there, there_lines) in enumerate([(one, one_lines), (two, two_lines)]):
        log = open_log(there, there_lines, seam)
        await write(log, 4, number=number)
        await log.seal()
    await verify_trail(one, {"own": one_lines.content, "older": lines.content})
    await verify_trail(two, {"own": two_lines.content})
    for found in (
        await where(one, {"copy": two_lines.content}),
        await where(two, {"copy": one_lines.content}),
    ):
        assert "copy, checkpoint of 8 entries: a fork" in found
    both = one_lines.content + two_lines.content.split(b"\n")[1] + b"\n"
    assert "copy, checkpoint 3: a fork" in await where(one, {"copy": both})
    # At different sizes the roots tell.
    late, late_lines = shelf.copy(), Lines()
    log = open_log(late, late_lines, seam)
    await write(log, 3, number=3)
    await log.seal()
    assert "entries 5 to 7" in await where(one, {"copy": late_lines.content})


async def test_a_forged_checkpoint_is_found(seam: Seam) -> None:
    shelf, lines = await trail(seam, 8)
    newest = decode(shelf.marks[-1].line, Checkpoint)
    forged = shelf.copy()
    other = signer(2).sign(replace(newest, signature="", public_key=signer(2).public_key))
    forged.marks[-1] = CheckpointRow(8, encode(other), shelf.marks[-1].peaks)
    assert "signed by another key" in await where(forged)
    # All of them signed anew, by somebody else: the key that is known tells.
    for index, mark in enumerate(forged.marks):
        checkpoint = decode(mark.line, Checkpoint)
        previous = (
            hashlib.sha256(forged.marks[index - 1].line).hexdigest() if index else NO_PREVIOUS
        )
        anew = signer(2).sign(
            replace(checkpoint, signature="", public_key=signer(2).public_key, previous=previous)
        )
        forged.marks[index] = CheckpointRow(mark.size, encode(anew), mark.peaks)
    assert (await verify_trail(forged)).public_key == signer(2).public_key
    assert "signed by another key" in await where(forged, None, signer().public_key)
    assert "signed by another key" in await where(forged, {"copy": lines.content})


async def test_a_signature_of_something_else_is_no_checkpoint() -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)
    checkpoint = Checkpoint(
        size=1, root="00" * 32, at=Seam.replay(1, 0).now(), previous=NO_PREVIOUS,
        public_key=signer().public_key,
    )  # fmt: skip
    bare = replace(checkpoint, signature=key.sign(encode(checkpoint)).hex())
    with pytest.raises(CorruptData, match="signature is wrong"):
        parse(encode(bare), "here")
    assert parse(encode(signer().sign(checkpoint)), "here").size == 1
    assert _CONTEXT.endswith(b"\n")


@pytest.mark.parametrize("line", [b"", b"{}", b"null", b"\xff", b'{"size":"1"}', b"[" * 1000])
async def test_what_is_no_checkpoint_is_refused(seam: Seam, line: bytes) -> None:
    shelf, lines = await trail(seam, 4)
    assert "copy, checkpoint 2" in await where(shelf, {"copy": lines.content + line + b"\n"})


async def test_a_line_cut_short_is_no_damage_but_rubbish_is(seam: Seam) -> None:
    shelf, lines = await trail(seam, 8)
    newest = len(lines.content.split(b"\n")[1]) + 1
    for cut in range(1, newest + 1):
        await verify_trail(shelf, {"copy": lines.content[:-cut]})
    assert "copy: the last line" in await where(shelf, {"copy": lines.content + b"x"})


async def test_a_copy_that_is_older_or_partial_agrees(seam: Seam) -> None:
    shelf, lines = await trail(seam, 12)
    split = lines.content.split(b"\n")
    for copy in (split[0] + b"\n", split[1] + b"\n", b"\n".join(split[1:]), b""):
        await verify_trail(shelf, {"copy": copy})
