"""The trading engine: one kernel for backtest, paper and live."""
