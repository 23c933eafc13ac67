"""The embedded planner as a LangChain chat model.

It follows the conventions of one: tools are bound, it answers with tool calls, the results come
back as tool messages, and it makes its answer from them. It plans from the newest human message
only, so nothing that a tool, a memory or a document says can make it act. Importing this module
imports LangChain (about a second): the department does so on the first chat.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from .intents import NAME, VERSION, Plan, Planner

MODEL = f"{NAME}/{VERSION}"


class EmbeddedPlanner(BaseChatModel):
    """Static embeddings, slots, a schema check and abstention. Deterministic, no network.

    `response_metadata` of an answer holds `model_name`, `intent` and `confidence`.
    """

    planner: Planner

    @property
    def _llm_type(self) -> str:
        return NAME

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": MODEL}

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """The model with these tools. It chooses by itself: a forced `tool_choice` is refused."""
        if tool_choice not in {None, "auto"}:
            raise ValueError(f"{MODEL} chooses its tools itself, not {tool_choice!r}")
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002 - of the interface; an answer is one piece
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - of the interface
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._answer(messages, kwargs))])

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002 - of the interface; an answer is one piece
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002 - of the interface
        **kwargs: Any,
    ) -> ChatResult:
        # Here, not in a thread as the base class would: it takes less time than the hand-over.
        return ChatResult(generations=[ChatGeneration(message=self._answer(messages, kwargs))])

    def _answer(self, messages: Sequence[BaseMessage], options: dict[str, Any]) -> AIMessage:
        asked = max(
            (at for at, m in enumerate(messages) if isinstance(m, HumanMessage)), default=-1
        )
        results = [m for m in messages[asked + 1 :] if isinstance(m, ToolMessage)]
        if asked < 0:
            plan = Plan("unsure", reply="Ask me something.")
        else:
            plan = self.planner.plan(str(messages[asked].text), tuple(options.get("markets", ())))
        metadata = {
            "model_name": MODEL, "intent": plan.intent, "confidence": plan.confidence,
        }  # fmt: skip
        if results:
            return AIMessage("\n".join(str(m.text) for m in results), response_metadata=metadata)
        if plan.tool is None:
            return AIMessage(plan.reply, response_metadata=metadata)
        schema = _bound(plan.tool, options.get("tools", ()))
        if schema is None or not fits(plan.arguments, schema):
            said = f"I have no tool here that does this ({plan.tool})."
            return AIMessage(said, response_metadata=metadata)
        call = {
            "name": plan.tool, "args": dict(plan.arguments),
            "id": f"call_{asked}", "type": "tool_call",
        }  # fmt: skip
        return AIMessage("", tool_calls=[call], response_metadata=metadata)


def fits(arguments: dict[str, str], schema: dict[str, Any]) -> bool:
    """Whether arguments satisfy a flat JSON schema of strings."""
    properties = schema.get("properties", {})
    if not set(schema.get("required", ())) <= set(arguments) <= set(properties):
        return False
    for name, value in arguments.items():
        rule = properties[name]
        if "enum" in rule and value not in rule["enum"]:
            return False
        if "pattern" in rule and not re.search(rule["pattern"], value):
            return False
        if len(value) > rule.get("maxLength", len(value)):
            return False
    return True


def _bound(name: str, tools: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    for tool in tools:
        function = tool.get("function", {})
        if function.get("name") == name:
            return dict(function.get("parameters", {}))
    return None
