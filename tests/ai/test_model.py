"""The shipped model, measured again on the recordings: the card tells the truth."""

from __future__ import annotations

import importlib.util
import sys
from datetime import datetime
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from quantdesk.departments.ai.model import shipped
from quantdesk.kernel import Seam, to_ns
from quantdesk.services.ml import Infer, Register
from quantdesk.services.ml.onnx import OnnxModels

from .rooms import open_store

pytestmark = [pytest.mark.spec("SVC-5"), pytest.mark.recordings]
TOOL = Path(__file__).parents[2] / "tools" / "train_microprice.py"


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("train_microprice", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


async def test_the_card_is_what_a_new_measurement_finds(
    recordings: Path, tmp_path: Path, seam: Seam
) -> None:
    training = tool()
    samples = training.sample(*training.read(recordings))
    store, door = await open_store(tmp_path, seam)
    models = OnnxModels(door("ml"), seam)
    await models.start()
    onnx, card = shipped(2)
    await models.register(Register(name="microprice", onnx=onnx, card=card))
    unseen = samples.part(samples.known_ns >= to_ns(datetime.fromisoformat(card["trained_until"])))
    answer = await models.infer(Infer(name="microprice", rows=unseen.features.tolist()))
    predicted = np.array(answer.outputs)[:, 0]
    assert training.correlation(predicted, unseen.moves) == pytest.approx(
        float(card["held_out_correlation"]), abs=0.02
    )
    assert training.sign_accuracy(predicted, unseen.moves) == pytest.approx(
        float(card["held_out_sign_accuracy"]), abs=0.02
    )
    # odd: a mirrored market gives the mirrored answer
    mirror = unseen.features.copy()
    both_ways = [training.FEATURES.index(n) for n in ("volatility_bps", "spread_bps")]
    mirror[:, [i for i in range(mirror.shape[1]) if i not in both_ways]] *= -1
    turned = await models.infer(Infer(name="microprice", rows=mirror.tolist()))
    assert np.array(turned.outputs)[:, 0] == pytest.approx(-predicted, abs=1e-5)
    await models.close()
    await store.close()
