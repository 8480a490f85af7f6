"""Small models that keep the contract, and how to break each of its rules; made with `onnx.helper`, nothing trained."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

ALPHABET = ("a", "b", "c")
Shape = Sequence[int | str | None]


def value(name: str, kind: int = TensorProto.FLOAT, shape: Shape | None = None) -> Any:
    """A declared input or output."""
    return helper.make_tensor_value_info(name, kind, shape)


def images(kind: int = TensorProto.UINT8, shape: Shape = (1, 4, "width")) -> Any:
    return value("images", kind, shape)


def logits(shape: Shape = (1, "time", 4), kind: int = TensorProto.FLOAT) -> Any:
    return value("logits", kind, shape)


def graph(nodes: Sequence[NodeProto], output: Any, weights: Sequence[TensorProto] = ()) -> GraphProto:
    return helper.make_graph(list(nodes), "g", [images()], [output], initializer=list(weights))


def model(made: GraphProto, alphabet: object = ALPHABET, opset: int = 17) -> ModelProto:
    """A model of this graph whose metadata hold the alphabet as JSON (a str is taken as it is, None is left out)."""
    built = helper.make_model(made, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    if alphabet is not None:
        text = alphabet if isinstance(alphabet, str) else json.dumps(alphabet)
        helper.set_model_props(built, {"alphabet": text})
    return built


def weight(name: str, array: Any) -> TensorProto:
    return numpy_helper.from_array(np.asarray(array), name)


def picks(extra: Sequence[NodeProto] = (), last: str = "scores") -> GraphProto:
    """A model that can be read by eye: column x of the top row names the class, so [1, 0, 2] reads "ab".

    extra: nodes between `scores` (1, width, 4) float and `last`, which becomes the output.
    """
    nodes = [
        helper.make_node("Gather", ["images", "top"], ["row"], axis=1),
        helper.make_node("Cast", ["row"], ["classes"], to=TensorProto.INT64),
        helper.make_node("OneHot", ["classes", "depth", "off_on"], ["scores"], axis=-1),
        *extra,
        helper.make_node("Identity", [last], ["logits"]),
    ]
    weights = [weight("top", np.int64(0)), weight("depth", np.int64(4)), weight("off_on", np.float32([0, 1]))]
    return graph(nodes, logits(), weights)


def spells() -> GraphProto:
    """A model whose ids are the pixels of the top row less 1, so that it can also say -1."""
    nodes = [
        helper.make_node("Gather", ["images", "top"], ["row"], axis=1),
        helper.make_node("Cast", ["row"], ["numbers"], to=TensorProto.INT64),
        helper.make_node("Sub", ["numbers", "one"], ["ids"]),
    ]
    output = value("ids", TensorProto.INT64, (1, "length"))
    return graph(nodes, output, [weight("top", np.int64(0)), weight("one", np.int64(1))])


def save(built: ModelProto, folder: Path) -> Path:
    path = folder / "model.onnx"
    path.write_bytes(built.SerializeToString())
    return path


def image(*top: int, height: int = 4) -> Any:
    """(height, len(top)) uint8 whose top row is `top`."""
    line = np.zeros((height, len(top)), np.uint8)
    line[0] = top
    return line
