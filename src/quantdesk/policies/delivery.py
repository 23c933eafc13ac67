"""What a stream operation says about how its events are delivered. Read by the faces.

No policy of its own: who may follow a stream, and how often, is decided as for any operation.
"""

from __future__ import annotations

from typing import Literal

from quantdesk.kernel import Setting


class Outbox(Setting, frozen=True):
    """How many events are kept for readers that are behind or away, and what happens beyond.

    `conflate`: such a reader gets the newest event per `key` (fields of the event; none: the
    newest of all) and goes on from there; so does a new one, to begin with. Right where an event
    replaces the one before.
    `disconnect`: the reader is cut off and told so. Right where each event counts.
    `shared`: the events are the same for everyone who may follow them, so one source serves all.
    """

    policy: Literal["conflate", "disconnect"] = "disconnect"
    events_max: int = 1_024
    key: tuple[str, ...] = ()
    shared: bool = False


class Snapshot(Setting, frozen=True):
    """The operation of the same gateway whose reply is what the stream's events then change.

    Fields that both requests have are taken from the stream's. An event that happens while the
    snapshot is taken may be in it and follow it too, so events must be states, not differences.
    """

    operation: str
