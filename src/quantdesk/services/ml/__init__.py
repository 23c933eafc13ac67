"""ML: models by name and version, and their answers. Embedded: ONNX Runtime on the CPU."""

from typing import Annotated, Protocol

from msgspec import Meta, Struct

from quantdesk.kernel import GET, INTERNAL, POST, Effect, Gateway, operation

MODEL_BYTES_MAX = 67_108_864
ROWS_MAX = 4_096
COLUMNS_MAX = 1_024
ModelName = Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9_-]{0,63}\Z")]


class Register(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An ONNX file with one 2-D float input. `card` says what it is and how it was measured."""

    name: ModelName
    onnx: Annotated[bytes, Meta(min_length=1, max_length=MODEL_BYTES_MAX)]
    card: dict[str, str] = {}


class ModelInfo(Struct, frozen=True, kw_only=True):
    """`version` counts from 1; `digest` is the SHA-256 of the file."""

    name: str
    version: int
    digest: str
    inputs: int
    outputs: tuple[str, ...]
    card: dict[str, str]


class Infer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rows of features, in the model's order. The newest version answers unless one is named."""

    name: ModelName
    rows: Annotated[list[list[float]], Meta(min_length=1, max_length=ROWS_MAX)]
    version: Annotated[int, Meta(ge=1)] | None = None


class Inferred(Struct, frozen=True, kw_only=True):
    """One list of numbers per row, from the model's first output."""

    name: str
    version: int
    outputs: list[list[float]]


class FetchModel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One version: what was tested must be what answers later."""

    name: ModelName
    version: Annotated[int, Meta(ge=1)]


class ModelFile(Struct, frozen=True, kw_only=True):
    """`onnx` has the digest of `info`."""

    info: ModelInfo
    onnx: bytes


class ModelsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class Models(Struct, frozen=True, kw_only=True):
    models: list[ModelInfo]


class ML(Protocol):
    """Model registry and inference."""

    @operation(INTERNAL, Effect.REPEATABLE, "ml.register")
    async def register(self, request: Register) -> ModelInfo:
        """Add a version. The same file again is the same version; `CorruptData` if no model."""
        ...

    @operation(POST("/models/{name}/infer"), Effect.READ, "ml.infer")
    async def infer(self, request: Infer) -> Inferred:
        """Run a model over rows of features."""
        ...

    @operation(INTERNAL, Effect.READ, "ml.read")
    async def fetch(self, request: FetchModel) -> ModelFile:
        """Return a version's file, for a part of the desk that must have answers at once."""
        ...

    @operation(GET("/models"), Effect.READ, "ml.read")
    async def list_models(self, request: ModelsQuery) -> Models:
        """List models and versions with their cards."""
        ...


ml = Gateway(ML)

__all__ = [
    "COLUMNS_MAX", "ML", "MODEL_BYTES_MAX", "ROWS_MAX", "FetchModel", "Infer", "Inferred",
    "ModelFile", "ModelInfo", "ModelName", "Models", "ModelsQuery", "Register", "ml",
]  # fmt: skip
