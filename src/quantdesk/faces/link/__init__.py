"""Links: the way from gateway to gateway. One process serves some of them (`LinkServer`), another
reaches them through the same Protocols (`remote` over a `Pool`).

A link is authenticated in both directions by a shared secret. Who is calling, the request's id,
its idempotency key and what is left of its time travel with each call.
"""

from .addresses import LinkAddress, address_of, calling_context
from .bearer import Bearer, bearer_of
from .ejection import Ejecting
from .endpoint import Route
from .handshake import ANY, Grant, link_secret
from .messages import LinkLimits
from .pool import Pool
from .remote import remote
from .server import LinkServer

__all__ = [
    "ANY",
    "Bearer",
    "Ejecting",
    "Grant",
    "LinkAddress",
    "LinkLimits",
    "LinkServer",
    "Pool",
    "Route",
    "address_of",
    "bearer_of",
    "calling_context",
    "link_secret",
    "remote",
]
