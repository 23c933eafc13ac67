"""The doors that the flows walk through."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from quantdesk.departments.ai import AI
from quantdesk.departments.analytics import Analytics
from quantdesk.departments.chain import Chain
from quantdesk.departments.identity import Identity
from quantdesk.departments.ingestion import Ingestion
from quantdesk.departments.oracle import Oracle
from quantdesk.departments.strategies import Strategies
from quantdesk.departments.trading import Trading
from quantdesk.kernel import Caller
from quantdesk.services.cache import Cache
from quantdesk.services.database import Database
from quantdesk.services.event import Events
from quantdesk.services.queue import Queue
from quantdesk.services.stream import Stream


@dataclass(frozen=True, kw_only=True)
class Doors:
    """Every department and service, opened for one caller."""

    identity: Identity
    ingestion: Ingestion
    oracle: Oracle
    chain: Chain
    trading: Trading
    analytics: Analytics
    strategies: Strategies
    ai: AI
    database: Database
    stream: Stream
    cache: Cache
    queue: Queue
    events: Events


OpenDoors = Callable[[Caller], Awaitable[Doors]]
"""Opens the same doors for another caller, such as a person, and their paper account."""
