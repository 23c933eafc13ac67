"""Frames of RFC 6455 as a server sends them: whole, unmasked, uncompressed, built once for all.

Compression is left out on purpose: it costs more than it saves at these sizes, would have to be
done per reader, and mixes what an attacker chose with secrets (CRIME).
"""

from __future__ import annotations

_TEXT = 0x81
_ONE_BYTE_MAX = 125
_TWO_BYTES_MAX = 0xFFFF

PING = b"\x89\x00"


def text_frame(payload: bytes) -> bytes:
    """One text message as one frame (section 5.2)."""
    size = len(payload)
    if size <= _ONE_BYTE_MAX:
        head = bytes((_TEXT, size))
    elif size <= _TWO_BYTES_MAX:
        head = bytes((_TEXT, 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((_TEXT, 127)) + size.to_bytes(8, "big")
    return head + payload
