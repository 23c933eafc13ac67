"""Whatever is sent: an answer of the contract, never a fault of ours."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantdesk.faces.http import HttpRequest
from quantdesk.faces.http.strict_json import check
from quantdesk.kernel import InvalidInput, Seam

from .shop import ITEM, Counter, item

pytestmark = [pytest.mark.spec("BE-3"), pytest.mark.spec("TST-4")]
FUZZ = settings(max_examples=300, deadline=None, derandomize=True, database=None)
FIELDS = [*item(), "kind", "tags", "notes", "weight", "x"]
NAMES = [b"idempotency-key", b"accept", b"authorization"]
START_NS = 1_723_161_254_000_000_000

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=8),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["NaN", "1e999999", "-1", "0", "１", "\x00", "9" * 40, str(ITEM), "1.50"]),
)  # fmt: skip
documents = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as loop:
        yield loop


@pytest.fixture(scope="module")
def shop() -> Counter:
    return Counter(Seam.replay(7, START_NS))


def status_of(runner: asyncio.Runner, shop: Counter, request: HttpRequest) -> int:
    async def ask() -> int:
        response = await shop.core.handle(request)
        if response.events is not None:
            await response.events.aclose()
        return response.status

    return runner.run(ask())


def bearer(shop: Counter) -> tuple[bytes, bytes]:
    return b"authorization", f"Bearer {shop.token}".encode()


@FUZZ
@given(fields=st.dictionaries(st.sampled_from(FIELDS), documents))
def test_any_fields(runner: asyncio.Runner, shop: Counter, fields: dict[str, Any]) -> None:
    request = HttpRequest(
        method="POST",
        path="/v1/shop/items",
        headers=[bearer(shop), (b"content-type", b"application/json")],
        body=json.dumps(item() | fields).encode(),
    )
    assert status_of(runner, shop, request) in {200, 400}


@FUZZ
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "x"]),
    path=st.text(max_size=40) | st.sampled_from(["/v1/shop/items", f"/v1/shop/items/{ITEM}/name"]),
    query=st.text(max_size=40),
    body=st.binary(max_size=60),
)
def test_any_line_and_bytes(
    *, runner: asyncio.Runner, shop: Counter, method: str, path: str, query: str, body: bytes
) -> None:
    headers = [bearer(shop), (b"content-type", b"application/json")]
    request = HttpRequest(method=method, path=path, query=query, headers=headers, body=body)
    assert status_of(runner, shop, request) < 500


@FUZZ
@given(headers=st.lists(st.tuples(st.sampled_from(NAMES), st.binary(max_size=20))))
def test_any_headers(
    runner: asyncio.Runner, shop: Counter, headers: list[tuple[bytes, bytes]]
) -> None:
    request = HttpRequest(method="GET", path="/v1/shop/items", headers=headers)
    assert status_of(runner, shop, request) in {200, 400, 401}


def depth_of(node: Any) -> int:
    if isinstance(node, dict):
        return 1 + max((depth_of(value) for value in node.values()), default=0)
    if isinstance(node, list):
        return 1 + max((depth_of(value) for value in node), default=0)
    return 0


@FUZZ
@given(st.dictionaries(st.text(max_size=4), documents, max_size=4), st.integers(1, 4))
def test_strict_json_refuses_depth_and_nothing_else_in_distinct_keys(
    document: dict[str, Any], depth_max: int
) -> None:
    body = json.dumps(document, allow_nan=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
    if depth_of(document) <= depth_max:
        check(body, depth_max)
    else:
        with pytest.raises(InvalidInput, match="nested deeper"):
            check(body, depth_max)


@FUZZ
@given(st.dictionaries(st.text(max_size=4), documents, min_size=1, max_size=4), st.data())
def test_strict_json_finds_any_repeated_key(document: dict[str, Any], data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(document)))
    pairs = [*document.items(), (key, data.draw(documents))]
    ascii_only = data.draw(st.booleans())
    text = ", ".join(
        f"{json.dumps(name, ensure_ascii=ascii_only)}: {json.dumps(value)}" for name, value in pairs
    )
    with pytest.raises(InvalidInput, match="twice"):
        check(f"{{{text}}}".encode("utf-8", "surrogatepass"), 32)
