"""Every gateway of the desk, by its declaration alone: what `call`, the contract and the docs read.

Nothing of what stands behind a gateway is imported here.
"""

from __future__ import annotations

from typing import Any

from quantdesk.departments.ai import ai
from quantdesk.departments.analytics import analytics
from quantdesk.departments.chain import chain
from quantdesk.departments.identity import identity
from quantdesk.departments.ingestion import ingestion
from quantdesk.departments.oracle import oracle
from quantdesk.departments.strategies import strategies
from quantdesk.departments.trading import trading
from quantdesk.flows import flows
from quantdesk.kernel import Gateway
from quantdesk.services.cache import cache
from quantdesk.services.database import database
from quantdesk.services.event import events
from quantdesk.services.ml import ml
from quantdesk.services.operations import operations
from quantdesk.services.queue import queue
from quantdesk.services.stream import stream

GATEWAYS: tuple[Gateway[Any], ...] = (
    identity, ingestion, oracle, chain, trading, analytics, strategies, ai, flows,
    database, cache, queue, stream, events, ml, operations,
)  # fmt: skip
