"""A backtest as one HTML file: plots in SVG drawn here, nothing from the network, no script."""

from .page import page, write_report

__all__ = ["page", "write_report"]
