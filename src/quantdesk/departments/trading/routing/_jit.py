"""numba's compiler with types: a compiled function keeps the signature that it was written with.

Only modules that are imported on first use may import this one: numba takes most of a second.
A cached function is compiled anew when its own file changes, so a kernel and what it calls stand
in one file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")


def jit(function: Callable[P, R]) -> Callable[P, R]:
    """Compile on the first call, kept on disk; other threads run meanwhile. A division by zero
    gives inf or NaN, as in numpy."""
    compiled: Callable[P, R] = njit(cache=True, nogil=True, error_model="numpy")(function)
    return compiled
