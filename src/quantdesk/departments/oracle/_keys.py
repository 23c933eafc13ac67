"""The local publisher's keys. They are kept so that its signer set stays the same over restarts
and what an old order names as its proof can still be looked up.

They sign nothing but this desk's own feeds, and lie in the database as they are.
"""

from __future__ import annotations

from quantdesk.kernel import Seam
from quantdesk.services.database import Database, Migrate, Query, Statement, Write

from ._publisher import LABEL, SIGNERS

SECRET_BYTES = 32
_CURVE_ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
_STEPS = (
    (
        "CREATE TABLE oracle_signers (label TEXT NOT NULL, position INTEGER NOT NULL,"
        " secret BLOB NOT NULL, PRIMARY KEY (label, position))"
    ),
)


async def local_keys(database: Database, seam: Seam) -> list[bytes]:
    """The secrets of the local set; drawn and stored the first time."""
    await database.migrate(Migrate(room="oracle", steps=_STEPS))
    found = await database.query(
        Query(
            sql="SELECT secret FROM oracle_signers WHERE label = ? ORDER BY position",
            params=(LABEL,),
        )
    )
    secrets = [row[0] for row in found.rows if isinstance(row[0], bytes)]
    if len(secrets) == SIGNERS:
        return secrets
    secrets = [_secret(seam.token_bytes(SECRET_BYTES)) for _ in range(SIGNERS)]
    statements = tuple(
        Statement("INSERT INTO oracle_signers VALUES (?, ?, ?)", (LABEL, position, secret))
        for position, secret in enumerate(secrets)
    )
    await database.write(Write(statements=statements))
    return secrets


def _secret(drawn: bytes) -> bytes:
    """A scalar from 1 to the order of secp256k1 less one."""
    number = int.from_bytes(drawn, "big") % (_CURVE_ORDER - 1) + 1
    return number.to_bytes(SECRET_BYTES, "big")
