"""What a JSON decoder lets pass and a desk must not: a key given twice, nesting without end.

`{"quantity": "1", "quantity": "1000"}` means different things to different parsers, so it means
nothing here. The usual body is cleared by counting: in a flat object each key has one colon, so
equal numbers leave no room for a second one. Everything else is read in full.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import numpy as np

from quantdesk.kernel import InvalidInput

_keys = msgspec.json.Decoder(dict[str, msgspec.Raw])
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_OPENING = np.frombuffer(b"[{", np.uint8)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def check(body: bytes, depth_max: int) -> None:
    """Raises `InvalidInput` for a repeated key or more than `depth_max` levels.

    Bytes that are not JSON may pass: the decoder that comes next refuses them.
    """
    braces = body.count(b"{")
    if braces + body.count(b"[") > depth_max:
        _check_depth(body, depth_max)
    if braces == 1:
        try:
            keys = len(_keys.decode(body))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return  # not an object: the typed decoder says so in better words
        if body.count(b":") == keys:
            return
    _check_keys(body)


def _check_depth(body: bytes, depth_max: int) -> None:
    brackets = _STRINGS.sub(b"", body).translate(None, _NOT_BRACKETS)
    opening = np.isin(np.frombuffer(brackets, np.uint8), _OPENING)
    if np.where(opening, 1, -1).cumsum().max(initial=0) > depth_max:
        raise InvalidInput(
            f"JSON nested deeper than {depth_max} levels", where="", advice="Send it flatter."
        )


def _check_keys(body: bytes) -> None:
    try:
        json.loads(body, object_pairs_hook=_distinct, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return


def _distinct(pairs: list[tuple[str, Any]]) -> None:
    seen = set()
    for key, _ in pairs:
        if key in seen:
            raise InvalidInput(
                f"the key {key[:64]!r} is given twice",
                where="/" + key[:64].replace("~", "~0").replace("/", "~1"),
                advice="Give each key once.",
            )
        seen.add(key)
