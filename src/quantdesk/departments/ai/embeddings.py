"""Words as vectors: the static embeddings that the `wordllama` package carries, read directly.

Importing `wordllama` would load its trainers and its `load()` asks a hub for a tokenizer, which
fails without a network; the two files inside it are all that is needed.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from quantdesk.kernel import CorruptData, Misconfigured

Float32s = NDArray[np.float32]

MODEL = "wordllama-l2-supercat-256"
DIMENSIONS = 256
_TOKENIZER = Path("tokenizers") / "l2_supercat_tokenizer_config.json"
_WEIGHTS = Path("weights") / "l2_supercat_256.safetensors"


class Embedder:
    """Text → one unit vector: the mean of its tokens' vectors."""

    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        try:
            self._tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER))
            self._table: NDArray[np.float16] = load_file(folder / _WEIGHTS)["embedding.weight"]
        except Exception as error:  # the readers raise their own types; none tells which file
            raise CorruptData(
                f"the embedding files cannot be read: {error}",
                where=str(folder),
                advice="Install the package wordllama again.",
            ) from error
        self._tokenizer.no_truncation()

    def embed(self, text: str) -> Float32s:
        """256 numbers of length one; all zero for a text without tokens."""
        ids = self._tokenizer.encode(text, add_special_tokens=False).ids
        if not ids:
            return np.zeros(DIMENSIONS, np.float32)
        vector = self._table[ids].astype(np.float32).sum(axis=0)
        length = np.sqrt(np.einsum("i,i->", vector, vector))
        unit: Float32s = vector / length if length > 0 else vector
        return unit


@cache
def shared_embedder() -> Embedder:
    """The one of this process: 16 MB of read-only vectors. Raises `Misconfigured` without them."""
    found = importlib.util.find_spec("wordllama")  # finds the folder without importing it
    if found is None or not found.submodule_search_locations:
        raise Misconfigured(
            "the package wordllama is not installed",
            advice="Install quantdesk again: it brings the embeddings MIKEY plans with.",
        )
    return Embedder(Path(found.submodule_search_locations[0]))
