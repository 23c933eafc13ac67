"""What an error of ccxt says of the request: a no, a not now, or nothing at all."""

from __future__ import annotations

from typing import Final

from quantdesk.kernel import DeskError, OutcomeUnknown, Unavailable

from . import VenueRejected

_NOT_NOW: Final = {"RateLimitExceeded", "DDoSProtection", "OnMaintenance", "InvalidNonce"}
_NO: Final = {
    "InsufficientFunds", "InvalidOrder", "BadRequest", "AuthenticationError", "OperationRejected",
    "NotSupported", "ArgumentsRequired",
}  # fmt: skip
"""Classes of ccxt that an exchange's definite refusal falls under. A bare `ExchangeError` is not
one: ccxt gives it for codes that it does not know, and "execution status unknown" can be among
them."""
_NEVER_SENT: Final = {"ClientConnectorError", "gaierror"}
WORDS_MAX = 300


def _names(error: BaseException) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}


def is_not_found(error: Exception) -> bool:
    return "OrderNotFound" in _names(error)


def meaning(error: Exception, what: str, *, effect: bool) -> DeskError:
    """Our error for it. `effect`: the request would have changed something at the venue."""
    if isinstance(error, DeskError) and not effect:
        return error
    names, cause = _names(error), error.__cause__
    words = f"{what}: {str(error)[:WORDS_MAX]}"
    if cause is not None and _names(cause) & _NEVER_SENT:
        return Unavailable(f"{what}: the venue cannot be reached")
    if names & _NOT_NOW:
        return Unavailable(words, advice="The venue asks to wait; or the clocks differ.")
    if names & _NO:
        return VenueRejected(words, detail={"code": type(error).__name__})
    if effect:
        return OutcomeUnknown(words)
    return Unavailable(words)
