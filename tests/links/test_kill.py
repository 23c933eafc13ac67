"""Three instances under load: one is killed and comes back, one is drained; promises hold."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter as Tally
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from quantdesk.faces.link import (
    ANY,
    Grant,
    LinkAddress,
    LinkLimits,
    LinkServer,
    Pool,
    Route,
    link_secret,
    remote,
)
from quantdesk.kernel import Call, OutcomeUnknown, Seam, Unavailable
from quantdesk.services.database import Query, database
from quantdesk.services.database.sqlite import SqliteDatabase

from .counter import ADA, COUNTER, Add, Look
from .rooms import until

pytestmark = pytest.mark.spec("TST-5", "PRF-3")
NAMES = ("a", "b", "c")
ROOT = Path(__file__).resolve().parents[2]


class Instances:
    """Three processes, their shared database and the pool that reaches them."""

    def __init__(self, folder: Path, tables: SqliteDatabase, pool: Pool) -> None:
        self.folder = folder
        self.tables = tables
        self.pool = pool
        self.far = COUNTER.serve(remote(COUNTER, pool))
        self.processes: dict[str, asyncio.subprocess.Process] = {}
        self.acknowledged: set[str] = set()
        self.unknown: set[str] = set()
        self.served_by: Tally[int] = Tally()
        self.reads = 0
        self.stopping = False

    async def begin(self, name: str) -> None:
        self.processes[name] = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.links.instance", str(self.folder), name,
            cwd=ROOT, env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        )  # fmt: skip

    async def up(self) -> None:
        await until(lambda: set(self.pool.states().values()) == {"ok"}, 30.0)

    async def reading(self) -> None:
        """No READ may fail: any error ends the test."""
        door = self.far.open(ADA)
        while not self.stopping:
            self.served_by[(await door.look(Look())).pid] += 1
            self.reads += 1

    async def adding(self, writer: int) -> None:
        """Each key is asked for until it is answered, or its outcome stays unknown."""
        operation, number = COUNTER.operations["add"], 0
        while not self.stopping:
            number += 1
            key = f"{writer}-{number}"
            for _ in range(4):
                try:
                    await self.far.call(Call(operation, ADA, Add(key=key), idempotency_key=key))
                except OutcomeUnknown:
                    self.unknown.add(key)
                except Unavailable:
                    await asyncio.sleep(0.01)
                else:
                    self.unknown.discard(key)
                    self.acknowledged.add(key)
                    break

    async def effects(self) -> Tally[str]:
        found = await self.tables.query(Query(sql="SELECT key FROM counter_effects"))
        return Tally(str(row[0]) for row in found.rows)

    @asynccontextmanager
    async def load(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            for _ in range(4):
                group.create_task(self.reading())
            for writer in range(8):
                group.create_task(self.adding(writer))
            try:
                yield
            finally:
                self.stopping = True

    async def kill_and_begin_again(self, name: str) -> None:
        dead, endpoint = self.processes[name], self.pool.endpoints[NAMES.index(name)]
        dead.kill()
        await dead.wait()
        await until(lambda: not endpoint.open)
        await self.more()
        await self.begin(name)
        back = self.processes[name].pid
        await until(lambda: self.served_by[back] > 20, 30.0)
        await self.more()

    async def more(self, reads: int = 100, adds: int = 30) -> None:
        """Let the load go on for a while, counted in calls."""
        reads, adds = self.reads + reads, len(self.acknowledged) + adds
        await until(lambda: self.reads >= reads and len(self.acknowledged) >= adds, 30.0)


@pytest.fixture
async def instances(tmp_path: Path) -> AsyncIterator[Instances]:
    seam = Seam.live()
    secret = link_secret(tmp_path / "links.secret", seam, make=True)
    tables = SqliteDatabase(tmp_path / "shared.sqlite3", seam)
    await tables.start()
    server = LinkServer([database.serve(tables)], {ANY: Grant(secret=secret)}, seam)
    await server.listen(LinkAddress(scheme="unix", path=str(tmp_path / "database.sock")))
    routes = [
        Route(
            name=ANY, secret=secret,
            address=LinkAddress(scheme="unix", path=str(tmp_path / f"{name}.sock")),
        )
        for name in NAMES
    ]  # fmt: skip
    limits = LinkLimits(connect_s_max=0.2, ping_s=0.05)
    async with Pool(routes, seam, limits=limits) as pool:
        running = Instances(tmp_path, tables, pool)
        for name in NAMES:
            await running.begin(name)
        await running.up()
        yield running
        for process in running.processes.values():
            if process.returncode is None:
                process.kill()
            await process.wait()
    await server.close()
    await tables.close()


async def test_killing_one_of_three_fails_no_read_and_doubles_no_effect(
    instances: Instances,
) -> None:
    async with instances.load():
        await instances.more()
        for name in ("b", "c"):
            await instances.kill_and_begin_again(name)
    effects = await instances.effects()
    assert max(effects.values()) == 1, "an effect happened twice"
    assert instances.acknowledged <= set(effects), "what was acknowledged is not there"
    assert set(effects) <= instances.acknowledged | instances.unknown
    # Unknown is what was under way at the moment of a kill, and no more.
    assert len(instances.unknown) <= 2 * 8
    assert len(instances.served_by) == 5


async def test_draining_one_of_three_loses_nothing_at_all(instances: Instances) -> None:
    async with instances.load():
        await instances.more()
        leaving = instances.processes["a"]
        leaving.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(leaving.wait(), 20) == 0
        await instances.more()
        served = instances.served_by[leaving.pid]
        await instances.more()
        assert instances.served_by[leaving.pid] == served
    effects = await instances.effects()
    assert instances.unknown == set()
    assert max(effects.values()) == 1
    assert set(effects) == instances.acknowledged
