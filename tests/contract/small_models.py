"""Small ONNX files, made with the `onnx` package."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto, helper, numpy_helper

FLOAT = TensorProto.FLOAT


def _file(
    nodes: list[object], inputs: list[object], outputs: list[object], constants: list[object]
) -> bytes:
    graph = helper.make_graph(nodes, "small", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    data: bytes = model.SerializeToString()
    return data


def _constant(name: str, values: object) -> object:
    return numpy_helper.from_array(np.asarray(values, dtype=np.float32), name)


def linear(weights: list[list[float]], bias: list[float]) -> bytes:
    """answer = rows × weights + bias."""
    columns, answers = len(weights), len(bias)
    return _file(
        [
            helper.make_node("MatMul", ["rows", "weights"], ["product"]),
            helper.make_node("Add", ["product", "bias"], ["answer"]),
        ],
        [helper.make_tensor_value_info("rows", FLOAT, ["n", columns])],
        [helper.make_tensor_value_info("answer", FLOAT, ["n", answers])],
        [_constant("weights", weights), _constant("bias", bias)],
    )


def two_inputs() -> bytes:
    return _file(
        [helper.make_node("Add", ["a", "b"], ["answer"])],
        [helper.make_tensor_value_info(name, FLOAT, ["n", 2]) for name in ("a", "b")],
        [helper.make_tensor_value_info("answer", FLOAT, ["n", 2])],
        [],
    )


def unfixed_width() -> bytes:
    return _file(
        [helper.make_node("Identity", ["rows"], ["answer"])],
        [helper.make_tensor_value_info("rows", FLOAT, ["n", "m"])],
        [helper.make_tensor_value_info("answer", FLOAT, ["n", "m"])],
        [],
    )


def reversed_rows() -> bytes:
    """Gives one row per column: not an answer row by row."""
    return _file(
        [helper.make_node("Transpose", ["rows"], ["answer"], perm=[1, 0])],
        [helper.make_tensor_value_info("rows", FLOAT, ["n", 3])],
        [helper.make_tensor_value_info("answer", FLOAT, [3, "n"])],
        [],
    )
