"""Tickets: one connection each, for a few seconds, in the name of the caller who asked.

A browser cannot send a header with a WebSocket, and a token in an address ends up in logs. A
ticket in one that was logged is used or dead by then. Kept in the database, so that any worker
of the desk takes a ticket, and only one of them can.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode

from quantdesk.kernel import Caller, Refused, Seam, Unauthenticated, convert, decode, encode
from quantdesk.services.database import Database, Query, Statement, Write

TICKET_S = 30
TICKETS_MAX = 10_000
PREFIX = "qdt_"
_SECRET_BYTES = 32
_NS = 1_000_000_000
_ADVICE = "Get a new ticket from POST /v1/identity/tickets for each connection."

STEPS = (
    """CREATE TABLE identity_tickets (
        digest TEXT PRIMARY KEY,
        caller TEXT NOT NULL,
        expires_ns INTEGER NOT NULL
    ) STRICT""",
)


class Tickets:
    """Issues tickets and takes each at most once. Only their digests are stored."""

    def __init__(self, database: Database, seam: Seam, *, tickets_max: int = TICKETS_MAX) -> None:
        self._database = database
        self._seam = seam
        self._tickets_max = tickets_max

    async def issue(self, caller: Caller) -> tuple[str, int]:
        """A new ticket and when it expires. Raises `Refused` if too many are outstanding."""
        secret = urlsafe_b64encode(self._seam.token_bytes(_SECRET_BYTES)).rstrip(b"=").decode()
        ticket, now = PREFIX + secret, self._seam.now_ns()
        expires_ns = now + TICKET_S * _NS
        if caller.expires_ns is not None:
            expires_ns = min(expires_ns, caller.expires_ns)
        written = await self._database.write(
            Write(
                statements=(
                    Statement("DELETE FROM identity_tickets WHERE expires_ns <= ?", (now,)),
                    Statement(
                        "INSERT INTO identity_tickets (digest, caller, expires_ns) SELECT ?, ?, ?"
                        " WHERE (SELECT count(*) FROM identity_tickets) < ?",
                        (_digest(ticket), encode(caller).decode(), expires_ns, self._tickets_max),
                    ),
                )
            )
        )
        if written.rows_changed[1] != 1:
            raise Refused(f"{self._tickets_max} tickets are outstanding, the most")
        return ticket, expires_ns

    async def redeem(self, ticket: str) -> Caller:
        """Whose ticket this is; it is used up. Raises `Unauthenticated`."""
        digest = _digest(ticket)
        found = await self._database.query(
            Query(
                sql="SELECT caller FROM identity_tickets WHERE digest = ? AND expires_ns > ?",
                params=(digest, self._seam.now_ns()),
            )
        )
        if found.rows:
            statement = Statement("DELETE FROM identity_tickets WHERE digest = ?", (digest,))
            taken = await self._database.write(Write(statements=(statement,)))
            # Of two who found it, one deletes it.
            if taken.rows_changed == (1,):
                return decode(convert(found.rows[0][0], str), Caller)
        raise Unauthenticated("the ticket is not valid", where="ticket", advice=_ADVICE)


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()
