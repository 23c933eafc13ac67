"""What a strategy file is: one file, one strategy, the same in a backtest, on paper and live.

A file holds one subclass of `Strategy`. Its parameters are a `Parameters` struct, typed and
bounded; its modes are the methods it has: `on_wake` (Python, per event), `decide` (orders from the
columns alone) and `on_event` (compiled). `load_strategy` reads such a file.
"""

from .actions import Actions
from .loading import (
    STRATEGY_BYTES_MAX,
    LoadedStrategy,
    ParameterInfo,
    load_source,
    load_strategy,
    read_source,
)
from .models import MODELS_MAX, ModelRef, OnnxPredictor, load_models, model_ref
from .strategy import MODES, Mode, Parameters, Predictor, Strategy

__all__ = [
    "MODELS_MAX", "MODES", "STRATEGY_BYTES_MAX", "Actions", "LoadedStrategy", "Mode", "ModelRef",
    "OnnxPredictor", "ParameterInfo", "Parameters", "Predictor", "Strategy", "load_models",
    "load_source", "load_strategy", "model_ref", "read_source",
]  # fmt: skip
