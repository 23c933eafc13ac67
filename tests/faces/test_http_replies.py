"""What goes out: the envelope, problems, security headers, tokens, and the desk's own pages."""

from __future__ import annotations

import json
import re
from datetime import datetime
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from quantdesk.faces.contract import ALL_ERRORS
from quantdesk.faces.http.pages import is_loopback
from quantdesk.kernel import CATALOGUE, Caller, ManualClock, Seam, utc
from quantdesk.policies import ROLES

from .shop import CANARY, ITEM, Counter

pytestmark = pytest.mark.spec("BE-4")
PROBLEM = {
    "type", "title", "status", "detail", "instance", "code", "where", "advice", "details",
    "request_id", "trace_id",
}  # fmt: skip


class TestReplies:
    @pytest.mark.spec("STD-6", "STD-8")
    async def test_data_and_meta(self, counter: Counter, seam: Seam) -> None:
        answer = await counter.put()
        assert set(answer.json) == {"data", "meta"}
        assert answer.data == {
            "item_id": str(ITEM), "name": "green tea", "price": "3.5", "owner": "ada", "puts": 1,
        }  # fmt: skip
        meta = answer.json["meta"]
        assert set(meta) == {"request_id", "timestamp"}
        assert UUID(meta["request_id"]).version == 7
        assert meta["timestamp"].endswith("Z")
        assert datetime.fromisoformat(meta["timestamp"]) == utc(seam.now_ns())
        assert answer.headers["x-request-id"] == meta["request_id"]
        assert answer.headers["content-type"] == "application/json"
        assert int(answer.headers["content-length"]) == len(answer.response.body)

    async def test_nothing_is_cached_framed_or_told_about_the_server(
        self, counter: Counter
    ) -> None:
        good = await counter.ask("GET", "/v1/shop/items")
        bad = await counter.ask("GET", "/v1/shop/items?x=1")
        for answer in (good, bad):
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["x-frame-options"] == "DENY"
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert not {"server", "access-control-allow-origin"} & set(answer.headers)

    async def test_cors_is_closed(self, counter: Counter) -> None:
        headers = [("origin", "https://evil.example"), ("access-control-request-method", "POST")]
        preflight = await counter.ask("OPTIONS", "/v1/shop/items", token=None, headers=headers)
        assert preflight.status == 405
        assert not [name for name in preflight.headers if name.startswith("access-control")]

    @pytest.mark.spec("NEW-2")
    async def test_a_replay_answers_the_same_bytes(self) -> None:
        async def run() -> list[bytes]:
            counter = Counter(Seam.replay(3, 10**18))
            answers = [await counter.put(), await counter.ask("GET", "/v1/shop/items?x=1")]
            return [answer.response.body for answer in answers]

        assert await run() == await run()


class TestProblems:
    @pytest.mark.spec("STD-4", "FE-4")
    @pytest.mark.parametrize("code", sorted(set(CATALOGUE) - {"desk_error"}))
    async def test_every_error_of_the_catalogue(self, counter: Counter, code: str) -> None:
        answer = await counter.ask("GET", f"/v1/shop/failures/{code}")
        kind = CATALOGUE[code]
        assert answer.status == kind.status == answer.json["status"]
        assert answer.headers["content-type"] == "application/problem+json"
        assert set(answer.json) == PROBLEM
        assert answer.code == code
        assert answer.json["type"] == f"/docs#{code}"
        assert answer.json["request_id"] == answer.headers["x-request-id"]
        assert answer.json["instance"] == f"urn:uuid:{answer.json['request_id']}"
        assert answer.json["advice"]
        if code == "rate_limited":
            assert answer.headers["retry-after"] == "3"
            assert answer.json["details"]["retry_after_s"] == "2.100"
        elif code != "internal":
            assert answer.json["detail"] == "it failed"
            assert answer.json["where"] == "/code"
            assert answer.json["details"] == {"limit": "5"}
        if code == "unauthenticated":
            assert answer.headers["www-authenticate"] == "Bearer"

    async def test_a_defect_is_logged_once_and_told_to_nobody(self, counter: Counter) -> None:
        with capture_logs() as logs:
            answer = await counter.ask("GET", "/v1/shop/broken")
        assert (answer.status, answer.code) == (500, "internal")
        assert CANARY not in answer.response.body.decode()
        (entry,) = logs
        assert entry["request_id"] == answer.json["request_id"]
        assert entry["operation"] == "shop.broken"
        assert entry["error"] == "RuntimeError"
        assert any("in broken" in frame or " broken" in frame for frame in entry["frames"])
        # The operation is confidential: its message may repeat what it was sent.
        assert CANARY not in json.dumps(entry, default=str)
        assert counter.token not in json.dumps(entry, default=str)

    async def test_a_refusal_is_not_logged(self, counter: Counter) -> None:
        with capture_logs() as logs:
            await counter.ask("GET", "/v1/shop/items?x=1")
            await counter.ask("GET", "/v1/shop/failures/unavailable")
        assert logs == []

    async def test_an_authenticator_that_fails_is_a_defect_too(self, seam: Seam) -> None:
        class Failing(Counter):
            async def authenticate(self, token: str) -> Caller:
                raise KeyError(token)

        counter = Failing(seam)
        with capture_logs():
            answer = await counter.ask("GET", "/v1/shop/items")
        assert (answer.status, answer.code) == (500, "internal")
        assert counter.token not in answer.response.body.decode()


class TestTokens:
    """The attacks on the token itself are in tests/identity/test_identity_tokens.py."""

    @pytest.mark.spec("BE-1")
    @pytest.mark.parametrize(
        "value",
        ["Bearer", "Bearer ", "Basic YWRhOmFkYQ==", "Token x", "Bearer x", "bearer a.b.c", "é", ""],
    )
    async def test_garbage_is_refused(self, counter: Counter, value: str) -> None:
        headers = [("authorization", value)]
        answer = await counter.ask("GET", "/v1/shop/items", token=None, headers=headers)
        assert (answer.status, answer.code) == (401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"

    async def test_nobody_is_told_to_sign_in_and_a_viewer_that_it_may_not(
        self, counter: Counter
    ) -> None:
        answer = await counter.ask("GET", "/v1/shop/items", token=None)
        assert (answer.status, answer.code) == (401, "unauthenticated")
        viewer = counter.token_of("vic", "viewer")
        assert (await counter.ask("GET", "/v1/shop/items", token=viewer)).status == 200
        answer = await counter.ask("DELETE", f"/v1/shop/items/{ITEM}", token=viewer)
        assert (answer.status, answer.code) == (403, "forbidden")
        assert "trading.place" in answer.json["advice"]
        assert "trading.place" not in ROLES["viewer"]

    async def test_a_public_operation_does_not_look_at_tokens(self, counter: Counter) -> None:
        # Whoever signs in again may still carry the token that has just expired.
        answer = await counter.ask("GET", "/v1/shop/ping", token="stale")
        assert answer.data == {"caller": "anonymous"}

    async def test_a_token_works_until_it_expires_or_its_session_ends(
        self, counter: Counter, seam: Seam
    ) -> None:
        token = counter.token_of("bob", "viewer")
        assert (await counter.ask("GET", "/v1/shop/items", token=token)).status == 200
        caller = counter.tokens.caller(token)
        counter.tokens.revoke(str(caller.session_id), seam.now_ns() + 10**12)
        assert (await counter.ask("GET", "/v1/shop/items", token=token)).status == 401
        assert isinstance(seam.clock, ManualClock)
        seam.clock.advance_to(seam.now_ns() + 600 * 10**9)
        answer = await counter.ask("GET", "/v1/shop/items")
        assert (answer.status, answer.json["detail"]) == (401, "the access token has expired")


@pytest.mark.spec("BE-2")
async def test_a_limit_says_when_to_come_again(counter: Counter, seam: Seam) -> None:
    for _ in range(3):
        assert (await counter.ask("GET", "/v1/shop/ping", token=None)).status == 200
    answer = await counter.ask("GET", "/v1/shop/ping", token=None)
    assert (answer.status, answer.code) == (429, "rate_limited")
    assert isinstance(seam.clock, ManualClock)
    seam.clock.advance_to(seam.now_ns() + int(answer.headers["retry-after"]) * 10**9)
    assert (await counter.ask("GET", "/v1/shop/ping", token=None)).status == 200


class TestPages:
    async def test_live_and_ready(self, counter: Counter) -> None:
        assert (await counter.ask("GET", "/livez", token=None)).json == {"live": True}
        ready = await counter.ask("GET", "/readyz", token=None)
        assert ready.status == 200
        assert ready.json == {
            "ready": True,
            "parts": [{"part": "database", "state": "ok"}, {"part": "stream", "state": "ok"}],
        }
        counter.states["stream"] = "the disk is full"
        ready = await counter.ask("GET", "/readyz", token=None)
        assert ready.status == 503
        assert ready.json["ready"] is False
        assert {"part": "stream", "state": "the disk is full"} in ready.json["parts"]
        assert (await counter.ask("GET", "/livez", token=None)).status == 200

    async def test_readiness_that_cannot_be_told_is_no_readiness(self, seam: Seam) -> None:
        class Failing(Counter):
            async def readiness(self) -> dict[str, str]:
                raise RuntimeError(CANARY)

        answer = await Failing(seam).ask("GET", "/readyz", token=None)
        assert answer.status == 503
        assert CANARY not in answer.response.body.decode()

    @pytest.mark.spec("MON-1")
    async def test_metrics_are_for_this_machine(self, counter: Counter) -> None:
        await counter.put()
        for peer in (None, "127.0.0.1", "::1", "::ffff:127.0.0.1"):
            answer = await counter.ask("GET", "/metrics", token=None, peer=peer)
            assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
            text = answer.response.body.decode()
            assert 'count{gateway="shop",operation="put_item"} 1' in text
        answer = await counter.ask("GET", "/metrics", token=None, peer="192.0.2.7")
        assert (answer.status, answer.code) == (403, "forbidden")

    @pytest.mark.parametrize("peer", ["10.0.0.1", "::ffff:10.0.0.1", "localhost", "", "::2"])
    def test_what_is_not_this_machine(self, peer: str) -> None:
        assert not is_loopback(peer)

    @pytest.mark.spec("STD-3")
    async def test_the_contract_is_served_as_it_is(self, counter: Counter) -> None:
        answer = await counter.ask("GET", "/v1/openapi.json", token=None)
        assert answer.json["info"]["version"] == "1.2.3"
        assert "/v1/shop/items" in answer.json["paths"]
        headers = [("if-none-match", answer.headers["etag"])]
        again = await counter.ask("GET", "/v1/openapi.json", token=None, headers=headers)
        assert (again.status, again.response.body) == (304, b"")

    @pytest.mark.spec("STD-3")
    @pytest.mark.parametrize("path", ["/", "/docs"])
    async def test_the_pages_need_nothing_from_elsewhere(self, counter: Counter, path: str) -> None:
        answer = await counter.ask("GET", path, token=None)
        html = answer.response.body.decode()
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert not re.findall(r"(?:src|href|action)=['\"](?:https?:)?//", html)
        assert not re.findall(r"url\(|@import|<link|<iframe|<img", html)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"\son\w+=|javascript:|style=", html)

    async def test_the_inline_style_and_script_are_the_ones_the_policy_names(
        self, counter: Counter
    ) -> None:
        import base64
        import hashlib

        answer = await counter.ask("GET", "/docs", token=None)
        html, policy = answer.response.body.decode(), answer.headers["content-security-policy"]
        for tag in ("style", "script"):
            (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"{tag}-src 'sha256-{digest}'" in policy

    async def test_the_docs_page_lists_every_operation_and_every_code(
        self, counter: Counter
    ) -> None:
        html = (await counter.ask("GET", "/docs", token=None)).response.body.decode()
        for operation in counter.gateway.operations.values():
            shown = f"shop_{operation.name}'" in html
            assert shown is (operation.route is not None), operation.name
        for code in set(ALL_ERRORS) - {"desk_error"}:
            assert f"id='{code}'" in html
