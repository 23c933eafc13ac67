"""The metrics' operations as a client sends them: JSON in, JSON out, within a body's bound."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from quantdesk.departments.analytics import analytics
from quantdesk.departments.analytics.figure_messages import CELLS_MAX, SERIES_MAX
from quantdesk.faces.contract import document
from quantdesk.faces.http import HttpCore, HttpRequest
from quantdesk.kernel import Caller, CallerKind, encode

from .conftest import Room

pytestmark = pytest.mark.spec("ANA-5")
ADA = Caller(
    caller_id="ada", kind=CallerKind.PERSON, permissions=frozenset({"analytics.read"}),
    account="ada",
)  # fmt: skip


async def authenticate(_token: str) -> Caller:
    return ADA


async def ready() -> dict[str, str]:
    return {}


async def ask(room: Room, path: str, body: bytes) -> tuple[int, Any]:
    core = HttpCore(
        [analytics.serve(room.department)], authenticate, room.seam, readiness=ready, metrics=str,
        openapi=encode(document([analytics], "1")),
    )  # fmt: skip
    headers = [(b"content-type", b"application/json"), (b"authorization", b"Bearer x")]
    response = await core.handle(
        HttpRequest(method="POST", path=path, query="", body=body, headers=headers)
    )
    return response.status, json.loads(response.body)


async def test_the_longest_series_with_a_benchmark_fits_into_a_body(room: Room) -> None:
    returns, benchmark = np.random.default_rng(1).normal(0.0, 0.01, (2, SERIES_MAX)).tolist()
    body = json.dumps(
        {"periods_per_year": 365, "returns": returns, "benchmark": benchmark, "metrics": ["beta"]}
    ).encode()
    status, reply = await ask(room, "/v1/analytics/metrics", body)
    assert status == 200
    (figure,) = reply["data"]["figures"]
    assert figure["name"] == "beta"
    assert figure["value"] == pytest.approx(
        float(np.cov(returns, benchmark)[0, 1] / np.var(benchmark, ddof=1))
    )


async def test_the_largest_matrix_fits_into_a_body(room: Room) -> None:
    trials = np.random.default_rng(1).normal(0.0, 0.01, (4, CELLS_MAX // 4)).tolist()
    body = json.dumps({"trials": trials, "resamples": 99}).encode()
    status, reply = await ask(room, "/v1/analytics/overfitting", body)
    assert status == 200
    assert all(
        0.0 <= f["value"] <= 1.0 for f in reply["data"]["figures"] if f["unit"] == "probability"
    )


@pytest.mark.parametrize(
    "body",
    [
        b'{"periods_per_year": 252, "returns": [NaN]}',
        b'{"periods_per_year": 252, "returns": [1e999]}',
        b'{"periods_per_year": 252, "returns": ["0.1"]}',
        b'{"periods_per_year": 252, "returns": [-2]}',
        b'{"periods_per_year": 252}',
        b"{}",
    ],
)
async def test_bad_numbers_are_refused(room: Room, body: bytes) -> None:
    status, reply = await ask(room, "/v1/analytics/metrics", body)
    assert (status, reply["code"]) == (400, "invalid_input")
