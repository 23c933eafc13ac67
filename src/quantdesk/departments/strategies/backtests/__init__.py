"""Backtests: a strategy file over recordings, on the same kernel as paper and live."""
