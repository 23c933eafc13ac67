"""LMDB: bounds, damage, a full disk, and a reader in another process."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import lmdb
import pytest

from quantdesk.kernel import (
    CorruptData,
    InvalidInput,
    Misconfigured,
    NotFound,
    Refused,
    Seam,
    Unavailable,
)
from quantdesk.services.stream import Append, Commit, Poll, Read, TopicsQuery
from quantdesk.services.stream import lmdb_log as limits
from quantdesk.services.stream.lmdb_log import LmdbStream

from .limits import files_no_larger_than

pytestmark = pytest.mark.spec("SVC-4")


async def opened(path: Path, seam: Seam, **bounds: int) -> LmdbStream:
    stream = LmdbStream(path, seam, **bounds)  # type: ignore[arg-type]  # its bounds
    await stream.start()
    return stream


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "stream"


@pytest.fixture
async def stream(path: Path, seam: Seam) -> AsyncIterator[LmdbStream]:
    stream = await opened(path, seam)
    yield stream
    await stream.close()


async def end(stream: LmdbStream, topic: str = "news") -> int:
    return (await stream.read(Read(topic=topic, offset=0))).end_offset


def append(*records: bytes, topic: str = "news") -> Append:
    return Append(topic=topic, records=records)


async def test_a_long_read_goes_on_in_a_thread(stream: LmdbStream) -> None:
    count = limits.SHORT_RECORDS_MAX + 500
    await stream.append(append(*(b"%d" % number for number in range(count))))
    found = await stream.read(Read(topic="news", offset=0, records_max=count))
    assert [record.payload for record in found.records] == [b"%d" % n for n in range(count)]
    big = b"x" * (limits.SHORT_BYTES_MAX // 2)
    await stream.append(append(*[big] * 5, topic="big"))
    assert len((await stream.read(Read(topic="big", offset=0))).records) == 5


async def test_one_read_is_bounded_in_bytes(stream: LmdbStream) -> None:
    big = b"x" * (limits.READ_BYTES_MAX // 8)
    for _ in range(10):
        await stream.append(append(big))
    found = await stream.read(Read(topic="news", offset=0))
    assert 8 <= len(found.records) < 10
    rest = await stream.read(Read(topic="news", offset=found.next_offset))
    assert found.next_offset + len(rest.records) == rest.end_offset == 10


async def test_one_append_is_bounded_in_bytes(stream: LmdbStream) -> None:
    piece = b"x" * (limits.APPEND_BYTES_MAX // 8)
    await stream.append(append(*[piece] * 8))
    with pytest.raises(InvalidInput, match="bytes"):
        await stream.append(append(*[piece] * 8, b"x"))
    assert await end(stream) == 8


async def test_waiting_appends_are_bounded(path: Path, seam: Seam) -> None:
    stream = await opened(path, seam, queued_max=5)
    answers = await asyncio.gather(
        *(stream.append(append(b"%d" % number)) for number in range(6)), return_exceptions=True
    )
    assert [type(answer).__name__ for answer in answers] == ["Appended"] * 5 + ["Unavailable"]
    assert await end(stream) == 5
    await stream.close()


async def test_partitions_and_groups_are_bounded(path: Path, seam: Seam) -> None:
    stream = await opened(path, seam, logs_max=2, groups_max=2)
    answers = await asyncio.gather(
        *(stream.append(append(b"x", topic=topic)) for topic in ("a", "b", "c", "a")),
        return_exceptions=True,
    )
    kinds = [type(answer).__name__ for answer in answers]
    assert kinds == ["Appended", "Appended", "Refused", "Appended"]
    for group in ("g", "h", "g"):
        await stream.commit(Commit(group=group, topic="a", offset=1))
    with pytest.raises(Refused, match="2 groups"):
        await stream.commit(Commit(group="i", topic="a", offset=1))
    assert [topic.topic for topic in (await stream.list_topics(TopicsQuery())).topics] == ["a", "b"]
    await stream.close()


async def test_a_full_map_refuses_and_keeps_what_is_there(path: Path, seam: Seam) -> None:
    stream = await opened(path, seam, map_bytes_max=1 << 20)
    await stream.append(append(b"first"))
    with pytest.raises(Unavailable, match="as large as it may be"):
        await stream.append(append(b"x" * (1 << 21)))
    assert await end(stream) == 1
    await stream.append(append(b"second"))  # what fits still goes in
    assert await end(stream) == 2
    await stream.close()
    larger = await opened(path, seam, map_bytes_max=1 << 23)
    await larger.append(append(b"x" * (1 << 21)))
    assert await end(larger) == 3
    await larger.close()


async def test_on_a_full_disk_nothing_of_a_batch_stays(path: Path, seam: Seam) -> None:
    stream = await opened(path, seam)
    await stream.append(append(b"first"))
    with files_no_larger_than((path / "data.mdb").stat().st_size + 8_192):
        answers = await asyncio.gather(
            *(stream.append(append(b"x" * 50_000)) for _ in range(8)), return_exceptions=True
        )
        assert {type(answer) for answer in answers} == {Unavailable}
        assert await end(stream) == 1  # reads go on
    await stream.append(append(b"second"))  # and so do appends, once there is room
    await stream.close()
    again = await opened(path, seam)
    found = await again.read(Read(topic="news", offset=0))
    assert [record.payload for record in found.records] == [b"first", b"second"]
    await again.close()


async def test_a_changed_byte_is_found_where_it_is(path: Path, seam: Seam) -> None:
    stream = await opened(path, seam)
    await stream.append(append(b"one", b"two", b"three"))
    await stream.close()
    environment = lmdb.Environment(str(path), max_dbs=2)
    table = environment.open_db(b"log/news/0", create=False)
    with environment.begin(write=True) as transaction:
        key = (1).to_bytes(8, "big")
        stored = bytearray(transaction.get(key, db=table) or b"")
        stored[-1] ^= 1
        transaction.put(key, bytes(stored), db=table)
    environment.close()
    damaged = await opened(path, seam)
    with pytest.raises(CorruptData, match="record 1 of topic 'news' partition 0") as refusal:
        await damaged.read(Read(topic="news", offset=0))
    assert refusal.value.where == str(path)
    for offset, payload in ((0, b"one"), (2, b"three")):
        found = await damaged.read(Read(topic="news", offset=offset, records_max=1))
        assert [record.payload for record in found.records] == [payload]
    await damaged.close()


@pytest.mark.parametrize("lost", [0, 1, 2])
async def test_a_lost_record_is_found(path: Path, seam: Seam, lost: int) -> None:
    stream = await opened(path, seam)
    await stream.append(append(b"one", b"two", b"three", b"four"))
    await stream.close()
    environment = lmdb.Environment(str(path), max_dbs=2)
    table = environment.open_db(b"log/news/0", create=False)
    with environment.begin(write=True) as transaction:
        assert transaction.delete(lost.to_bytes(8, "big"), db=table)
    environment.close()
    with pytest.raises(CorruptData, match="ends at 4 but holds 3"):
        await opened(path, seam)


async def test_a_folder_that_is_no_stream(path: Path, seam: Seam) -> None:
    path.mkdir(parents=True)
    (path / "data.mdb").write_bytes(b"this was never a stream\n" * 1_000)
    with pytest.raises(CorruptData) as refusal:
        await opened(path, seam)
    assert refusal.value.where == str(path)


async def test_a_place_that_cannot_be_used(tmp_path: Path, seam: Seam) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Misconfigured) as refusal:
        await opened(tmp_path / "file" / "stream", seam)
    assert refusal.value.where == str(tmp_path / "file" / "stream")


async def test_reading_only_makes_nothing(tmp_path: Path, seam: Seam) -> None:
    with pytest.raises(NotFound) as refusal:
        await LmdbStream(tmp_path / "nowhere", seam, read_only=True).start()
    assert refusal.value.where == str(tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []


async def test_closing_commits_what_was_accepted(path: Path, seam: Seam) -> None:
    stream = await opened(path, seam)
    tasks = [asyncio.create_task(stream.append(append(b"%d" % n))) for n in range(100)]
    await asyncio.sleep(0)  # all are queued
    await stream.close()
    assert [task.result().first_offset for task in tasks] == list(range(100))
    with pytest.raises(Unavailable, match="closed"):
        await stream.append(append(b"late"))
    with pytest.raises(Unavailable, match="closed"):
        await end(stream)
    await stream.start()
    assert await end(stream) == 100
    await stream.close()


READER = """
import asyncio, pathlib, sys
from quantdesk.kernel import Refused, Seam
from quantdesk.services.stream import Append, Poll, Read, TopicsQuery
from quantdesk.services.stream.lmdb_log import LmdbStream

async def main():
    stream = LmdbStream(pathlib.Path(sys.argv[1]), Seam.live(), read_only=True)
    await stream.start()
    for topic in sys.stdin:
        found = await stream.poll(Poll(group="readers", topic=topic.strip()))
        print([record.payload.decode() for record in found.records], flush=True)
    try:
        await stream.append(Append(topic="news", records=(b"x",)))
    except Refused as refusal:
        print(len((await stream.list_topics(TopicsQuery())).topics), refusal.code, flush=True)
    await stream.close()

asyncio.run(main())
"""


async def test_another_process_reads_while_this_one_appends(stream: LmdbStream, path: Path) -> None:
    await stream.append(append(b"a", b"b"))
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def ask(topic: str) -> str:
        assert reader.stdin is not None
        assert reader.stdout is not None
        reader.stdin.write(topic + "\n")
        reader.stdin.flush()
        return reader.stdout.readline().strip()

    assert ask("news") == "['a', 'b']"
    await stream.commit(Commit(group="readers", topic="news", offset=1))
    await stream.append(append(b"c"))
    assert ask("news") == "['b', 'c']"
    assert ask("later") == "[]"
    await stream.append(append(b"new topic", topic="later"))
    assert ask("later") == "['new topic']"
    rest, _ = reader.communicate()
    assert (rest.strip(), reader.returncode) == ("2 refused", 0)
    found = await stream.poll(Poll(group="readers", topic="news"))
    assert [record.payload for record in found.records] == [b"b", b"c"]


CRAMPED = """
import asyncio, pathlib, resource, sys
from quantdesk.kernel import Seam
from quantdesk.services.stream import Append, Read
from quantdesk.services.stream.lmdb_log import LmdbStream

async def main():
    resource.setrlimit(resource.RLIMIT_AS, (2**33, 2**33))
    stream = LmdbStream(pathlib.Path(sys.argv[1]), Seam.live(), map_bytes_max=2**36)
    await stream.start()
    await stream.append(Append(topic="news", records=(b"it fits",)))
    print((await stream.read(Read(topic="news", offset=0))).records[0].payload.decode())
    await stream.close()

asyncio.run(main())
"""


async def test_where_address_space_is_short_a_smaller_map_is_taken(path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", CRAMPED, str(path)], capture_output=True, text=True, check=False
    )
    assert (ran.stdout.strip(), ran.stderr) == ("it fits", "")
