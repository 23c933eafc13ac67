"""Risk mathematics: value at risk, Greeks and margin of a portfolio."""

from .messages import (
    HOLDINGS_MAX,
    OPTIONS_MAX,
    SCENARIOS_MAX,
    SCENARIOS_MIN,
    STRESSES_MAX,
    AssessPortfolio,
    CollateralBalance,
    IncrementalRisk,
    LiquidationLevel,
    MarginFigures,
    MarginRate,
    MarginTerms,
    OptionGreeks,
    OptionHolding,
    PortfolioRisk,
    ReturnSeries,
    RiskHolding,
    Stress,
    TailRisk,
    ValidateVar,
    VarTest,
    VarTests,
)

__all__ = [
    "HOLDINGS_MAX", "OPTIONS_MAX", "SCENARIOS_MAX", "SCENARIOS_MIN", "STRESSES_MAX",
    "AssessPortfolio", "CollateralBalance", "IncrementalRisk", "LiquidationLevel",
    "MarginFigures", "MarginRate", "MarginTerms", "OptionGreeks", "OptionHolding",
    "PortfolioRisk", "ReturnSeries", "RiskHolding", "Stress", "TailRisk", "ValidateVar",
    "VarTest", "VarTests",
]  # fmt: skip
