"""The catalogue of errors: codes that stay, and what each means to the caller."""

from __future__ import annotations

import pytest

from quantdesk.kernel import CATALOGUE, DeskError, OutcomeUnknown, RateLimited, Unavailable

pytestmark = pytest.mark.spec("STD-4", "DEV-2")

CODES = {
    "audit_unavailable": 503,
    "circuit_open": 503,
    "conflict": 409,
    "corrupt_data": 500,
    "desk_error": 500,
    "forbidden": 403,
    "internal": 500,
    "invalid_input": 400,
    "misconfigured": 500,
    "not_found": 404,
    "oracle_refused": 422,
    "outcome_unknown": 504,
    "rate_limited": 429,
    "refused": 422,
    "risk_refused": 422,
    "unauthenticated": 401,
    "step_up_required": 401,
    "unavailable": 503,
}


def test_codes_and_statuses_stay() -> None:
    assert {code: kind.status for code, kind in CATALOGUE.items()} == CODES


def test_what_may_be_tried_again_is_said() -> None:
    retryable = {code for code, kind in CATALOGUE.items() if kind.retryable}
    assert retryable == {"unavailable", "rate_limited"}
    assert not OutcomeUnknown.retryable  # it may have happened: ask first


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=str)
def test_each_says_what_to_do(kind: type[DeskError]) -> None:
    assert kind.advice.endswith((".", "!"))
    assert 1 <= kind.exit_code <= 125


def test_an_error_tells_what_where_and_what_to_do() -> None:
    error = Unavailable("no disk", where="/data", advice="Mount it.", detail={"free": "0"})
    assert str(error) == "no disk (at /data). Mount it."
    assert error.detail == {"free": "0"}
    assert str(Unavailable("no disk")).startswith("no disk. ")
    limited = RateLimited("too fast", retry_after_s=1.25, limit="5/1s")
    assert limited.detail == {"retry_after_s": "1.250", "limit": "5/1s"}
