"""The one way functions become machine code: typed, and cached where a package may write.

numba keys a cached function by its own file only, so a change in a function that it calls would go
unseen. The cache therefore lies in a folder named by a digest of all of the kernel's sources:
`$XDG_CACHE_HOME/quantdesk/engine-<digest>` (`~/.cache` without it). The gate's functions, routing's
and those of risk lie in folders of their own (`gate-<digest>`), so that a change in one compiles
nothing else anew. Where a folder cannot be written, functions are compiled anew in each process.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar, cast

import numba
from llvmlite import ir  # type: ignore[import-untyped]  # it has no types
from numba.core import config, types
from numba.extending import intrinsic

F = TypeVar("F", bound=Callable[..., object])

FOLDERS_MAX = 2
"""Caches of so many versions of the kernel are kept, some 130 MB each."""


_ENGINE = Path(__file__).parent
_SOURCES: dict[str, tuple[Path, ...]] = {
    "engine": (_ENGINE,),
    "gate": (_ENGINE.parent / "gate", _ENGINE.parent / "risk_models"),
    "risk_models": (_ENGINE.parent / "risk_models",),
    "routing": (_ENGINE.parent / "routing",),
}
"""Kernel (the folder of its functions) → the folders whose functions they call."""


def _digest(kernel: str) -> str:
    found = hashlib.sha256(numba.__version__.encode())
    files = {_ENGINE / "jit.py"}
    for folder in _SOURCES[kernel]:
        files.update(folder.glob("_[a-z]*.py"))
        files.update(path for path in folder.glob("*.py") if path.name in {"model.py", "states.py"})
    for path in sorted(files):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def digests() -> str:
    """Of all kernels' sources: what is compiled for one is compiled for no other."""
    return " ".join(f"{kernel}-{_digest(kernel)}" for kernel in sorted(_SOURCES))


def _forget_old(base: Path, kernel: str) -> None:
    """Keep the newest `FOLDERS_MAX`; a process that still runs an older kernel has it in memory."""
    found = sorted(base.glob(f"{kernel}-*"), key=lambda folder: folder.stat().st_mtime_ns)
    for folder in found[:-FOLDERS_MAX]:
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _folder_of(kernel: str) -> Path | None:
    return cache_folder(kernel)


def cache_folder(kernel: str = "engine") -> Path | None:
    """Where a kernel's compiled functions are kept; None where nothing can be."""
    root = os.environ.get("XDG_CACHE_HOME")
    try:
        base = Path(root) if root else Path.home() / ".cache"
        folder = base / "quantdesk" / f"{kernel}-{_digest(kernel)}"
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _forget_old(folder.parent, kernel)
        return folder if os.access(folder, os.W_OK) else None
    except (OSError, RuntimeError):  # no home, or a read-only one
        return None


# numba's own types know neither all of its options nor functions that keep their type.
_njit = cast(Callable[..., object], numba.njit)


def jit(function: F) -> F:
    """A function that only compiled ones call. Compiled at first use, from the cache where it was
    compiled before. Division by zero is not checked: callers see to it. Nothing is allocated, so
    references are not counted, which halves what there is to compile."""
    return _compiled(function, called_by_python=False)


def inlined(function: F) -> F:
    """As `jit`, and always part of its caller. The state is passed by value, a kilobyte of array
    headers, so what every event goes through must not be called."""
    return _compiled(function, called_by_python=False, forceinline=True)


def entry(function: F) -> F:
    """A compiled function that Python calls too."""
    return _compiled(function, called_by_python=True)


def numeric(function: F) -> F:
    """A function over arrays, some of which it makes. Other threads run meanwhile. A division by
    zero gives inf or NaN, as in numpy."""
    return _compiled(function, called_by_python=True, allocates=True)


def _compiled(
    function: F, *, called_by_python: bool, allocates: bool = False, forceinline: bool = False
) -> F:
    kernel = Path(function.__code__.co_filename).parent.name
    folder = _folder_of(kernel if kernel in _SOURCES else "engine")
    settings = vars(config)
    before = settings["CACHE_DIR"]
    settings["CACHE_DIR"] = "" if folder is None else str(folder)
    try:
        compiled = _njit(
            function,
            cache=folder is not None,
            error_model="numpy",
            _nrt=allocates,
            nogil=allocates,
            forceinline=forceinline,
            no_cpython_wrapper=not called_by_python,
            no_cfunc_wrapper=True,
        )
    finally:
        settings["CACHE_DIR"] = before
    return cast(F, compiled)


def jit_here(function: F, *, allocates: bool, forceinline: bool = False) -> F:
    """Compile at first use, for this process: a strategy, and the loop around it."""
    again = getattr(function, "py_func", function)
    return cast(F, _njit(again, error_model="numpy", _nrt=allocates, forceinline=forceinline))


def _count_zeros(_context: object, _word: object) -> object:
    def write(
        _context: object, builder: ir.IRBuilder, _sign: object, given: list[object]
    ) -> object:
        return builder.ctlz(given[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.int64), write


_leading_zeros = cast(Callable[[int], int], intrinsic(_count_zeros))


@inlined
def highest_bit(word: int) -> int:
    """The place of the highest bit that is set in an int64; −1 for 0."""
    return 63 - _leading_zeros(word)


def is_jitted(function: object) -> bool:
    """Whether it is a compiled function, as a compiled strategy must be."""
    return hasattr(function, "py_func") and hasattr(function, "signatures")
