"""What goes over `/v1/ws`, for the contract: OpenAPI has no word for it, so it is an extension."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from quantdesk.kernel import Operation
from quantdesk.policies import Outbox, Snapshot

Json = dict[str, Any]
NAME = "x-websocket"


def message_types() -> list[Any]:
    """Every command and every frame. Their module stands on this package: imported when asked."""
    from quantdesk.faces.websocket import Command, Frame

    return [*get_args(Command), *get_args(Frame)]


def websocket(operations: Iterable[Operation], schemas: Mapping[Any, Json]) -> Json:
    """The socket: where it is, what may be sent, what may come, which streams there are."""
    from quantdesk.faces.websocket import CLOSES, PATH, Command, Frame

    closes: dict[str, list[str]] = defaultdict(list)
    for close in CLOSES:
        closes[str(close.code)].append(close.reason)
    return {
        "path": PATH,
        "description": (
            "One JSON object per text message. Connect with a ticket, or with the Authorization"
            " header. A `call` carries out any operation; a `subscribe` follows a stream."
        ),
        "parameters": [
            {"name": "ticket", "in": "query", "required": False, "schema": {"type": "string"}}
        ],
        "commands": _by_tag(get_args(Command), schemas),
        "frames": _by_tag(get_args(Frame), schemas),
        "closeCodes": closes,
        "streams": {one.id: _stream(one, schemas) for one in operations if one.streams},
    }


def _by_tag(kinds: Iterable[Any], schemas: Mapping[Any, Json]) -> Json:
    return {kind.__struct_config__.tag: schemas[kind] for kind in kinds}


def _stream(operation: Operation, schemas: Mapping[Any, Json]) -> Json:
    outbox = operation.setting(Outbox) or Outbox()
    snapshot = operation.setting(Snapshot)
    return {
        "request": schemas[operation.request],
        "event": schemas[operation.reply],
        "outbox": {
            "policy": outbox.policy, "eventsMax": outbox.events_max, "key": list(outbox.key),
        },
        "snapshot": None if snapshot is None else f"{operation.gateway}.{snapshot.operation}",
    }  # fmt: skip
