"""The MCP face of a real desk, asked by the SDK's own client."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from quantdesk.faces.mcp import TOOLS, TOOLS_MAX, offered
from quantdesk.gateways import GATEWAYS
from quantdesk.kernel import Effect, Misconfigured
from quantdesk.policies import ROLES

from .running import PASSWORD, RunningDesk

pytestmark = [pytest.mark.spec("GW-2"), pytest.mark.spec("NEW-8")]
OPERATIONS = {one.id: one for gateway in GATEWAYS for one in gateway.operations.values()}


def test_tools_look_and_propose_and_nothing_else() -> None:
    assert len({tool.name for tool in TOOLS}) == len(TOOLS) <= TOOLS_MAX
    for tool in TOOLS:
        operation = OPERATIONS[tool.operation]
        assert operation.permission in ROLES["agent"]
        assert operation.effect is Effect.READ or operation.id == "ai.recommend"


def test_a_tool_without_its_operation_is_an_error_at_the_start() -> None:
    with pytest.raises(Misconfigured, match="view_market needs"):
        offered([])


@pytest.fixture(scope="module", params=[0, 2], ids=["one process", "two face processes"])
def desk(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[RunningDesk]:
    pytest.importorskip("mcp", reason="the extra quantdesk[mcp] is not installed")
    folder = tmp_path_factory.mktemp("mcp")
    config = folder / "quantdesk.toml"
    config.write_text(f"[http]\nmcp = true\nworkers = {request.param}\n", "utf-8")
    with RunningDesk(folder / "data", extra=("--config", str(config))) as running:
        running.sign_in()
        running.wait_for("/v1/oracle/prices/SOL-USDC")
        yield running


async def _session(desk: RunningDesk, authorization: str, work: Any) -> Any:
    from mcp.client.session import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    headers = {"Authorization": authorization}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=20, trust_env=False) as http,
        streamable_http_client(f"{desk.url}/mcp", http_client=http) as streams,
        ClientSession(streams[0], streams[1]) as session,
    ):
        await session.initialize()
        return await work(session)


async def test_an_agent_looks_and_proposes(desk: RunningDesk) -> None:
    async def work(session: Any) -> None:
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}
        assert set(tools) == {tool.name for tool in TOOLS}
        assert tools["view_market"].annotations.read_only_hint is True
        assert tools["propose_trade"].annotations.read_only_hint is False
        assert tools["view_market"].input_schema["type"] == "object"
        book = await session.call_tool("view_market", {"instrument": "SOL-USDC"})
        assert not book.is_error
        assert book.structured_content["instrument"] == "SOL-USDC"
        portfolio = await session.call_tool("view_portfolio", {})
        assert float(portfolio.structured_content["equity"]) > 0
        proposal = await session.call_tool("propose_trade", {"instrument": "SOL-USDC"})
        assert "recommendation_id" in str(proposal.structured_content)
        wrong = await session.call_tool("order_status", {"order_id": "7"})
        assert wrong.is_error
        assert wrong.structured_content["where"] == "/order_id"
        missing = await session.call_tool("place_order", {})
        assert missing.structured_content["code"] == "not_found"

    await _session(desk, desk.client.headers["Authorization"], work)


async def test_a_viewer_is_not_offered_what_it_may_not_do(desk: RunningDesk) -> None:
    body = {"username": "vera", "password": PASSWORD, "roles": ["viewer"]}
    assert desk.client.post("/v1/identity/users", json=body).status_code == 200
    reply = httpx2.post(
        f"{desk.url}/v1/identity/sessions", json={"username": "vera", "password": PASSWORD}
    )

    async def work(session: Any) -> None:
        names = {tool.name for tool in (await session.list_tools()).tools}
        assert names == {tool.name for tool in TOOLS} - {"propose_trade"}
        hidden = await session.call_tool("propose_trade", {"instrument": "SOL-USDC"})
        assert hidden.is_error
        assert hidden.structured_content["code"] == "not_found"

    await _session(desk, f"Bearer {reply.json()['data']['access_token']}", work)


@pytest.mark.parametrize("authorization", ["", "Bearer x.y.z", "Basic YTpi"])
def test_nobody_comes_in_without_a_token(desk: RunningDesk, authorization: str) -> None:
    reply = httpx2.post(f"{desk.url}/mcp", json={}, headers={"Authorization": authorization})
    assert (reply.status_code, reply.json()["code"]) == (401, "unauthenticated")
    assert reply.headers["www-authenticate"] == "Bearer"


def test_a_desk_without_the_extra_says_so() -> None:
    code = (
        "import sys\n"
        "sys.modules['mcp'] = sys.modules['mcp_types'] = None  # as if they were not installed\n"
        "from quantdesk.kernel import Misconfigured\n"
        "try:\n"
        "    import quantdesk.faces.mcp.server\n"
        "except Misconfigured as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert "quantdesk[mcp]" in done.stdout
