"""Chat: a question, the tools it needs, an answer.

The model proposes tool calls; this loop carries them out with the rights of the agent acting for
the caller, and gives the results back. LangChain is imported with the first question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quantdesk.kernel import Caller, DeskError, NotFound

from . import ChatReply, Recommendation, ToolUse
from .adviser import agent_of
from .embeddings import shared_embedder
from .features import FeatureBook
from .intents import Planner
from .tools import TOOLS, Rooms, Said, run

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, BaseMessage
    from langchain_core.runnables import Runnable

TURNS_MAX = 4
CALLS_MAX = 4
"""Tool calls carried out per turn; a model that wants more gets the first ones answered."""


class ChatAgent:
    """Answers one message at a time; nothing of a conversation is kept."""

    def __init__(self, rooms: Rooms, book: FeatureBook) -> None:
        self._rooms = rooms
        self._book = book
        self._bound: Runnable[Any, AIMessage] | None = None

    async def answer(self, message: str, caller: Caller) -> ChatReply:
        from langchain_core.messages import HumanMessage

        agent = agent_of(caller)
        messages: list[BaseMessage] = [HumanMessage(message)]
        used: list[ToolUse] = []
        proposal: Recommendation | None = None
        for _ in range(TURNS_MAX):
            reply = await self._model().ainvoke(messages, markets=self._book.quoted)
            if not reply.tool_calls:
                break
            messages.append(reply)
            for call in reply.tool_calls[:CALLS_MAX]:
                said, use = await self._carry_out(call["name"], dict(call["args"]), agent)
                used.append(use)
                proposal = said.proposal or proposal
                messages.append(_result(said, call["id"], use))
        return ChatReply(
            reply=str(reply.text),
            model=str(reply.response_metadata.get("model_name", "")),
            confidence=round(float(reply.response_metadata.get("confidence", 0.0)), 6),
            tools=used,
            recommendation=proposal,
        )

    async def _carry_out(
        self, name: str, arguments: dict[str, str], agent: Caller
    ) -> tuple[Said, ToolUse]:
        """A refusal is an answer too: the person learns what was refused and why."""
        try:
            tool = TOOLS.get(name)
            if tool is None:
                raise NotFound(f"there is no tool {name!r}")
            said = await run(tool, self._rooms, agent, arguments)
        except DeskError as error:
            return Said(str(error)), ToolUse(tool=name, arguments=arguments, outcome=error.code)
        return said, ToolUse(tool=name, arguments=arguments, outcome="ok")

    def _model(self) -> Runnable[Any, AIMessage]:
        if self._bound is None:
            from .planner import EmbeddedPlanner

            model = EmbeddedPlanner(planner=Planner(shared_embedder()))
            self._bound = model.bind_tools([tool.schema for tool in TOOLS.values()])
        return self._bound


def _result(said: Said, call_id: str | None, use: ToolUse) -> BaseMessage:
    from langchain_core.messages import ToolMessage

    return ToolMessage(
        said.text,
        tool_call_id=call_id or "",
        name=use.tool,
        status="success" if use.outcome == "ok" else "error",
    )
