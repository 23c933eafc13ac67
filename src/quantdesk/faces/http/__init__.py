"""HTTP: REST and server-sent events from the declarations, on a core that knows no socket."""

from .asgi import AsgiApp
from .core import HttpCore
from .messages import HttpLimits, HttpRequest, HttpResponse
from .network import HttpNetwork
from .server import address_of, reserve, serve

__all__ = [
    "AsgiApp",
    "HttpCore",
    "HttpLimits",
    "HttpNetwork",
    "HttpRequest",
    "HttpResponse",
    "address_of",
    "reserve",
    "serve",
]
