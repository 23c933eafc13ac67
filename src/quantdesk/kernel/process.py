"""How a desk's process is set up."""

from __future__ import annotations

import gc

_YOUNG_MAX = 50_000
_RATIO = 20


def settle_collector() -> None:
    """Let the garbage collector look less often.

    Messages and columns form no cycles; the default looks at every 700 new objects.
    """
    gc.set_threshold(_YOUNG_MAX, _RATIO, _RATIO)
