"""Database: durable tables. Embedded: SQLite with full sync and group commit.

A `Write` is atomic and durable when it returns. Each room owns its tables and brings them by
`migrate`. SQL arrives with parameters only; nothing of it is reachable by a face.
"""

from typing import TYPE_CHECKING, Annotated, Any, Protocol

from msgspec import Meta, Struct

from quantdesk.kernel import GET, INTERNAL, Effect, Gateway, operation

if TYPE_CHECKING:
    Value = None | bool | int | float | str | bytes
else:
    # msgspec cannot tell text from bytes in one union: the adapter checks what it is given.
    Value = Any
STATEMENTS_MAX = 10_000
ROWS_MAX = 100_000


class Statement(Struct, frozen=True, forbid_unknown_fields=True):
    """One SQL statement with its `?` parameters."""

    sql: str
    params: tuple[Value, ...] = ()


class Write(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Statements that happen together or not at all."""

    statements: Annotated[tuple[Statement, ...], Meta(min_length=1, max_length=STATEMENTS_MAX)]


class Written(Struct, frozen=True, kw_only=True):
    """Rows changed, per statement."""

    rows_changed: tuple[int, ...]


class Query(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One reading statement. More than `rows_max` rows is an error, never a silent cut."""

    sql: str
    params: tuple[Value, ...] = ()
    rows_max: Annotated[int, Meta(ge=1, le=ROWS_MAX)] = ROWS_MAX


class Rows(Struct, frozen=True, kw_only=True):
    columns: tuple[str, ...]
    rows: list[tuple[Value, ...]]


def where(*conditions: tuple[str, *tuple[Value, ...]]) -> tuple[str, tuple[Value, ...]]:
    """`WHERE` of those conditions, such as `("account = ?", account)`, whose values are not None,
    and the values."""
    given = [condition for condition in conditions if None not in condition]
    text = " AND ".join(condition[0] for condition in given)
    values = tuple(value for condition in given for value in condition[1:])
    return (f"WHERE {text}" if text else ""), values


class Migrate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ordered schema steps of one room. Steps already applied are skipped; an applied step
    that has changed since is refused."""

    room: str
    steps: tuple[str, ...]


class HealthQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class DatabaseHealth(Struct, frozen=True, kw_only=True):
    engine: str
    ok: bool
    writes_queued: int
    commits: int
    statements: int


class Database(Protocol):
    """Durable tables with atomic writes."""

    @operation(INTERNAL, Effect.ONCE, "database.write")
    async def write(self, request: Write) -> Written:
        """Commit the statements. Durable when it returns; `Conflict` on a unique key taken."""
        ...

    @operation(INTERNAL, Effect.READ, "database.read")
    async def query(self, request: Query) -> Rows:
        """Read rows as of the last commit."""
        ...

    @operation(INTERNAL, Effect.REPEATABLE, "database.migrate")
    async def migrate(self, request: Migrate) -> Written:
        """Bring a room's tables up to date."""
        ...

    @operation(GET("/health"), Effect.READ, "operations.read")
    async def health(self, request: HealthQuery) -> DatabaseHealth:
        """Tell whether the database answers and how much it has done."""
        ...


database = Gateway(Database)

__all__ = [
    "ROWS_MAX", "STATEMENTS_MAX", "Database", "DatabaseHealth", "HealthQuery", "Migrate", "Query",
    "Rows", "Statement", "Value", "Write", "Written", "database", "where",
]  # fmt: skip
