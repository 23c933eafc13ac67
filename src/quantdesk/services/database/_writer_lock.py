"""Only one desk writes a database: a lock file beside it, held while the desk lives."""

from __future__ import annotations

import os
from pathlib import Path

from quantdesk.kernel import Misconfigured

try:
    import fcntl
except ImportError:  # pragma: no cover - elsewhere SQLite's own write lock is the only guard
    fcntl = None  # type: ignore[assignment]  # absent on this platform


class WriterLock:
    """An advisory lock that the system releases when its process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".lock")
        self._database = path
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Raises `Misconfigured`, naming the process that holds it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if fcntl is not None:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise Misconfigured(
                f"another desk, process {holder}, writes this database",
                where=str(self._database),
                advice="Stop that process, or start this desk with another --data-dir.",
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
