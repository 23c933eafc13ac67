"""Stream: append-only topics that are read by offset, alone or as a consumer group.

Embedded: an LMDB log with group commit. Offsets are dense from 0 within a topic's partition.
"""

from typing import Annotated, Protocol

from msgspec import Meta, Struct

from quantdesk.kernel import GET, INTERNAL, Effect, Gateway, operation

RECORD_BYTES_MAX = 16_777_216
APPEND_RECORDS_MAX = 100_000
READ_RECORDS_MAX = 100_000
PARTITIONS_MAX = 256
Topic = Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9_.-]{0,63}\Z")]
Group = Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9_.-]{0,63}\Z")]
Partition = Annotated[int, Meta(ge=0, lt=PARTITIONS_MAX)]


class Append(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Records to add at the end, in order. A topic begins with its first record."""

    topic: Topic
    records: Annotated[tuple[bytes, ...], Meta(min_length=1, max_length=APPEND_RECORDS_MAX)]
    partition: Partition = 0


class Appended(Struct, frozen=True, kw_only=True):
    first_offset: int
    last_offset: int


class Read(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    topic: Topic
    offset: Annotated[int, Meta(ge=0)]
    records_max: Annotated[int, Meta(ge=1, le=READ_RECORDS_MAX)] = 1_000
    partition: Partition = 0


class Record(Struct, frozen=True, kw_only=True):
    """`appended_ns`: the desk's clock when it was appended."""

    offset: int
    appended_ns: int
    payload: bytes


class Records(Struct, frozen=True, kw_only=True):
    """`next_offset` is where the next read begins; `end_offset` is one past the last record."""

    records: list[Record]
    next_offset: int
    end_offset: int


class Poll(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Read on behalf of a group, from its committed offset (0 at first). Committing is separate."""

    group: Group
    topic: Topic
    records_max: Annotated[int, Meta(ge=1, le=READ_RECORDS_MAX)] = 1_000
    partition: Partition = 0


class Commit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything before `offset` is processed. An offset below the committed one is refused."""

    group: Group
    topic: Topic
    offset: Annotated[int, Meta(ge=0)]
    partition: Partition = 0


class Committed(Struct, frozen=True, kw_only=True):
    offset: int


class TopicsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class GroupLag(Struct, frozen=True, kw_only=True):
    group: str
    committed_offset: int
    lag: int


class TopicInfo(Struct, frozen=True, kw_only=True):
    topic: str
    partition: int
    end_offset: int
    groups: list[GroupLag]


class Topics(Struct, frozen=True, kw_only=True):
    topics: list[TopicInfo]


class Stream(Protocol):
    """Durable topics, replayable from any offset."""

    @operation(INTERNAL, Effect.ONCE, "stream.append")
    async def append(self, request: Append) -> Appended:
        """Append records. Durable when it returns; concurrent appends share one commit."""
        ...

    @operation(INTERNAL, Effect.READ, "stream.read")
    async def read(self, request: Read) -> Records:
        """Read from an offset; an empty answer means the end is reached."""
        ...

    @operation(INTERNAL, Effect.READ, "stream.read")
    async def poll(self, request: Poll) -> Records:
        """Read what a group has not committed yet."""
        ...

    @operation(INTERNAL, Effect.REPEATABLE, "stream.commit")
    async def commit(self, request: Commit) -> Committed:
        """Remember how far a group has come. Durable when it returns."""
        ...

    @operation(GET("/topics"), Effect.READ, "operations.read")
    async def list_topics(self, request: TopicsQuery) -> Topics:
        """List topics with their ends and the lag of each group."""
        ...


stream = Gateway(Stream)

__all__ = [
    "APPEND_RECORDS_MAX", "PARTITIONS_MAX", "READ_RECORDS_MAX", "RECORD_BYTES_MAX", "Append",
    "Appended", "Commit", "Committed", "Group", "GroupLag", "Partition", "Poll", "Read", "Record",
    "Records", "Stream", "Topic", "TopicInfo", "Topics", "TopicsQuery", "stream",
]  # fmt: skip
