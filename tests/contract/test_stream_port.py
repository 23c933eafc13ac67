"""What every stream adapter does."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from quantdesk.kernel import InvalidInput, ManualClock, Refused, Seam
from quantdesk.services.stream import (
    APPEND_RECORDS_MAX,
    PARTITIONS_MAX,
    READ_RECORDS_MAX,
    RECORD_BYTES_MAX,
    Append,
    Commit,
    GroupLag,
    Poll,
    Read,
    Stream,
    TopicInfo,
    TopicsQuery,
)

from .adapters.cards import Can, Card

pytestmark = pytest.mark.spec("SVC-4")


def records(*texts: str) -> tuple[bytes, ...]:
    return tuple(text.encode() for text in texts)


async def payloads(stream: Stream, topic: str, offset: int = 0, partition: int = 0) -> list[bytes]:
    found = await stream.read(
        Read(topic=topic, offset=offset, partition=partition, records_max=READ_RECORDS_MAX)
    )
    return [record.payload for record in found.records]


async def test_offsets_are_dense_from_zero(stream: Stream) -> None:
    first = await stream.append(Append(topic="news", records=records("a", "b")))
    second = await stream.append(Append(topic="news", records=records("c")))
    assert (first.first_offset, first.last_offset) == (0, 1)
    assert (second.first_offset, second.last_offset) == (2, 2)
    found = await stream.read(Read(topic="news", offset=0))
    assert [(record.offset, record.payload) for record in found.records] == [
        (0, b"a"), (1, b"b"), (2, b"c"),
    ]  # fmt: skip
    assert (found.next_offset, found.end_offset) == (3, 3)


async def test_a_record_knows_when_it_was_appended(
    stream: Stream, stream_card: Card[Stream], seam: Seam
) -> None:
    stream_card.need(Can.REPLAY_ON_THE_SEAM)
    clock = seam.clock
    assert isinstance(clock, ManualClock)
    start_ns = clock.now_ns()
    await stream.append(Append(topic="news", records=records("a")))
    clock.advance_to(start_ns + 5)
    await stream.append(Append(topic="news", records=records("b")))
    found = await stream.read(Read(topic="news", offset=0))
    assert [record.appended_ns - start_ns for record in found.records] == [0, 5]


async def test_reading_in_pages_meets_each_record_once(stream: Stream) -> None:
    texts = records(*(f"record {number}" for number in range(2_500)))
    await stream.append(Append(topic="news", records=texts))
    offset, found = 0, []
    while True:
        page = await stream.read(Read(topic="news", offset=offset, records_max=999))
        if not page.records:
            break
        assert len(page.records) <= 999
        found += [record.payload for record in page.records]
        offset = page.next_offset
    assert found == list(texts)
    assert await payloads(stream, "news", 2_498) == list(texts[2_498:])
    assert await payloads(stream, "news") == list(texts)


async def test_the_end_is_an_empty_answer(stream: Stream) -> None:
    await stream.append(Append(topic="news", records=records("a")))
    at_end = await stream.read(Read(topic="news", offset=1))
    assert (at_end.records, at_end.next_offset, at_end.end_offset) == ([], 1, 1)
    beyond = await stream.read(Read(topic="news", offset=9))
    assert (beyond.records, beyond.next_offset, beyond.end_offset) == ([], 9, 1)
    unborn = await stream.read(Read(topic="not.yet", offset=0))
    assert (unborn.records, unborn.next_offset, unborn.end_offset) == ([], 0, 0)


async def test_topics_and_partitions_are_apart(stream: Stream) -> None:
    for topic, partition in (("a", 0), ("a", 1), ("b", 0), ("a", PARTITIONS_MAX - 1)):
        appended = await stream.append(
            Append(topic=topic, partition=partition, records=records(f"{topic}{partition}"))
        )
        assert appended.first_offset == 0
    assert await payloads(stream, "a") == [b"a0"]
    assert await payloads(stream, "a", partition=1) == [b"a1"]
    assert await payloads(stream, "b") == [b"b0"]


async def test_appends_that_arrive_together_do_not_mix(stream: Stream) -> None:
    answers = await asyncio.gather(
        *(
            stream.append(Append(topic="news", records=records(f"{number}.0", f"{number}.1")))
            for number in range(200)
        )
    )
    assert [answer.first_offset for answer in answers] == list(range(0, 400, 2))
    expected = [f"{number}.{part}".encode() for number in range(200) for part in (0, 1)]
    assert await payloads(stream, "news") == expected


async def test_payloads_come_back_byte_for_byte(stream: Stream) -> None:
    texts = (b"", b"\x00", bytes(range(256)) * 16, b"x" * 1_048_577)
    await stream.append(Append(topic="news", records=texts))
    assert await payloads(stream, "news") == list(texts)


async def test_a_group_reads_on_from_where_it_committed(stream: Stream) -> None:
    await stream.append(Append(topic="news", records=records("a", "b", "c")))
    poll = Poll(group="readers", topic="news", records_max=2)
    assert [record.payload for record in (await stream.poll(poll)).records] == [b"a", b"b"]
    again = await stream.poll(poll)  # polling commits nothing
    assert [record.payload for record in again.records] == [b"a", b"b"]
    committed = await stream.commit(Commit(group="readers", topic="news", offset=again.next_offset))
    assert committed.offset == 2
    assert [record.payload for record in (await stream.poll(poll)).records] == [b"c"]
    others = await stream.poll(Poll(group="others", topic="news"))
    assert len(others.records) == 3


async def test_a_commit_goes_forward_and_not_past_the_end(stream: Stream) -> None:
    await stream.append(Append(topic="news", records=records("a", "b", "c")))

    async def commit(offset: int) -> int:
        return (await stream.commit(Commit(group="readers", topic="news", offset=offset))).offset

    assert await commit(2) == 2
    assert await commit(2) == 2  # the same again is no step back
    for offset in (1, 4):
        with pytest.raises(Refused):
            await commit(offset)
    assert (await stream.poll(Poll(group="readers", topic="news"))).records[0].offset == 2


async def test_topics_are_listed_with_their_lag(stream: Stream) -> None:
    await stream.append(Append(topic="b", records=records("1", "2", "3")))
    await stream.append(Append(topic="a", partition=1, records=records("1")))
    await stream.commit(Commit(group="readers", topic="b", offset=1))
    await stream.commit(Commit(group="archive", topic="b", offset=3))
    listed = await stream.list_topics(TopicsQuery())
    assert listed.topics == [
        TopicInfo(topic="a", partition=1, end_offset=1, groups=[]),
        TopicInfo(
            topic="b",
            partition=0,
            end_offset=3,
            groups=[
                GroupLag(group="archive", committed_offset=3, lag=0),
                GroupLag(group="readers", committed_offset=1, lag=2),
            ],
        ),
    ]


async def test_bounds_are_kept(stream: Stream) -> None:
    full = (b"",) * APPEND_RECORDS_MAX
    await stream.append(Append(topic="news", records=full))
    await stream.append(Append(topic="news", records=(b"x" * RECORD_BYTES_MAX,)))
    for refused in ((), (*full, b""), (b"x" * (RECORD_BYTES_MAX + 1),)):
        with pytest.raises(InvalidInput) as refusal:
            await stream.append(Append(topic="news", records=refused))
        assert refusal.value.where == "/records"
    with pytest.raises(InvalidInput):
        await stream.append(Append(topic="news", records=(b"x",), partition=PARTITIONS_MAX))
    found = await stream.read(Read(topic="news", offset=0, records_max=READ_RECORDS_MAX))
    assert len(found.records) == READ_RECORDS_MAX
    assert found.end_offset == APPEND_RECORDS_MAX + 1
    with pytest.raises(InvalidInput):
        await stream.read(Read(topic="news", offset=0, records_max=READ_RECORDS_MAX + 1))


@pytest.mark.parametrize("name", ["", "News", "9lives", "a/b", "a\0b", "a\n", "é", "x" * 65])
async def test_names_are_checked(stream: Stream, name: str) -> None:
    with pytest.raises(InvalidInput):
        await stream.append(Append(topic=name, records=(b"x",)))
    with pytest.raises(InvalidInput):
        await stream.read(Read(topic=name, offset=0))
    with pytest.raises(InvalidInput):
        await stream.commit(Commit(group=name, topic="news", offset=0))
    assert (await stream.list_topics(TopicsQuery())).topics == []


async def test_it_is_all_there_after_reopening(
    stream_card: Card[Stream], tmp_path: Path, seam: Seam
) -> None:
    stream_card.need(Can.SURVIVE_REOPENING)
    async with stream_card.open(tmp_path / "again", seam) as first:
        await first.append(Append(topic="news", records=records("a", "b")))
        await first.commit(Commit(group="readers", topic="news", offset=1))
    async with stream_card.open(tmp_path / "again", seam) as second:
        appended = await second.append(Append(topic="news", records=records("c")))
        assert appended.first_offset == 2
        found = await second.poll(Poll(group="readers", topic="news"))
        assert [record.payload for record in found.records] == [b"b", b"c"]
