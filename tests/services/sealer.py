"""Writes audit entries into a folder until it is killed: `sealer.py FOLDER EVERY`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from quantdesk.config import AuditConfig
from quantdesk.desk.trail import open_trail
from quantdesk.kernel import INTERNAL, Call, Effect, Gateway, Seam, department, operation
from quantdesk.services.database.sqlite import SqliteDatabase
from quantdesk.services.database.stores import DatabaseAuditStore


class Act(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is done."""

    number: int


class Acting(Protocol):
    """Does things."""

    @operation(INTERNAL, Effect.ONCE, "act")
    async def act(self, request: Act) -> Act:
        """Do it."""
        ...


ACT = Gateway(Acting).operations["act"]


async def main(folder: Path, every: int) -> None:
    seam = Seam.live()
    database = SqliteDatabase(folder / "desk.sqlite3", seam)
    await database.start()
    store = DatabaseAuditStore(database)
    await store.start()
    log, _ = await open_trail(AuditConfig(checkpoint_entries=every), folder, store, seam)
    number = 0
    while True:
        call = Call(ACT, department("tests", "act"), Act(number=number))
        await asyncio.gather(*(log.append(call, "intent", "") for _ in range(3)))
        number += 1
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
