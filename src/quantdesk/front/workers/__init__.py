"""Face processes: they accept, parse, validate, encode; every call is carried out by the desk.

One process is the desk: its departments, their one writer, all policies. N others are faces on
the same port, each with a link to the desk over a socket pair. Limits, revocation, idempotency
and audit hold over all of them, because they are decided in one place.
"""

from .sockets import reserve_shared
from .supervisor import serve_by_workers

__all__ = ["reserve_shared", "serve_by_workers"]
