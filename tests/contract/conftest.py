"""The adapters of every port. A further adapter is a file in `adapters` and a line here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from quantdesk.kernel import Seam, department
from quantdesk.services.cache import Cache
from quantdesk.services.cache import cache as cache_gateway
from quantdesk.services.database import Database
from quantdesk.services.database import database as database_gateway
from quantdesk.services.event import Events
from quantdesk.services.event import events as event_gateway
from quantdesk.services.ml import ML
from quantdesk.services.ml import ml as ml_gateway
from quantdesk.services.queue import Queue
from quantdesk.services.queue import queue as queue_gateway
from quantdesk.services.stream import Stream
from quantdesk.services.stream import stream as stream_gateway

from .adapters import (
    event_rings,
    lmdb_stream,
    memory_cache,
    onnx_models,
    sqlite_database,
    sqlite_queue,
)
from .adapters.cards import Card

DATABASES = [
    sqlite_database.CARD,
]
STREAMS = [
    lmdb_stream.CARD,
]
QUEUES = [
    sqlite_queue.CARD,
]
CACHES = [
    memory_cache.CARD,
]
EVENTS = [
    event_rings.CARD,
]
MODELS = [
    onnx_models.CARD,
]

TESTER = department("tester")


@pytest.fixture(params=DATABASES, ids=str)
def database_card(request: pytest.FixtureRequest) -> Card[Database]:
    return request.param


@pytest.fixture
async def database(
    database_card: Card[Database], tmp_path: Path, seam: Seam
) -> AsyncIterator[Database]:
    async with database_card.open(tmp_path, seam) as adapter:
        yield database_gateway.open(adapter, TESTER)


@pytest.fixture(params=STREAMS, ids=str)
def stream_card(request: pytest.FixtureRequest) -> Card[Stream]:
    return request.param


@pytest.fixture
async def stream(stream_card: Card[Stream], tmp_path: Path, seam: Seam) -> AsyncIterator[Stream]:
    async with stream_card.open(tmp_path, seam) as adapter:
        yield stream_gateway.open(adapter, TESTER)


@pytest.fixture(params=QUEUES, ids=str)
def queue_card(request: pytest.FixtureRequest) -> Card[Queue]:
    return request.param


@pytest.fixture
async def queue(queue_card: Card[Queue], tmp_path: Path, seam: Seam) -> AsyncIterator[Queue]:
    async with queue_card.open(tmp_path, seam) as adapter:
        yield queue_gateway.open(adapter, TESTER)


@pytest.fixture(params=CACHES, ids=str)
def cache_card(request: pytest.FixtureRequest) -> Card[Cache]:
    return request.param


@pytest.fixture
async def cache(cache_card: Card[Cache], tmp_path: Path, seam: Seam) -> AsyncIterator[Cache]:
    async with cache_card.open(tmp_path, seam) as adapter:
        yield cache_gateway.open(adapter, TESTER)


@pytest.fixture(params=EVENTS, ids=str)
def events_card(request: pytest.FixtureRequest) -> Card[Events]:
    return request.param


@pytest.fixture
async def events(events_card: Card[Events], tmp_path: Path, seam: Seam) -> AsyncIterator[Events]:
    async with events_card.open(tmp_path, seam) as adapter:
        yield event_gateway.open(adapter, TESTER)


@pytest.fixture(params=MODELS, ids=str)
def models_card(request: pytest.FixtureRequest) -> Card[ML]:
    return request.param


@pytest.fixture
async def models(models_card: Card[ML], tmp_path: Path, seam: Seam) -> AsyncIterator[ML]:
    async with models_card.open(tmp_path, seam) as adapter:
        yield ml_gateway.open(adapter, TESTER)
