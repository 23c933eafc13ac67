"""Operations: what a desk tells those who run it, as JSON: its figures and its audit trail."""

from datetime import datetime
from typing import Annotated, Protocol

from msgspec import Meta, Struct

from quantdesk.kernel import GET, Effect, Gateway, Page, PagedInTime, operation
from quantdesk.policies import AuditEntry

PAGE_ENTRIES_MAX = 500
Words = Annotated[str, Meta(min_length=1, max_length=128)]


class SummaryQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class OperationFigures(Struct, frozen=True, kw_only=True):
    """Since the desk began. `error_rate` is the share of calls that ended in an error; the times
    are read from a histogram and are as fine as its bounds."""

    operation: str
    calls: int
    errors: dict[str, int]
    error_rate: float
    in_flight: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


class DepartmentFigures(Struct, frozen=True, kw_only=True):
    """The same over all operations of a gateway, and of each that was called."""

    gateway: str
    calls: int
    calls_per_s: float
    errors: int
    error_rate: float
    in_flight: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    operations: list[OperationFigures]


class Summary(Struct, frozen=True, kw_only=True):
    """`up_s`: how long the desk has been counting."""

    up_s: float
    departments: list[DepartmentFigures]


class AuditQuery(PagedInTime, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Entries that fit all that is given. `caller` is as the trail has it, such as `person:ann`;
    `operation` such as `trading.place_order`; `before` is the number of an entry."""

    caller: Words | None = None
    operation: Words | None = None
    trace_id: Words | None = None
    before: Annotated[int, Meta(ge=1)] | None = None
    limit: Annotated[int, Meta(ge=1, le=PAGE_ENTRIES_MAX)] = 100


class AuditPage(Page, frozen=True, kw_only=True):
    """Newest first. `next_before` goes on from here; None at the beginning of the trail. A page
    may hold fewer entries than there are: it ends where enough was looked through."""

    entries: list[AuditEntry]
    next_before: int | None


class CheckpointQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class SignedCheckpoint(Struct, frozen=True, kw_only=True):
    """The newest: the first `size` entries have the Merkle root `root` (RFC 6962). `line` is what
    stands in the file of checkpoints, for a copy elsewhere."""

    size: int
    root: str
    at: datetime
    public_key: str
    line: str


class Operations(Protocol):
    """The desk as those see it who run it."""

    @operation(GET("/summary"), Effect.READ, "operations.read")
    async def summary(self, request: SummaryQuery) -> Summary:
        """Tell calls, errors and response times of every department."""
        ...

    @operation(GET("/audit"), Effect.READ, "operations.read")
    async def search_audit(self, request: AuditQuery) -> AuditPage:
        """Search the audit trail, newest first."""
        ...

    @operation(GET("/audit/checkpoint"), Effect.READ, "operations.read")
    async def get_checkpoint(self, request: CheckpointQuery) -> SignedCheckpoint:
        """Return the newest signed checkpoint of the audit trail, to be kept elsewhere."""
        ...


operations = Gateway(Operations)

__all__ = [
    "PAGE_ENTRIES_MAX", "AuditPage", "AuditQuery", "CheckpointQuery", "DepartmentFigures",
    "OperationFigures", "Operations", "SignedCheckpoint", "Summary", "SummaryQuery",
    "Words", "operations",
]  # fmt: skip
