"""What a stream may declare about its delivery; a contradiction is found when the desk starts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec import Struct

from quantdesk.faces.websocket.face import Target
from quantdesk.gateways import GATEWAYS
from quantdesk.kernel import GET, POST, Effect, Gateway, Misconfigured, Setting, operation
from quantdesk.policies import Outbox, Snapshot

pytestmark = pytest.mark.spec("NEW-1")


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limit: int = 5


class Other(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limit: int = 7
    named: str


class State(Struct, frozen=True, kw_only=True):
    name: str


def target(*settings: Setting) -> Target:
    """A stream with these settings, among operations that it may name."""

    class Streams:
        """Streams."""

        @operation(GET("/stream"), Effect.READ, "trading.read", *settings)
        def watch(self, request: Asked) -> AsyncIterator[State]:
            """Follow."""
            raise NotImplementedError

        @operation(GET("/state"), Effect.READ, "trading.read")
        async def state(self, request: Asked) -> State:
            """Return the state."""
            raise NotImplementedError

        @operation(GET("/other"), Effect.READ, "trading.read")
        async def other(self, request: Other) -> State:
            """Return the state of one."""
            raise NotImplementedError

        @operation(POST("/effect"), Effect.ONCE, "trading.place")
        async def effect(self, request: Asked) -> State:
            """Change the state."""
            raise NotImplementedError

    gateway: Gateway[Any] = Gateway(Streams)
    return Target(gateway.serve(Streams()), gateway.operations["watch"])


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (Outbox("conflate", key=("name", "venue")), "no .'venue'."),
        (Outbox(events_max=0), "at least one"),
        (Snapshot("nothing"), "there is no nothing"),
        (Snapshot("watch"), "cannot be its snapshot"),
        (Snapshot("effect"), "cannot be its snapshot"),
        (Snapshot("other"), "cannot be its snapshot"),
    ],
)
def test_a_contradiction_is_found_at_the_start(setting: Setting, message: str) -> None:
    with pytest.raises(Misconfigured, match=message) as caught:
        target(setting)
    assert caught.value.where == "streams.watch"


def test_a_snapshot_is_asked_for_with_the_fields_that_both_have() -> None:
    found = target(Outbox("conflate", events_max=1, key=("name",)), Snapshot("state")).snapshot
    assert found is not None
    assert found.request_of(Asked(limit=3)) == Asked(limit=3)
    assert target().snapshot is None


def test_each_stream_of_the_desk_says_what_happens_to_a_slow_reader() -> None:
    streams = [
        one
        for gateway in GATEWAYS
        for one in gateway.operations.values()
        if one.streams and one.route is not None
    ]
    assert len(streams) >= 2
    for one in streams:
        assert one.setting(Outbox) is not None, f"{one.id} declares no Outbox"
