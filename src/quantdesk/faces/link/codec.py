"""Frames and messages as msgpack, errors as codes of the catalogue."""

from __future__ import annotations

from typing import Any, get_origin

import msgspec
import numpy as np

from quantdesk.kernel import CATALOGUE, Call, CorruptData, DeskError, Internal, Quota, RateLimited
from quantdesk.kernel.codec import from_wire, invalid, to_wire

from .messages import Ask, Fail, Frame, Reply

LENGTH_BYTES = 4


class LinkBroken(Exception):
    """The other side does not keep to the protocol: the connection ends."""


def _to_wire(value: object) -> object:
    if type(value) is not np.ndarray:
        return to_wire(value)
    kind = value.dtype.descr if value.dtype.names else value.dtype.str
    return [kind, value.shape, value.tobytes()]


def _from_wire(kind: type, value: object) -> object:
    if type(value) is not str and (get_origin(kind) is np.ndarray or kind is np.ndarray):
        return _array(value)
    return from_wire(kind, value)


def _array(value: Any) -> object:
    """Columns. Objects, which numpy would build from foreign bytes, are refused."""
    try:
        described, shape, data = value
        named = not isinstance(described, str)
        kind = np.dtype([(name, form) for name, form in described] if named else described)
        if not kind.hasobject:
            return np.frombuffer(bytearray(data), dtype=kind).reshape(shape)
    except (TypeError, ValueError) as error:
        raise ValueError(f"not an array: {error}") from None
    raise ValueError("an array of objects")


_encoder = msgspec.msgpack.Encoder(enc_hook=_to_wire, uuid_format="bytes")
_frames: msgspec.msgpack.Decoder[Frame] = msgspec.msgpack.Decoder(Frame)
_decoders: dict[object, msgspec.msgpack.Decoder[Any]] = {}  # one per message type of the code


def put(frame: Frame, out: bytearray) -> int:
    """Append one frame. Returns its size; on an error `out` is as it was."""
    start = len(out)
    try:
        _encoder.encode_into(frame, out, start + LENGTH_BYTES)
    except BaseException:
        del out[start:]
        raise
    size = len(out) - start - LENGTH_BYTES
    out[start : start + LENGTH_BYTES] = size.to_bytes(LENGTH_BYTES, "big")
    return size


def frame_of(body: bytes | memoryview) -> Frame:
    """Raises `LinkBroken` for what is no frame."""
    try:
        return _frames.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise LinkBroken(f"not a frame: {error}") from None


def message_of(raw: msgspec.Raw, kind: Any) -> Any:
    """A request, reply or event. Raises `InvalidInput` naming the field."""
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.msgpack.Decoder(kind, dec_hook=_from_wire)
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise invalid(error) from None


def answer_of(raw: msgspec.Raw, kind: Any) -> Any:
    """A reply or an event as the caller reads it: what does not fit is not the caller's fault."""
    try:
        return message_of(raw, kind)
    except DeskError as error:
        raise CorruptData(
            f"the instance answers in another form: {error.message}", where=error.where,
            advice="Run the same version everywhere.",
        ) from None  # fmt: skip


class Framer:
    """Cuts what arrives into frame bodies; what is incomplete waits, at most one frame of it."""

    def __init__(self, size_max: int) -> None:
        self.size_max = size_max
        self._rest = bytearray()
        self._wanted = 0

    def feed(self, data: bytes) -> list[memoryview]:
        """Raises `LinkBroken` for a frame above `size_max`."""
        if self._rest:
            self._rest += data
            if len(self._rest) < self._wanted:
                return []
            data, self._rest = bytes(self._rest), bytearray()
        view, at, end = memoryview(data), 0, len(data)
        bodies = []
        while end - at >= LENGTH_BYTES:
            size = int.from_bytes(view[at : at + LENGTH_BYTES], "big")
            if size > self.size_max:
                raise LinkBroken(f"a frame of {size} bytes; {self.size_max} are allowed")
            if end - at < LENGTH_BYTES + size:
                break
            bodies.append(view[at + LENGTH_BYTES : at + LENGTH_BYTES + size])
            at += LENGTH_BYTES + size
        if at < end:
            self._rest += view[at:]
            known = end - at >= LENGTH_BYTES
            size = int.from_bytes(view[at : at + LENGTH_BYTES], "big") if known else 0
            self._wanted = LENGTH_BYTES + size
        return bodies


def fail_of(number: int, error: DeskError, call: Call | None, *, taken: bool = True) -> Fail:
    """An error as it travels."""
    return Fail(
        number, error.code, error.message, error.where, error.advice, error.detail, taken,
        None if call is None else quota_of(call),
    )  # fmt: skip


def error_of(fail: Fail) -> DeskError:
    """The same error on this side. A code that is not in this catalogue is `Internal`."""
    kind = CATALOGUE.get(fail.code, Internal)
    if kind is RateLimited:
        try:
            after_s = float(fail.detail.get("retry_after_s", "1"))
        except ValueError:
            after_s = 1.0
        return RateLimited(fail.message, retry_after_s=after_s, limit=fail.detail.get("limit", ""))
    return kind(fail.message, where=fail.where, advice=fail.advice, detail=fail.detail)


def quota_of(call: Call) -> tuple[int, float, float] | None:
    """What the policy that admits left on the call."""
    quota = call.quota
    return None if quota is None else (quota.calls, quota.per_s, call.tokens)


def tell_quota(call: Call, frame: Reply | Fail) -> None:
    """The same on this side's call, for the face to tell."""
    if frame.quota is not None:
        calls, per_s, tokens = frame.quota
        call.quota, call.tokens = Quota(calls=calls, per_s=per_s), tokens


__all__ = [
    "Ask", "Framer", "LinkBroken", "answer_of", "error_of", "fail_of", "frame_of", "message_of",
    "put", "quota_of", "tell_quota",
]  # fmt: skip
