"""Files that a request may name: those that stand in one folder of the desk, by name alone.

A request never carries source code or a path. What it names is looked up in the folder; a link that
leads out of it is refused, because whoever can only make a link there must not run a file from
elsewhere.
"""

from __future__ import annotations

from pathlib import Path

from quantdesk.kernel import InvalidInput, NotFound


def file_in(folder: Path | None, name: str, *, setting: str, where: str) -> Path:
    """The file of that name. Raises `NotFound`, or `InvalidInput` for what is no plain name."""
    if folder is None:
        raise NotFound(
            "this desk has no such folder", where=where, advice=f"Set {setting} and start again."
        )
    if not name or name in {".", ".."} or any(sign in name for sign in "/\\\0:"):
        raise InvalidInput("a file is named without a path", where=where)
    try:
        root = folder.resolve(strict=True)
        path = (root / name).resolve(strict=True)
    except (OSError, ValueError):
        raise _missing(name, where) from None
    if path.parent != root:
        raise InvalidInput(
            f"{name!r} leads out of the folder", where=where, advice="Put the file itself there."
        )
    if not path.is_file():
        raise _missing(name, where)
    return path


def _missing(name: str, where: str) -> NotFound:
    return NotFound(
        f"there is no file {name!r} in the folder", where=where, advice="Put the file there first."
    )
