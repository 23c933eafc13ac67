"""An exchange as a person sets it, and the secrets that the settings only refer to."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from quantdesk.kernel import Instrument, Misconfigured

SECRET_BYTES_MAX = 8_192
VENUES_MAX = 16
_OPEN_TO_OTHERS = 0o077


class VenueConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An exchange through ccxt (needs the extra `quantdesk[ccxt]`). Orders for `instruments` go
    there and nowhere else.

    `key` and `secret` are references: `env:NAME`, or `file:PATH` of a file for this user only.
    `url` is another address of the exchange's own interface; plain http on loopback only. `sandbox`
    is the exchange's own test environment. An order without an answer for `answer_s` is asked for;
    everything live is held against the venue every `reconcile_s`.
    """

    exchange: Annotated[str, Meta(pattern=r"\A[a-z0-9]{1,32}\Z")]
    instruments: Annotated[tuple[Instrument, ...], Meta(min_length=1, max_length=64)]
    key: Annotated[str, Meta(max_length=1_024)]
    secret: Annotated[str, Meta(max_length=1_024)]
    kind: Literal["ccxt"] = "ccxt"
    sandbox: bool = True
    url: Annotated[str, Meta(pattern=r"\A(https://|http://127\.0\.0\.1[:/])\S+\Z")] | None = None
    timeout_s: Annotated[float, Meta(ge=0.05, le=60)] = 5.0
    poll_s: Annotated[float, Meta(ge=0.01, le=60)] = 1.0
    answer_s: Annotated[float, Meta(ge=0.01, le=600)] = 2.0
    reconcile_s: Annotated[float, Meta(ge=0.05, le=3_600)] = 30.0
    asks_max: Annotated[int, Meta(ge=1, le=1_000)] = 10


def secret_of(reference: str, where: str) -> str:
    """What a reference stands for. Raises `Misconfigured`, and never says the secret."""
    kind, _, name = reference.partition(":")
    if kind == "env" and name:
        found = os.environ.get(name, "").strip()
        if not found:
            raise Misconfigured(f"the environment has no {name}", where=where)
        return found
    if kind == "file" and name:
        return _read(Path(name), where)
    raise Misconfigured(
        "not a reference to a secret",
        where=where,
        advice="Write env:NAME or file:PATH; secrets do not stand in the settings.",
    )


def _read(path: Path, where: str) -> str:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            found = file.read(SECRET_BYTES_MAX + 1).strip()
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read: {error.strerror}", where=where) from None
    if stat.S_IMODE(mode) & _OPEN_TO_OTHERS:
        raise Misconfigured(f"others can read {path}", where=where, advice=f"chmod 600 {path}")
    if not found or len(found) > SECRET_BYTES_MAX or not found.isascii():
        raise Misconfigured(f"{path} holds no secret", where=where)
    return found.decode()
