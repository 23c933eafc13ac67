"""Schedules: one order cut into slices over time, with what that is expected to cost."""

from .messages import SLICES_MAX, CostModel, ExecutionSchedule, PlanSchedule, ScheduleSlice

__all__ = ["SLICES_MAX", "CostModel", "ExecutionSchedule", "PlanSchedule", "ScheduleSlice"]
