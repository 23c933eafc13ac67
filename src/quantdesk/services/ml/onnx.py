"""Models on ONNX Runtime: kept in the database, run on one CPU thread.

One thread per model and no spinning: a small model is done before a second thread would have
begun, and a sum taken in one order is the same in every replay.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from typing import cast

import numpy as np
import onnxruntime as ort
from msgspec import Struct

from quantdesk.kernel import (
    Conflict,
    CorruptData,
    InvalidInput,
    NotFound,
    Refused,
    Seam,
    Unavailable,
    decode,
    encode,
)
from quantdesk.services.database import Database, Migrate, Query, Statement, Write

from . import (
    COLUMNS_MAX,
    MODEL_BYTES_MAX,
    ROWS_MAX,
    FetchModel,
    Infer,
    Inferred,
    ModelFile,
    ModelInfo,
    Models,
    ModelsQuery,
    Register,
)

SESSIONS_MAX = 16
VERSIONS_MAX = 1_000
FRESH_NS = 1_000_000_000
CARD_BYTES_MAX = 65_536
DIRECT_ROWS_MAX = 256
"""Up to so many rows are computed on the event loop; more go to a thread."""

_STEPS = (
    """
    CREATE TABLE ml_models (
        name TEXT NOT NULL,
        version INTEGER NOT NULL,
        digest TEXT NOT NULL,
        inputs INTEGER NOT NULL,
        outputs BLOB NOT NULL,
        card BLOB NOT NULL,
        onnx BLOB NOT NULL,
        registered_ns INTEGER NOT NULL,
        PRIMARY KEY (name, version),
        UNIQUE (name, digest)
    )
    """,
)
Table = np.ndarray[tuple[int, ...], np.dtype[np.float32]]
_ROW_PER_ROW = "Register a model whose first output has one row per input row."
_INFO = "SELECT name, version, digest, inputs, outputs, card FROM ml_models"


class Loaded(Struct, frozen=True, eq=False):
    """A model ready to run: its first input and first output are the ones used."""

    session: ort.InferenceSession
    input: str
    inputs: int
    output: str
    outputs: tuple[str, ...]

    def run(self, rows: Table) -> list[list[float]]:
        """One list per row. Raises `Refused` where the model gives no finite number."""
        numbers = self.numbers(rows)
        if not np.isfinite(numbers).all():
            raise Refused(
                "the model's answer is not a finite number",
                advice="Look at the rows, or answer with another version.",
            )
        answer: list[list[float]] = numbers.tolist()
        return answer

    def numbers(self, rows: Table) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        try:
            (found,) = self.session.run([self.output], {self.input: rows})
            numbers = np.asarray(found, dtype=np.float64)
        except Exception as error:
            reason = str(error).split("\n", 1)[0]
            raise Refused(f"the model cannot answer: {reason}", advice=_ROW_PER_ROW) from error
        if numbers.ndim not in {1, 2} or len(numbers) != len(rows):
            raise Refused("the model does not answer row by row", advice=_ROW_PER_ROW)
        return numbers.reshape(len(rows), -1)


def load(onnx: bytes) -> Loaded:
    """Open a model. Raises `CorruptData` if the bytes are none, `InvalidInput` if its shape does
    not fit (one input, float32, two dimensions, the second fixed), `Refused` if it does not
    answer row by row."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4  # errors are raised; they need not be printed as well
    try:
        session = ort.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        reason = str(error).split("\n", 1)[0]
        raise CorruptData(
            f"this is not an ONNX model: {reason}",
            where="/onnx",
            advice="Export the model again and check the file with `onnx.checker`.",
        ) from error
    taken, given = session.get_inputs(), session.get_outputs()
    shape = taken[0].shape if taken else []
    if len(taken) != 1 or taken[0].type != "tensor(float)" or len(shape) != 2:
        raise InvalidInput("a model has one input of float32 in two dimensions", where="/onnx")
    if type(shape[1]) is not int or not 1 <= shape[1] <= COLUMNS_MAX:
        raise InvalidInput(
            f"a model has a fixed number of columns, 1 to {COLUMNS_MAX}", where="/onnx"
        )
    loaded = Loaded(
        session, taken[0].name, shape[1], given[0].name, tuple(output.name for output in given)
    )
    loaded.numbers(np.zeros((2, loaded.inputs), dtype=np.float32))
    return loaded


class OnnxModels:
    """The registry and its sessions. At most `sessions_max` models are held ready, the ones used
    last; at `versions_max` versions in all, `register` raises `Unavailable`. `shared`: other
    instances register in the same tables."""

    def __init__(
        self,
        database: Database,
        seam: Seam,
        *,
        sessions_max: int = SESSIONS_MAX,
        versions_max: int = VERSIONS_MAX,
        shared: bool = False,
    ) -> None:
        self._database = database
        self._shared = shared
        self._read_ns = 0
        self._seam = seam
        self._sessions_max = sessions_max
        self._versions_max = versions_max
        self._infos: dict[str, list[ModelInfo]] = {}
        self._loaded: dict[tuple[str, int], Loaded] = {}
        self._registering = asyncio.Lock()

    async def start(self) -> None:
        """Read the registry; models are loaded when they are first used."""
        await self._database.migrate(Migrate(room="ml", steps=_STEPS))
        await self._read_registry()

    async def _read_registry(self) -> None:
        """What is registered, by whichever instance."""
        self._read_ns = self._seam.now_ns()
        found = await self._database.query(Query(sql=f"{_INFO} ORDER BY name, version"))
        infos: dict[str, list[ModelInfo]] = {}
        for row in cast(list[tuple[str, int, str, int, bytes, bytes]], found.rows):
            name, version, digest, inputs, outputs, card = row
            info = ModelInfo(
                name=name,
                version=version,
                digest=digest,
                inputs=inputs,
                outputs=decode(outputs, tuple[str, ...]),
                card=decode(card, dict[str, str]),
            )
            infos.setdefault(name, []).append(info)
        self._infos = infos

    async def _look_again(self, name: str, version: int | None) -> None:
        """Where several instances share the registry, what this one read may be old: what it does
        not know, and after `FRESH_NS` which version is the newest."""
        known = len(self._infos.get(name, ()))
        old = self._seam.now_ns() - self._read_ns >= FRESH_NS
        if known == 0 or (version or 0) > known or (version is None and old):
            await self._read_registry()

    async def close(self) -> None:
        """Let go of the sessions."""
        self._loaded.clear()

    async def register(self, request: Register) -> ModelInfo:
        card = encode(request.card)
        if len(request.onnx) > MODEL_BYTES_MAX or len(card) > CARD_BYTES_MAX:
            raise InvalidInput(
                f"a model has at most {MODEL_BYTES_MAX} bytes and its card {CARD_BYTES_MAX}",
                where="/onnx" if len(card) <= CARD_BYTES_MAX else "/card",
            )
        digest = hashlib.sha256(request.onnx).hexdigest()
        async with self._registering:  # versions are counted one by one
            if self._shared:
                await self._read_registry()
            known = self._infos.get(request.name, [])
            for info in known:
                if info.digest == digest:
                    return info
            if sum(map(len, self._infos.values())) >= self._versions_max:
                raise Unavailable(f"the registry has {self._versions_max} versions, its most")
            loaded = await asyncio.to_thread(load, request.onnx)
            info = ModelInfo(
                name=request.name,
                version=len(known) + 1,
                digest=digest,
                inputs=loaded.inputs,
                outputs=loaded.outputs,
                card=request.card,
            )
            try:
                await self._store(info, request.onnx, card)
            except Conflict:
                return await self._registered_by_another(request.name, digest)
            self._infos.setdefault(request.name, []).append(info)
            self._hold(info, loaded)
            return info

    async def _registered_by_another(self, name: str, digest: str) -> ModelInfo:
        """Another instance was faster, perhaps with this very model."""
        await self._read_registry()
        for info in self._infos.get(name, ()):
            if info.digest == digest:
                return info
        raise Unavailable(f"another version of {name!r} was registered just now")

    async def _store(self, info: ModelInfo, onnx: bytes, card: bytes) -> None:
        values = (
            info.name, info.version, info.digest, info.inputs, encode(info.outputs), card, onnx,
            self._seam.now_ns(),
        )  # fmt: skip
        sql = (
            "INSERT INTO ml_models"
            " (name, version, digest, inputs, outputs, card, onnx, registered_ns)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        )
        await self._database.write(Write(statements=(Statement(sql, values),)))

    async def infer(self, request: Infer) -> Inferred:
        if self._shared:
            await self._look_again(request.name, request.version)
        info = self._info(request.name, request.version)
        rows = checked_rows(request.rows, info)
        loaded = self._loaded.get((info.name, info.version)) or await self._load(info)
        self._hold(info, loaded)
        if len(rows) <= DIRECT_ROWS_MAX:
            outputs = loaded.run(rows)
        else:
            outputs = await asyncio.to_thread(loaded.run, rows)
        return Inferred(name=info.name, version=info.version, outputs=outputs)

    async def list_models(self, request: ModelsQuery) -> Models:  # noqa: ARG002 - the port's signature
        if self._shared:
            await self._read_registry()
        return Models(models=[info for name in sorted(self._infos) for info in self._infos[name]])

    def _info(self, name: str, version: int | None) -> ModelInfo:
        versions = self._infos.get(name)
        if not versions:
            raise NotFound(f"there is no model {name!r}", where="/name")
        if version is None:
            return versions[-1]
        if not 1 <= version <= len(versions):
            raise NotFound(f"model {name!r} has no version {version}", where="/version")
        return versions[version - 1]

    async def fetch(self, request: FetchModel) -> ModelFile:
        if self._shared:
            await self._look_again(request.name, request.version)
        info = self._info(request.name, request.version)
        return ModelFile(info=info, onnx=await self._file(info))

    async def _load(self, info: ModelInfo) -> Loaded:
        return await asyncio.to_thread(load, await self._file(info))

    async def _file(self, info: ModelInfo) -> bytes:
        found = await self._database.query(
            Query(
                sql="SELECT onnx FROM ml_models WHERE name = ? AND version = ?",
                params=(info.name, info.version),
            )
        )
        onnx = cast(bytes, found.rows[0][0])
        if hashlib.sha256(onnx).hexdigest() != info.digest:
            raise CorruptData(
                "the stored model is not the one that was registered",
                where=f"{info.name} version {info.version}",
            )
        return onnx

    def _hold(self, info: ModelInfo, loaded: Loaded) -> None:
        """Keep a session ready; the one not used for longest makes room."""
        key = (info.name, info.version)
        self._loaded.pop(key, None)
        self._loaded[key] = loaded
        if len(self._loaded) > self._sessions_max:
            del self._loaded[next(iter(self._loaded))]


def checked_rows(rows: Sequence[Sequence[float]], info: ModelInfo) -> Table:
    """The rows as float32. Raises `InvalidInput` naming the first that does not fit."""
    if not 1 <= len(rows) <= ROWS_MAX:
        raise InvalidInput(f"a call has 1 to {ROWS_MAX} rows", where="/rows")
    for index, row in enumerate(rows):
        if len(row) != info.inputs:
            raise InvalidInput(
                f"{info.name} takes {info.inputs} numbers a row, got {len(row)}",
                where=f"/rows/{index}",
                advice="Send the features that the model was trained on, in its order.",
            )
    with np.errstate(over="ignore"):  # what overflows float32 becomes infinite, and is refused
        table = np.asarray(rows, dtype=np.float64).astype(np.float32)
    finite = np.isfinite(table).all(axis=1)
    if not finite.all():
        raise InvalidInput(
            "a feature is not a finite float32 number",
            where=f"/rows/{int(np.argmin(finite))}",
            advice="Fill the missing feature or leave the row out.",
        )
    return table
