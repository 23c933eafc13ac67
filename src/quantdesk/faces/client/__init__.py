"""The Python client: a desk elsewhere, behind the same Protocols as the desk in this process.

Importing it imports no server. A department's face may bring what its own messages are made of:
ingestion's, and those above it, bring numpy.
"""

from .asynchronous import AsyncClient
from .attempts import Retries
from .connection import State
from .following import Event, EventsMissed, Following, Gap, Snapshot
from .own import SignIn
from .sessions import SessionTokens
from .synchronous import Client
from .websocket import AsyncSocket

__all__ = [
    "AsyncClient",
    "AsyncSocket",
    "Client",
    "Event",
    "EventsMissed",
    "Following",
    "Gap",
    "Retries",
    "SessionTokens",
    "SignIn",
    "Snapshot",
    "State",
]
