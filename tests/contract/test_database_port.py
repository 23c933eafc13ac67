"""What every database adapter does."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from quantdesk.kernel import Conflict, DeskError, Internal, InvalidInput, Refused, Seam
from quantdesk.services.database import (
    ROWS_MAX,
    STATEMENTS_MAX,
    Database,
    HealthQuery,
    Migrate,
    Query,
    Statement,
    Value,
    Write,
)

from .adapters.cards import Can, Card

pytestmark = pytest.mark.spec("SVC-1")

STEPS = (
    """
    CREATE TABLE room_parents (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE room_children (
        id INTEGER PRIMARY KEY,
        parent INTEGER NOT NULL REFERENCES room_parents (id),
        size INTEGER NOT NULL CHECK (size > 0)
    );
    """,
    "CREATE TABLE room_values (id INTEGER PRIMARY KEY, value BLOB)",
)


def write(*statements: tuple[str, tuple[Value, ...]]) -> Write:
    return Write(statements=tuple(Statement(sql, params) for sql, params in statements))


def parent(number: int, name: str | None = None) -> tuple[str, tuple[Value, ...]]:
    return "INSERT INTO room_parents VALUES (?, ?)", (number, name or f"parent {number}")


@pytest.fixture
async def room(database: Database) -> Database:
    await database.migrate(Migrate(room="room", steps=STEPS))
    return database


async def parents(database: Database) -> list[Value]:
    found = await database.query(Query(sql="SELECT id FROM room_parents ORDER BY id"))
    return [row[0] for row in found.rows]


async def test_values_come_back_as_they_went_in(room: Database) -> None:
    values: list[Value] = [
        None, 0, 1, -1, 2**63 - 1, -(2**63), 0.1, -1.5e300, "", "naïve ☃ '; --", b"", b"\x00\xff",
    ]  # fmt: skip
    await room.write(
        write(*(("INSERT INTO room_values VALUES (?, ?)", pair) for pair in enumerate(values)))
    )
    found = await room.query(Query(sql="SELECT id, value FROM room_values ORDER BY id"))
    assert found.columns == ("id", "value")
    assert found.rows == list(enumerate(values))
    assert [type(row[1]) for row in found.rows] == [type(value) for value in values]


async def test_truth_is_stored_as_a_number(room: Database) -> None:
    await room.write(write(("INSERT INTO room_values VALUES (?, ?)", (1, True))))
    found = await room.query(Query(sql="SELECT value FROM room_values"))
    assert found.rows == [(1,)]


async def test_not_a_number_comes_back(room: Database, database_card: Card[Database]) -> None:
    database_card.need(Can.KEEP_EXACT_FLOATS)
    await room.write(write(("INSERT INTO room_values VALUES (?, ?)", (1, float("nan")))))
    found = await room.query(Query(sql="SELECT value FROM room_values"))
    assert found.rows[0][0] != found.rows[0][0]


async def test_a_write_counts_the_rows_that_it_changed(room: Database) -> None:
    written = await room.write(
        write(
            parent(1),
            parent(2),
            ("UPDATE room_parents SET name = name || '!'", ()),
            ("INSERT INTO room_parents VALUES (1, 'x') ON CONFLICT DO NOTHING", ()),
            ("DELETE FROM room_parents WHERE id = ?", (2,)),
            ("DELETE FROM room_parents WHERE id = ?", (3,)),
        )
    )
    assert written.rows_changed == (1, 1, 2, 0, 1, 0)


async def test_a_write_happens_whole_or_not_at_all(room: Database) -> None:
    await room.write(write(parent(1)))
    with pytest.raises(Conflict) as refusal:
        await room.write(write(parent(2), parent(1, "another"), parent(3)))
    assert refusal.value.where == "/statements/1"
    assert await parents(room) == [1]


async def test_one_that_fails_among_many_fails_alone(room: Database) -> None:
    await room.write(write(parent(50)))
    answers = await asyncio.gather(
        *(room.write(write(parent(number, f"n{number}"))) for number in range(1, 101)),
        return_exceptions=True,
    )
    failed = [number for number, answer in enumerate(answers, 1) if isinstance(answer, Exception)]
    assert failed == [50]
    assert isinstance(answers[49], Conflict)
    assert await parents(room) == list(range(1, 101))


async def test_writes_commit_in_the_order_of_their_calls(room: Database) -> None:
    insert = "INSERT INTO room_values (value) VALUES (?)"
    await asyncio.gather(*(room.write(write((insert, (number,)))) for number in range(300)))
    found = await room.query(Query(sql="SELECT value FROM room_values ORDER BY id"))
    assert found.rows == [(number,) for number in range(300)]


async def test_a_read_sees_what_was_acknowledged_before(room: Database) -> None:
    for number in range(1, 30):
        await room.write(write(parent(number)))
        assert await parents(room) == list(range(1, number + 1))


async def test_a_write_sees_those_before_it(room: Database) -> None:
    raise_size = "UPDATE room_children SET size = size + 1 WHERE id = 1"
    await room.write(write(parent(1), ("INSERT INTO room_children VALUES (1, 1, 1)", ())))
    await asyncio.gather(*(room.write(write((raise_size, ()))) for _ in range(100)))
    found = await room.query(Query(sql="SELECT size FROM room_children"))
    assert found.rows == [(101,)]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO room_children VALUES (1, 99, 1)",
        "INSERT INTO room_children VALUES (1, 1, 0)",
        "INSERT INTO room_children VALUES (1, 1, NULL)",
    ],
    ids=["no such parent", "check", "null"],
)
async def test_a_row_that_breaks_a_rule_is_refused(room: Database, statement: str) -> None:
    await room.write(write(parent(1)))
    with pytest.raises(InvalidInput) as refusal:
        await room.write(write(parent(2), (statement, ())))
    assert refusal.value.where == "/statements/1"
    assert await parents(room) == [1]


async def test_a_number_beyond_64_bits_is_refused(room: Database) -> None:
    with pytest.raises(InvalidInput):
        await room.write(write(("INSERT INTO room_values VALUES (1, ?)", (2**63,))))
    with pytest.raises(InvalidInput):
        await room.query(Query(sql="SELECT ?", params=(2**63,)))


async def test_sql_that_is_wrong_is_a_defect(room: Database) -> None:
    for sql, params in (
        ("INSERT INTO nowhere VALUES (1)", ()),
        ("INSERT INTO room_parents VALUES (", ()),
        ("INSERT INTO room_parents VALUES (?, ?)", (1,)),
    ):
        with pytest.raises(Internal):
            await room.write(write((sql, params)))
    with pytest.raises(Internal):
        await room.query(Query(sql="SELECT nothing FROM room_parents"))


async def test_more_rows_than_asked_for_is_an_error(room: Database) -> None:
    await room.write(write(*(parent(number) for number in range(1, 12))))
    sql = "SELECT id FROM room_parents"
    assert len((await room.query(Query(sql=sql, rows_max=11))).rows) == 11
    with pytest.raises(Refused, match="more than 10 rows"):
        await room.query(Query(sql=sql, rows_max=10))


async def test_rows_are_bounded(room: Database) -> None:
    numbers = (
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
        " SELECT i FROM n"
    )
    found = await room.query(Query(sql=numbers, params=(ROWS_MAX,)))
    assert len(found.rows) == ROWS_MAX
    with pytest.raises(Refused):
        await room.query(Query(sql=numbers, params=(ROWS_MAX + 1,)))
    with pytest.raises(InvalidInput):
        await room.query(Query(sql="SELECT 1", rows_max=ROWS_MAX + 1))


async def test_statements_are_bounded(room: Database) -> None:
    touch = ("UPDATE room_parents SET name = name WHERE id = 1", ())
    await room.write(write(*[touch] * STATEMENTS_MAX))
    for count in (0, STATEMENTS_MAX + 1):
        with pytest.raises(InvalidInput):
            await room.write(write(*[touch] * count))


@pytest.mark.spec("DB-3")
@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO room_parents VALUES (2, 'x')",
        "DELETE FROM room_parents",
        "DELETE FROM room_parents RETURNING id",
        "WITH gone AS (SELECT 1) DELETE FROM room_parents",
        "UPDATE room_parents SET name = 'x'",
        "DROP TABLE room_parents",
        "CREATE TABLE room_more (id INTEGER)",
        "BEGIN",
        "SELECT 1; DROP TABLE room_parents",
        "/* SELECT */ DELETE FROM room_parents",
    ],
)
async def test_a_query_only_reads(room: Database, sql: str) -> None:
    await room.write(write(parent(1)))
    with pytest.raises(DeskError):
        await room.query(Query(sql=sql))
    assert await parents(room) == [1]
    await room.write(write(parent(2)))  # nothing holds the writer up
    assert await parents(room) == [1, 2]


@pytest.mark.spec("DB-3")
@pytest.mark.parametrize(
    "sql",
    ["DROP TABLE room_parents", "CREATE TABLE room_more (id INTEGER)", "BEGIN", "COMMIT",
     "ROLLBACK", "SAVEPOINT mine", "INSERT INTO room_parents VALUES (3, 'x'); COMMIT"],
)  # fmt: skip
async def test_a_write_changes_rows_only(room: Database, sql: str) -> None:
    with pytest.raises(DeskError):
        await room.write(write(parent(1), (sql, ())))
    assert await parents(room) == []


@pytest.mark.spec("DB-3")
async def test_parameters_are_never_sql(room: Database) -> None:
    hostile = "x'); DROP TABLE room_parents; --"
    await room.write(write(parent(1, hostile)))
    sql = "SELECT name FROM room_parents WHERE name = ?"
    assert (await room.query(Query(sql=sql, params=(hostile,)))).rows == [(hostile,)]
    assert (await room.query(Query(sql=sql, params=("' OR 1=1 --",)))).rows == []


async def test_a_migration_is_applied_once(database: Database) -> None:
    first = await database.migrate(Migrate(room="room", steps=STEPS[:1]))
    again = await database.migrate(Migrate(room="room", steps=STEPS[:1]))
    more = await database.migrate(Migrate(room="room", steps=STEPS))
    assert [first.rows_changed, again.rows_changed, more.rows_changed] == [(1,), (0,), (0, 1)]


async def test_rooms_migrate_apart(database: Database) -> None:
    await database.migrate(Migrate(room="room", steps=STEPS))
    other = await database.migrate(Migrate(room="other", steps=("CREATE TABLE other_t (a TEXT)",)))
    assert other.rows_changed == (1,)


async def test_rewritten_history_is_refused(database: Database) -> None:
    await database.migrate(Migrate(room="room", steps=STEPS))
    with pytest.raises(Refused, match="changed"):
        await database.migrate(Migrate(room="room", steps=(STEPS[0] + "-- edited", STEPS[1])))
    with pytest.raises(Refused, match="newer version"):
        await database.migrate(Migrate(room="room", steps=STEPS[:1]))


async def test_a_failing_migration_leaves_nothing(database: Database) -> None:
    with pytest.raises(DeskError) as failure:
        await database.migrate(Migrate(room="room", steps=(*STEPS, "CREATE TABLE (")))
    assert failure.value.where == "/steps/2"
    with pytest.raises(Internal):
        await parents(database)
    applied = await database.migrate(Migrate(room="room", steps=STEPS))
    assert applied.rows_changed == (1, 1)


async def test_a_room_has_a_proper_name(database: Database) -> None:
    with pytest.raises(InvalidInput):
        await database.migrate(Migrate(room="Room; --", steps=()))


async def test_it_is_all_there_after_reopening(
    database_card: Card[Database], tmp_path: Path, seam: Seam
) -> None:
    database_card.need(Can.SURVIVE_REOPENING)
    async with database_card.open(tmp_path / "again", seam) as first:
        await first.migrate(Migrate(room="room", steps=STEPS))
        await first.write(write(parent(1)))
    async with database_card.open(tmp_path / "again", seam) as second:
        applied = await second.migrate(Migrate(room="room", steps=STEPS))
        assert applied.rows_changed == (0, 0)
        assert await parents(second) == [1]


@pytest.mark.spec("DB-1")
async def test_health_counts(room: Database) -> None:
    before = await room.health(HealthQuery())
    await room.write(write(parent(1), parent(2)))
    after = await room.health(HealthQuery())
    assert after.ok
    assert after.engine
    assert after.writes_queued == 0
    assert after.commits == before.commits + 1
    assert after.statements == before.statements + 2
