"""The shipped `microprice` models, registered with the ML service and chosen as of a time.

A model is known from the end of its training data. In a replay of an earlier time it is not there
yet, and the version before it answers.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from importlib import resources

from msgspec import Struct

from quantdesk.kernel import Misconfigured, Refused, Unavailable, to_ns
from quantdesk.services.ml import ML, Infer, ModelsQuery, Register

from .features import Vector

NAME = "microprice"
VERSIONS = 2


class Known(Struct, frozen=True):
    """A registered version and since when it can be known."""

    version: int
    known_from_ns: int


class Move(Struct, frozen=True):
    """What the model said. `version` 0: no model could answer."""

    bps: float
    version: int


class Microprice:
    """Asks the newest version that could be known."""

    def __init__(self, ml: ML) -> None:
        self._ml = ml
        self._known: list[Known] = []

    async def start(self) -> None:
        """Register what ships with the package; the same files again are the same versions."""
        registered = {
            info.digest: info for info in (await self._ml.list_models(ModelsQuery())).models
            if info.name == NAME
        }  # fmt: skip
        for number in range(1, VERSIONS + 1):
            onnx, card = shipped(number)
            info = registered.get(hashlib.sha256(onnx).hexdigest())
            if info is None:
                info = await self._ml.register(Register(name=NAME, onnx=onnx, card=card))
            trained_until = card.get("trained_until")
            known_from = to_ns(datetime.fromisoformat(trained_until)) if trained_until else 0
            self._known.append(Known(info.version, known_from))

    async def move(self, vector: Vector) -> Move:
        """The expected move of the mid price in basis points, 0 where no model answers."""
        version = self.version_at(vector.as_of_ns)
        if version == 0:
            return Move(0.0, 0)
        try:
            answer = await self._ml.infer(
                Infer(name=NAME, version=version, rows=[list(vector.values)])
            )
        except (Refused, Unavailable):
            return Move(0.0, 0)  # the other signals go on; the reason says that none answered
        return Move(float(answer.outputs[0][0]), version)

    def version_at(self, as_of_ns: int) -> int:
        """The newest version known by then; 0 if there is none."""
        known = [model.version for model in self._known if model.known_from_ns <= as_of_ns]
        return known[-1] if known else 0


def shipped(number: int) -> tuple[bytes, dict[str, str]]:
    """The file and the card of one shipped version. Raises `Misconfigured` if it is missing."""
    folder = resources.files(__package__) / "models"
    try:
        onnx = (folder / f"{NAME}-{number}.onnx").read_bytes()
        card = json.loads((folder / f"{NAME}-{number}.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Misconfigured(
            f"the shipped model {NAME}-{number} cannot be read: {error}",
            where=str(folder),
            advice="Install quantdesk again.",
        ) from error
    return onnx, dict(card)
