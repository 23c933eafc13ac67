"""WebSocket: every stream and every operation over one connection, `/v1/ws`.

What goes over the wire is here. The server's parts are imported where a server runs: `face`
(who may connect, and everybody who is connected) and `protocol` (bytes on a transport).
"""

from .messages import (
    CLOSES,
    PATH,
    CallCommand,
    Close,
    Command,
    Frame,
    PingCommand,
    Resume,
    SubscribeCommand,
    UnsubscribeCommand,
    WebSocketLimits,
)

__all__ = [
    "CLOSES",
    "PATH",
    "CallCommand",
    "Close",
    "Command",
    "Frame",
    "PingCommand",
    "Resume",
    "SubscribeCommand",
    "UnsubscribeCommand",
    "WebSocketLimits",
]
