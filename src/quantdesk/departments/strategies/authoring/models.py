"""The models that a strategy declares, fetched from the ML service by name and version."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from quantdesk.kernel import InvalidInput, to_ns
from quantdesk.services.ml import ML, FetchModel, ModelFile, ModelInfo

from .strategy import Predictor

MODELS_MAX = 8
"""Models of one strategy."""
_REF = re.compile(r"([a-z][a-z0-9_-]{0,63})@([1-9][0-9]{0,8})")


class ModelRef(Struct, frozen=True):
    """A version of a model. There is no "newest": what was tested must be what trades."""

    name: str
    version: int


def model_ref(text: str, *, where: str = "/models") -> ModelRef:
    """`name@version`. Raises `InvalidInput` for anything else."""
    found = _REF.fullmatch(text)
    if found is None:
        raise InvalidInput(
            f"{text[:80]!r} names no version of a model",
            where=where,
            advice="Write name@version, such as book-edge@1.",
        )
    return ModelRef(found.group(1), int(found.group(2)))


class OnnxPredictor:
    """A model in this process."""

    def __init__(self, file: ModelFile) -> None:
        from quantdesk.services.ml.onnx import load

        self.info: ModelInfo = file.info
        self.name, self.version = file.info.name, file.info.version
        self.known_from_ns = _known_from_ns(file.info)
        self._loaded = load(file.onnx)

    def predict(self, rows: Sequence[Sequence[float]]) -> list[list[float]]:
        """One list per row, at most `ROWS_MAX` of them."""
        from quantdesk.services.ml.onnx import checked_rows

        return self._loaded.run(checked_rows(rows, self.info))


def _known_from_ns(info: ModelInfo) -> int:
    try:
        return to_ns(datetime.fromisoformat(info.card["trained_until"]))
    except (KeyError, ValueError, TypeError):  # no card, no time, or a time without its zone
        return 0


async def load_models(ml: ML, models: Mapping[str, ModelRef]) -> dict[str, Predictor]:
    """Every declared model, ready. Raises `NotFound` naming the one that is missing."""
    found: dict[str, Predictor] = {}
    for key, ref in models.items():
        file = await ml.fetch(FetchModel(name=ref.name, version=ref.version))
        found[key] = OnnxPredictor(file)
    return found
