"""Sealing: what stands in the database and has to be read again, encrypted with a key beside it.

The key is a file of this user's alone (0600) in the desk's folder, made with its first use: a
copy of the database alone tells no secret. AES-256-GCM (NIST SP 800-38D), random nonces.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from quantdesk.kernel import CorruptData, Misconfigured, Seam

KEY_BYTES = 32
_NONCE_BYTES = 12
_OPEN_TO_OTHERS = 0o077


class Sealing:
    """Encrypts under one key. Without a `path` there is no key, and nothing can be sealed."""

    def __init__(self, path: Path | None, seam: Seam) -> None:
        self._path = path
        self._seam = seam
        self._cipher: AESGCM | None = None

    def seal(self, plain: bytes, label: str) -> bytes:
        """`label` says what it is and whose: it opens under no other."""
        nonce = self._seam.token_bytes(_NONCE_BYTES)
        return nonce + self._key().encrypt(nonce, plain, label.encode())

    def open(self, sealed: bytes, label: str) -> bytes:
        """Raises `CorruptData` if it was changed, moved, or sealed with another key."""
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._key().decrypt(nonce, rest, label.encode())
        except (InvalidTag, ValueError):
            raise CorruptData(
                "a stored secret does not open", where=str(self._path),
                advice="The key file and the database belong together: restore both.",
            ) from None  # fmt: skip

    def _key(self) -> AESGCM:
        if self._cipher is None:
            if self._path is None:
                raise Misconfigured("there is no key file to encrypt secrets with")
            self._cipher = AESGCM(_read_or_make(self._path, self._seam))
        return self._cipher


def _read_or_make(path: Path, seam: Seam) -> bytes:
    try:
        if not path.exists():
            _make(path, seam.token_bytes(KEY_BYTES))
        if path.stat().st_mode & _OPEN_TO_OTHERS:
            raise Misconfigured(
                "others may read this key", where=str(path), advice=f"chmod 600 {path}"
            )
        key = path.read_bytes()
    except OSError as error:
        raise Misconfigured(
            f"the key file cannot be used: {error.strerror}", where=str(path)
        ) from None
    if len(key) != KEY_BYTES:
        raise CorruptData(f"a key file holds {KEY_BYTES} bytes", where=str(path))
    return key


def _make(path: Path, key: bytes) -> None:
    """Appears whole or not at all; of several processes that make one, the first does."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink(missing_ok=True)
