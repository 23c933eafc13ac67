"""One port, one listening socket per worker.

The kernel spreads connections over the sockets by their addresses (SO_REUSEPORT), so no worker
is woken for another's connection and a burst does not land on whoever woke up first. The desk
keeps every socket open: connections that wait when a worker dies wait for its successor.
"""

from __future__ import annotations

import socket
from typing import Any

from quantdesk.kernel import Misconfigured

_BACKLOG = 512


def reserve_shared(first: socket.socket, count: int) -> list[socket.socket]:
    """Replace `first`, a socket that listens alone, by `count` that share its address.

    That it could listen alone shows that no other program does: a shared port does not tell.
    """
    address, family = first.getsockname(), first.family
    first.close()
    return [share(family, address) for _ in range(count)]


def share(family: int, address: tuple[Any, ...]) -> socket.socket:
    """One more listening socket on this address."""
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise Misconfigured(
            f"the port cannot be shared: {error.strerror}", where=f"{address[0]}:{address[1]}",
            advice="Choose another with --port, or run without --workers.",
        ) from None  # fmt: skip
    listener.setblocking(False)
    return listener
