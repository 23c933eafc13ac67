"""Does a depth stream hang together, and which snapshot would mend it?

By Binance's published rules: each event carries the ids of its first (`U`) and last (`u`) update;
an event that does not begin right behind the one before leaves a hole, and a book is whole again
with a snapshot whose `lastUpdateId` reaches the event behind the hole.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct


class _Data(Struct, gc=False):
    U: int
    u: int


class _Event(Struct, gc=False):
    data: _Data


_decoder = msgspec.json.Decoder(_Event)


class DepthWatch:
    """Follows the update ids of one symbol. `wanted`: a snapshot is needed."""

    def __init__(self) -> None:
        self._last = -1
        self._first_needed = 0
        self.wanted = True

    def see(self, frame: bytes) -> None:
        """Take note of a depth frame. One that cannot be read is left to ingestion to judge."""
        try:
            event = _decoder.decode(frame).data
        except msgspec.DecodeError:
            return
        if self._last < 0 or self._last + 1 < event.U:
            self._first_needed, self.wanted = event.U, True
        self._last = max(self._last, event.u)

    def lose(self) -> None:
        """Frames seen so far did not reach their reader: a snapshot must have them all."""
        self._first_needed, self.wanted = self._last + 1, True

    def mend(self, last_update_id: int) -> bool:
        """Whether a snapshot as of `last_update_id` closes the hole."""
        if self._last < 0 or last_update_id + 1 < self._first_needed:
            return False
        self.wanted = False
        return True
