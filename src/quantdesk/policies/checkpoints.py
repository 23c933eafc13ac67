"""Signed checkpoints of the audit trail: what a hash chain alone cannot show, its end.

A checkpoint signs the size of the trail and the Merkle root (RFC 6962) over its entries. It is
written in one transaction with the entries it covers, then appended to files that can be kept
elsewhere. Whoever holds an older copy can tell a trail that was cut off or written anew.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct
from msgspec.structs import replace

from quantdesk.kernel import CorruptData, DeskError, InvalidInput, ManualClock, Seam, decode, encode

from .merkle import Tree

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

EVERY_ENTRIES = 1_000
EVERY_S = 300.0
NO_PREVIOUS = "0" * 64
_CONTEXT = b"quantdesk audit checkpoint 1\n"
"""Signed before the checkpoint: the key's signature means nothing else."""


class Checkpoint(Struct, frozen=True, kw_only=True):
    """The first `size` entries have this `root`. Hashes, key and signature are lower-case hex.

    `previous` is the SHA-256 of the checkpoint before it, as its line stands in the file.
    """

    size: int
    root: str
    at: datetime
    previous: str
    public_key: str
    signature: str = ""


class CheckpointRow(Struct, frozen=True):
    """A checkpoint as stored: its line, and the subtree roots that a tree goes on from."""

    size: int
    line: bytes
    peaks: bytes


class AuditRow(Struct, frozen=True):
    """An entry as stored: `chain` = SHA-256(previous chain ‖ body)."""

    sequence: int
    body: bytes
    chain: bytes


class CheckpointStore(Protocol):
    """Where entries and checkpoints are kept."""

    def read(self, after: int = 0) -> AsyncIterator[AuditRow]: ...

    async def newest_checkpoint(self) -> CheckpointRow | None: ...


class CheckpointFiles(Protocol):
    """Where lines go once they are durable in the store. Raises `OSError` if some cannot; those
    go with the next."""

    def append(self, lines: Sequence[bytes]) -> None: ...


class Signer:
    """The key that signs checkpoints."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public_key = key.public_key().public_bytes_raw().hex()

    def sign(self, checkpoint: Checkpoint) -> Checkpoint:
        signature = self._key.sign(_CONTEXT + encode(checkpoint))
        return replace(checkpoint, signature=signature.hex())


class Checkpointer:
    """Makes a checkpoint every `every_entries`, after `every_s` of activity, and when asked.

    Where one is made depends on the entries and their times alone: a replay makes the same.
    """

    def __init__(
        self,
        store: CheckpointStore,
        files: CheckpointFiles,
        signer: Signer,
        seam: Seam,
        *,
        every_entries: int = EVERY_ENTRIES,
        every_s: float = EVERY_S,
    ) -> None:
        self._store = store
        self._files = files
        self._signer = signer
        self._seam = seam
        self._every_entries = every_entries
        self._every = timedelta(seconds=every_s)
        self._tree = Tree()
        self._size = 0
        self._previous = NO_PREVIOUS
        self._since: datetime | None = None

    @property
    def uncovered(self) -> int:
        """Entries behind the newest checkpoint."""
        return self._tree.size - self._size

    @property
    def idle_s(self) -> float | None:
        """How long an entry may wait for a checkpoint; None on a clock that stands still."""
        return None if isinstance(self._seam.clock, ManualClock) else self._every.total_seconds()

    async def load(self) -> None:
        """Go on from the newest checkpoint and what was written behind it."""
        newest = await self._store.newest_checkpoint()
        self._tree, self._size, self._previous, self._since = Tree(), 0, NO_PREVIOUS, None
        if newest is not None:
            checkpoint = parse(newest.line, "the newest checkpoint")
            self._tree = _tree(newest, checkpoint)
            self._size, self._since = newest.size, checkpoint.at
            self._previous = hashlib.sha256(newest.line).hexdigest()
        async for row in self._store.read(self._size):
            self._tree.append(row.body)

    def over(
        self, rows: Sequence[AuditRow], times: Sequence[datetime], *, seal: bool
    ) -> list[CheckpointRow]:
        """Take in entries. Returns the checkpoints due, to be stored with them; with `seal` one
        at the end, if anything is new."""
        made = []
        for row, at in zip(rows, times, strict=True):
            self._tree.append(row.body)
            if self._since is None:
                self._since = at
            if self.uncovered >= self._every_entries or at - self._since >= self._every:
                made.append(self._make(at))
        if seal and self.uncovered:
            made.append(self._make(self._seam.now()))
        return made

    async def publish(self, made: Sequence[CheckpointRow]) -> None:
        """Append to the files what is durable in the store. What fails is tried again with the
        next checkpoint, and when the desk starts."""
        try:
            await asyncio.to_thread(self._files.append, [row.line for row in made])
        except OSError as error:
            import structlog

            log = structlog.get_logger("quantdesk.audit")
            log.error("checkpoints could not be copied", error=str(error))  # noqa: TRY400 - the reason says it all

    def _make(self, at: datetime) -> CheckpointRow:
        checkpoint = self._signer.sign(
            Checkpoint(
                size=self._tree.size,
                root=self._tree.root().hex(),
                at=at,
                previous=self._previous,
                public_key=self._signer.public_key,
            )
        )
        line = encode(checkpoint)
        self._size, self._since = self._tree.size, at
        self._previous = hashlib.sha256(line).hexdigest()
        return CheckpointRow(self._tree.size, line, self._tree.peaks)


def parse(line: bytes, where: str, public_key: str | None = None) -> Checkpoint:
    """Read one line. Raises `CorruptData` if a byte of it is not what was signed, or if it is
    signed by another key than `public_key`."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        checkpoint = decode(line, Checkpoint)
    except InvalidInput as error:
        raise damaged(f"not a checkpoint: {error.message}", where) from None
    if encode(checkpoint) != line:
        raise damaged("the checkpoint was rewritten", where)
    if public_key is not None and checkpoint.public_key != public_key:
        raise damaged(f"the checkpoint is signed by another key, {checkpoint.public_key}", where)
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(checkpoint.public_key))
        signature = bytes.fromhex(checkpoint.signature)
        key.verify(signature, _CONTEXT + encode(replace(checkpoint, signature="")))
    except (InvalidSignature, ValueError):
        raise damaged("the checkpoint's signature is wrong", where) from None
    if signature.hex() != checkpoint.signature:  # another way to write the same bytes
        raise damaged("the checkpoint was rewritten", where)
    return checkpoint


def damaged(what: str, where: str) -> DeskError:
    """The one error for a trail that is not what it claims."""
    return CorruptData(
        what, where=where, advice="Compare with a copy of the trail: this is not what was signed."
    )


def _tree(row: CheckpointRow, checkpoint: Checkpoint) -> Tree:
    """The tree at a checkpoint, whose subtree roots are not signed but give the signed root."""
    where = f"checkpoint of {row.size} entries"
    try:
        tree = Tree(row.size, row.peaks)
    except ValueError as error:
        raise damaged(str(error), where) from None
    if checkpoint.size != row.size or tree.root().hex() != checkpoint.root:
        raise damaged("the stored checkpoint does not add up", where)
    return tree
