"""MCP: task-shaped tools for agents of other makers, over the same doors as every face."""

from .tools import TOOLS, TOOLS_MAX, McpTool, offered

__all__ = ["TOOLS", "TOOLS_MAX", "McpTool", "offered"]
