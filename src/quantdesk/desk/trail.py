"""The audit trail of a desk's folder: opened to be written, and checked without a desk."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from quantdesk.config import AuditConfig
from quantdesk.kernel import CorruptData, InvalidInput, Misconfigured, Seam
from quantdesk.policies import AuditLog, Checkpointer, TrailReport, verify_trail
from quantdesk.policies.checkpoints import Signer, parse
from quantdesk.services.audit.files import (
    KEY_NAME,
    LINES_NAME,
    LineFile,
    LineFiles,
    open_key,
    read_lines,
)

if TYPE_CHECKING:
    from quantdesk.faces.cli import AuditOptions
    from quantdesk.services.database.stores import DatabaseAuditStore

_KEY_HEX = 64


async def open_trail(
    settings: AuditConfig, folder: Path, store: DatabaseAuditStore, seam: Seam
) -> tuple[AuditLog, str]:
    """The log of a desk that runs, and the public key of its checkpoints (hex).

    The files are brought up to date with the database. Raises `CorruptData` where they say
    something else than it does: nothing is signed on top of a trail that was touched.
    """
    newest = await store.newest_checkpoint()
    signer = open_key(folder / KEY_NAME, seam, make=newest is None)
    if newest is not None:
        parse(newest.line, "the newest checkpoint", signer.public_key)
    files = [LineFile(folder / LINES_NAME)]
    if settings.checkpoint_copy is not None:
        files.append(LineFile(Path(settings.checkpoint_copy)))
    for file in files:
        await _bring_up_to_date(file, store, signer)
    checkpoints = Checkpointer(
        store,
        LineFiles(*files),
        signer,
        seam,
        every_entries=settings.checkpoint_entries,
        every_s=settings.checkpoint_s,
    )
    return AuditLog(store, seam, checkpoints=checkpoints), signer.public_key


async def verify_folder(folder: Path, options: AuditOptions) -> TrailReport:
    """Check the trail in a desk's folder or a copy of it, whether the desk runs or not. Nothing
    but the folder's files and those named is read."""
    from quantdesk.services.database.sqlite import SqliteDatabase
    from quantdesk.services.database.stores import DatabaseAuditStore

    public_key = options.public_key
    if public_key is not None and not _is_key(public_key):
        raise InvalidInput(
            "not a public key", where="--public-key", advice="Give its 64 hexadecimal digits."
        )
    # The files first: they follow the database, so it has whatever they say.
    copies = {str(path): read_lines(path) for path in options.checkpoints}
    own = folder / LINES_NAME
    if own.exists():
        copies[str(own)] = read_lines(own)
    database = SqliteDatabase(folder / "desk.sqlite3", Seam.live(), read_only=True)
    await database.start()
    try:
        return await verify_trail(
            DatabaseAuditStore(database), copies, public_key and public_key.lower()
        )
    finally:
        await database.close()


async def _bring_up_to_date(file: LineFile, store: DatabaseAuditStore, signer: Signer) -> None:
    where = str(file.path)
    try:
        last = await asyncio.to_thread(file.last_line)
        size = 0 if last is None else parse(last, where, signer.public_key).size
        missing = [row async for row in store.checkpoints(max(0, size - 1))]
        if size and (not missing or missing[0].line != last):
            raise CorruptData(
                f"the database has no checkpoint of {size} entries as this file has",
                where=where,
                advice="Run `quantdesk audit verify`, and restore the folder from a copy.",
            )
        lines = [row.line for row in missing if row.size > size]
        if lines:
            await asyncio.to_thread(file.append, lines)
    except OSError as error:
        raise Misconfigured(
            f"checkpoints cannot be written: {error.strerror}", where=where,
            advice="Name a file that this user can write in audit.checkpoint_copy.",
        ) from None  # fmt: skip


def _is_key(text: str) -> bool:
    return len(text) == _KEY_HEX and all(digit in "0123456789abcdefABCDEF" for digit in text)
