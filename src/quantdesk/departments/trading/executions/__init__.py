"""Executions: an order worked off in slices by ordinary orders, with what that cost."""

from .messages import (
    EXECUTIONS_LIVE_MAX,
    EXECUTIONS_PAGE_MAX,
    EXECUTIONS_PER_ACCOUNT_MAX,
    Algorithm,
    BeginExecution,
    CancelExecution,
    ExecutedRoute,
    Execution,
    ExecutionBenchmark,
    ExecutionReport,
    Executions,
    ExecutionSlice,
    ExecutionsQuery,
    ExecutionState,
    GetExecution,
    ParentExecution,
    SliceOrder,
    WatchExecutions,
)
from .protocol import Executing
from .shortfall import measure_shortfall
from .shortfall_messages import ImplementationShortfall, MeasureShortfall, ShortfallFill

__all__ = [
    "EXECUTIONS_LIVE_MAX", "EXECUTIONS_PAGE_MAX", "EXECUTIONS_PER_ACCOUNT_MAX", "Algorithm",
    "BeginExecution", "CancelExecution", "ExecutedRoute", "Executing", "Execution",
    "ExecutionBenchmark", "ExecutionReport", "ExecutionSlice", "ExecutionState", "Executions",
    "ExecutionsQuery", "GetExecution", "ImplementationShortfall", "MeasureShortfall",
    "ParentExecution", "ShortfallFill", "SliceOrder", "WatchExecutions", "measure_shortfall",
]  # fmt: skip
