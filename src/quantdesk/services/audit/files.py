"""What the audit trail keeps beside the database: the key that signs, and the signed lines."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from quantdesk.kernel import CorruptData, Misconfigured, NotFound, Seam
from quantdesk.policies.checkpoints import Signer

KEY_NAME = "audit.key"
LINES_NAME = "audit.checkpoints"
LINE_BYTES_MAX = 4_096
FILE_BYTES_MAX = 1 << 30
_SEED_BYTES = 32
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def open_key(path: Path, seam: Seam, *, make: bool) -> Signer:
    """Read the signing key; a first one is made if `make`. Raises `Misconfigured` if others can
    read it, if it is not a key, or if it is gone."""
    try:
        if path.stat().st_mode & _OTHERS:
            raise Misconfigured(
                "others can read the audit key", where=str(path), advice=f"chmod 600 {path}"
            )
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError:
        if not make:
            raise Misconfigured(
                "the audit key is gone, and there are checkpoints signed with it",
                where=str(path),
                advice="Restore it from a copy of the folder: a trail has one key.",
            ) from None
        return _make_key(path, seam)
    except (OSError, ValueError) as error:
        raise Misconfigured(f"the audit key cannot be read: {error}", where=str(path)) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise Misconfigured("the audit key is not an Ed25519 key", where=str(path))
    return Signer(key)


def _make_key(path: Path, seam: Seam) -> Signer:
    key = Ed25519PrivateKey.from_private_bytes(seam.token_bytes(_SEED_BYTES))
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    # The mode is given when the file is made: there is no moment in which others can read it.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    return Signer(key)


class LineFile:
    """A file of signed lines that only grows. A line is durable when `append` returns."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def last_line(self) -> bytes | None:
        """The last whole line. The beginning of one that a power cut left behind is removed."""
        try:
            with self.path.open("r+b") as file:
                end = file.seek(0, os.SEEK_END)
                start = max(0, end - 2 * LINE_BYTES_MAX)
                file.seek(start)
                tail = file.read()
                whole = tail.rfind(b"\n") + 1
                if end - start - whole > LINE_BYTES_MAX or (not whole and start):
                    raise CorruptData("not a file of checkpoints", where=str(self.path))
                file.truncate(start + whole)
        except FileNotFoundError:
            return None
        return tail[:whole].rstrip(b"\n").rpartition(b"\n")[2] or None

    def append(self, lines: Sequence[bytes]) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            before = os.lseek(descriptor, 0, os.SEEK_END)
            rest = b"".join(line + b"\n" for line in lines)
            try:
                while rest:  # without a buffer, which would go on after a failure
                    rest = rest[os.write(descriptor, rest) :]
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, before)  # all or nothing: the lines are tried again
                raise
        finally:
            os.close(descriptor)


class LineFiles:
    """The same lines in several files. What one of them could not take, it is given again."""

    def __init__(self, *files: LineFile) -> None:
        self._waiting: list[tuple[LineFile, list[bytes]]] = [(file, []) for file in files]

    def append(self, lines: Sequence[bytes]) -> None:
        for _, waiting in self._waiting:
            waiting.extend(lines)
        failed: OSError | None = None
        for file, waiting in self._waiting:
            try:
                if waiting:
                    file.append(waiting)
                waiting.clear()
            except OSError as error:
                failed = error
        if failed is not None:
            raise failed


def read_lines(path: Path) -> bytes:
    """A whole file of checkpoints. Raises `NotFound`, or `CorruptData` if it cannot be one."""
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise CorruptData("too large for a file of checkpoints", where=str(path))
        return path.read_bytes()
    except FileNotFoundError:
        raise NotFound(
            "there is no such file", where=str(path), advice="Check --checkpoints."
        ) from None
    except OSError as error:
        raise Misconfigured(f"cannot read it: {error.strerror}", where=str(path)) from None
