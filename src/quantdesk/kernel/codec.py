"""Bytes ↔ messages, strictly: the one JSON codec of the desk."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from .errors import InvalidInput
from .money import Amount, Price, Quantity, plain, read_exact

T = TypeVar("T")
_EXACT: frozenset[type] = frozenset({Amount, Price, Quantity})
_POINTER = re.compile(r" - at `\$\.?([^`]*)`$")


def to_wire(value: object) -> str:
    """What msgspec writes for a scalar of ours (`enc_hook`)."""
    if isinstance(value, Amount):
        return plain(value)
    raise TypeError(f"{type(value).__name__} is not a wire type")


def from_wire(kind: type[Any], value: object) -> object:
    """Read a scalar of ours (`dec_hook`)."""
    if type(value) is str and kind in _EXACT:
        found = read_exact(kind, value)
        if found is not None:
            return found
        try:
            return kind(value)
        except InvalidInput as error:
            raise ValueError(f"{error.message}; {error.advice}") from None
    if kind in _EXACT:
        raise ValueError(f"a {kind.__name__.lower()} must be a decimal string")
    raise ValueError(f"{kind!r} is not a wire type")


def schema_hook(kind: type) -> dict[str, object]:
    """JSON Schema of the desk's own scalar types."""
    if issubclass(kind, Amount):
        lead = "" if kind.positive else "-?"
        return {
            "type": "string",
            "pattern": rf"^{lead}(0|[1-9][0-9]{{0,17}})(\.[0-9]{{1,18}})?$",
            "description": " ".join((kind.__doc__ or "").split("\n", 1)[0].split()),
            "examples": ["1.5"],
        }
    raise NotImplementedError(kind)


_encoder = msgspec.json.Encoder(enc_hook=to_wire, order="deterministic")


def encode(message: object) -> bytes:
    """Canonical JSON: the same message always gives the same bytes."""
    return _encoder.encode(message)


_decoders: dict[object, msgspec.json.Decoder[Any]] = {}  # one per message type: bounded by the code


def _decoder(kind: object) -> msgspec.json.Decoder[Any]:
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind, dec_hook=from_wire, strict=True)
    return decoder


def decode(data: bytes | str, kind: type[T]) -> T:
    """Decode and validate. Raises `InvalidInput` naming the field by JSON pointer."""
    try:
        message: T = _decoder(kind).decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise invalid(error) from None
    return message


def decoder(kind: type[T]) -> Callable[[bytes], T]:
    """`decode` for one type, for whoever decodes it again and again."""
    fast = _decoder(kind).decode

    def decode_it(data: bytes) -> T:
        try:
            message: T = fast(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise invalid(error) from None
        return message

    return decode_it


def convert(data: object, kind: type[T], *, strings: bool = False) -> T:
    """Validate plain Python data. `strings` lets "5" stand for 5, as query strings need."""
    try:
        message: T = msgspec.convert(data, kind, dec_hook=from_wire, strict=not strings)
    except msgspec.ValidationError as error:
        raise invalid(error) from None
    return message


def to_builtins(message: object) -> Any:
    """Plain dicts, lists and strings, as a template or a table needs them."""
    return msgspec.to_builtins(message, enc_hook=to_wire)


def invalid(error: Exception) -> InvalidInput:
    """The one error for input that does not fit its type."""
    text = str(error)
    if not isinstance(error, msgspec.DecodeError):
        return InvalidInput("not valid JSON", where="", advice="Send one JSON object in UTF-8.")
    found = _POINTER.search(text)
    # A value of a mapping is shown as `[...]`: which key it was is not known.
    path = re.sub(r"\[(\d+)\]", r".\1", found.group(1)).replace("[...]", "") if found else ""
    field = re.search(r"field `([^`]+)`", text)
    parts = [part for part in path.split(".") if part] + ([field.group(1)] if field else [])
    return InvalidInput(
        text[: found.start()] if found else text, where="".join(f"/{part}" for part in parts)
    )
