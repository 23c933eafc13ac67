"""Both sides of a link prove that they know its secret, without telling it.

HMAC-SHA256 over the role, the protocol's version, the grant's name and both nonces: a proof fits
one connection and one direction, so neither a replayed nor a reflected one is worth anything.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct

from quantdesk.kernel import Misconfigured, Seam

from .messages import VERSION

NONCE_BYTES = 32
SECRET_BYTES_MIN = 32
SECRET_BYTES_MAX = 1_024
NAME_CHARS_MAX = 64
ANY = "desk"
"""The grant of a desk's own instances."""


class Grant(Struct, frozen=True, kw_only=True):
    """What a link with this secret may do. `gateways` and `operations` (ids), where given, are
    all that it reaches.

    `vouches`: the link is believed about who is calling. Otherwise a caller is nobody, or the
    owner of a token that is checked on this side with each call.
    """

    secret: bytes
    gateways: frozenset[str] | None = None
    operations: frozenset[str] | None = None
    vouches: bool = True

    def __repr__(self) -> str:
        return f"Grant(secret=…, gateways={self.gateways}, vouches={self.vouches})"

    def allows(self, gateway: str, operation_id: str) -> bool:
        if self.gateways is not None and gateway not in self.gateways:
            return False
        return self.operations is None or operation_id in self.operations


Grants = Mapping[str, Grant]


def prove(
    secret: bytes,
    role: Literal["caller", "server"],
    name: str,
    caller_nonce: bytes,
    server_nonce: bytes,
) -> bytes:
    """The proof of one side for one connection."""
    head = f"quantdesk link {VERSION}\n{role}\n{name}\n".encode()
    return hmac.digest(secret, head + caller_nonce + server_nonce, hashlib.sha256)


def proves(expected: bytes, given: bytes) -> bool:
    """In constant time."""
    return hmac.compare_digest(expected, given)


def link_secret(path: Path, seam: Seam, *, make: bool) -> bytes:
    """The secret in this file, made (0600) if there is none and `make` is set.

    Raises `Misconfigured` for a file that others can read, or too short a secret.
    """
    if make:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(handle, "wb") as file:
                file.write(seam.token_bytes(SECRET_BYTES_MIN).hex().encode() + b"\n")
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            secret = file.read(SECRET_BYTES_MAX + 1).strip()
    except OSError as error:
        raise Misconfigured(
            f"the link secret cannot be read: {error.strerror}", where=str(path),
            advice="Copy links.secret from the desk's folder, readable for this user only.",
        ) from None  # fmt: skip
    if stat.S_IMODE(mode) & 0o077:
        raise Misconfigured(
            "others can read the link secret", where=str(path), advice=f"chmod 600 {path}"
        )
    if not SECRET_BYTES_MIN <= len(secret) <= SECRET_BYTES_MAX:
        raise Misconfigured(
            f"a link secret has {SECRET_BYTES_MIN} to {SECRET_BYTES_MAX} bytes", where=str(path)
        )
    return secret
