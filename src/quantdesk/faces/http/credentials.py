"""What single headers say of a caller: its token, its key for one effect, what it is asked for."""

from __future__ import annotations

import re

from quantdesk.kernel import InvalidInput, StepUpRequired, Unauthenticated

_KEY = re.compile(rb"[\x21-\x7e]{1,128}")


def bearer(value: bytes | None, *, missing: str, advice: str | None = None) -> str:
    """The token of an Authorization header. Raises `Unauthenticated`; `missing` is said where
    there is no header."""
    if value is None:
        raise Unauthenticated(missing, advice=advice)
    scheme, _, token = value.partition(b" ")
    if (scheme != b"Bearer" and scheme.lower() != b"bearer") or not token.isascii():
        raise Unauthenticated(
            "the Authorization header is not a bearer token",
            where="authorization",
            advice=advice or "Send Authorization: Bearer <access token>.",
        )
    return token.decode().strip()


def idempotency_key(value: bytes) -> str:
    """The key of an effect that is carried out once. Raises `InvalidInput`."""
    if _KEY.fullmatch(value) is None:
        raise InvalidInput(
            "not an idempotency key",
            where="idempotency-key",
            advice="Use 1 to 128 visible ASCII characters, such as a UUID.",
        )
    return value.decode()


def step_up_challenge(error: StepUpRequired) -> bytes:
    """The challenge of RFC 9470."""
    age = error.detail.get("max_age_s", "0")
    return f'Bearer error="insufficient_user_authentication", max_age="{age}"'.encode()
