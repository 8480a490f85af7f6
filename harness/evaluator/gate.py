"""Admits a model.onnx, or refuses it with one sentence (design, section 4). It reads the file and runs none of it.

It opens no onnxruntime session, loads no external data and does not call `onnx.checker`: that is native code over a
stranger's bytes on the side of the wall that has the answers, it has followed links in the past, and the session that
loads the model inside the closed room checks the same rules again.
It does not protect against a model that lies about its output's shape (the judge looks again at every line it reads),
that never ends or wants all memory (the room's limits do), or that does not load (reading it fails).
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto

from harness.evaluator.files import read_once
from harness.evaluator.wire import Malformed, check_fields
from harness.nouns import ModelFacts, SubmissionError

OPSETS = range(13, 24)
STANDARD = ("", "ai.onnx")  # two names of one domain
RANDOM = ("RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Bernoulli", "Multinomial")
FLOATS = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE)
MAX_DEPTH = 24  # protobuf itself gives up at 33; real models nest two or three
MAX_FIELDS = 2_000_000
MAX_ENTRIES = 10_000
MAX_ENTRY_CHARACTERS = 64
# 10,000 entries of 64 characters, each written as two \u escapes of six characters, and some room.
MAX_JSON_CHARACTERS = 8 * 2**20


def admit(path: Path, max_bytes: int, height: int | None = None) -> ModelFacts:
    """What a model that keeps the contract holds; `digest` is of exactly the bytes that were looked at.

    height: the dataset's, in pixels; where it is given, a model made for another fixed height is refused.
    Raises SubmissionError in phase "gate" with a sentence to the participant.
    """
    data = read_once(path, max_bytes, "gate")
    model = _parse(data)
    opset = _opset(model)
    graphs = list(_graphs(model))
    for graph in graphs:
        _check_nodes(graph)
        for tensor in _tensors(graph):
            _check_tensor(tensor)
    alphabet = _alphabet(model)
    _check_input(model.graph, height)
    output = _check_output(model.graph, len(alphabet))
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    return ModelFacts(len(data), _parameters(graphs), opset, output, alphabet, digest)


def _refuse(reason: str) -> SubmissionError:
    return SubmissionError(reason, "gate")


def _quote(name: str) -> str:
    """A stranger's name, short, with what cannot be printed (control characters, direction marks) escaped."""
    return repr(name[:60])


def _parse(data: bytes) -> ModelProto:
    try:
        check_fields(data, ModelProto.DESCRIPTOR, MAX_FIELDS)
        model = ModelProto()
        model.ParseFromString(data)
    except Malformed as error:
        raise _refuse(f"model.onnx is no ONNX model that can be read: {error}; export it again.") from None
    except DecodeError:
        raise _refuse("model.onnx is no ONNX model that can be read: it is damaged; export it again.") from None
    size = model.ByteSize()
    model.DiscardUnknownFields()
    if model.ByteSize() != size:
        # What this reader skips, the one in the room might obey.
        raise _refuse("model.onnx holds fields that this version of ONNX does not know; export it with an older one.")
    if not model.HasField("graph"):
        raise _refuse("model.onnx holds no graph; export the model again.")
    return model


def _opset(model: ModelProto) -> int:
    """The version of the standard operators, after all that stands beside the graph was found absent."""
    if model.functions:
        # No exporter of today leaves one; a function can give a standard operator's name to something else.
        raise _refuse(f"model.onnx holds a function, {_quote(model.functions[0].name)}; inline it when exporting.")
    if model.training_info:
        raise _refuse("model.onnx holds training information; export the model for inference.")
    for imported in model.opset_import:
        if imported.domain not in STANDARD:
            domain = _quote(imported.domain)
            raise _refuse(f"model.onnx imports operators of the domain {domain}; use the standard ones only.")
    if len(model.opset_import) != 1:
        raise _refuse(f"model.onnx names {len(model.opset_import)} opsets; it must name one, the standard domain's.")
    opset = int(model.opset_import[0].version)
    if opset not in OPSETS:
        raise _refuse(f"model.onnx uses opset {opset}; export it with one of {OPSETS[0]} to {OPSETS[-1]}.")
    return opset


def _graphs(model: ModelProto) -> Iterator[GraphProto]:
    """The graph and all graphs inside it (bodies of Loop, If, Scan), to a limited depth."""
    stack = [(model.graph, 0)]
    while stack:
        graph, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise _refuse(f"model.onnx nests more than {MAX_DEPTH} graphs; make its loops and branches flatter.")
        yield graph
        for attribute in _attributes(graph):
            inner = [attribute.g] if attribute.HasField("g") else []
            stack.extend((below, depth + 1) for below in [*inner, *attribute.graphs])


def _attributes(graph: GraphProto) -> Iterator[AttributeProto]:
    for node in graph.node:
        yield from node.attribute


def _check_nodes(graph: GraphProto) -> None:
    for node in graph.node:
        if node.domain not in STANDARD:
            operator = f"{_quote(node.op_type)} of the domain {_quote(node.domain)}"
            raise _refuse(f"model.onnx uses the operator {operator}; use the standard ones only.")
        if node.op_type in RANDOM or _drops(node):
            reason = f"model.onnx uses the random operator {node.op_type}; the same line must always read the same"
            raise _refuse(reason + " (export the model in evaluation mode).")


def _drops(node: NodeProto) -> bool:
    """Whether a Dropout could be in training mode: its third input, wherever it comes from, would say so."""
    return node.op_type == "Dropout" and len(node.input) > 2 and node.input[2] != ""


def _tensors(graph: GraphProto) -> Iterator[TensorProto]:
    """Every tensor that stands in this graph, without those of the graphs inside it."""
    yield from graph.initializer
    sparse = list(graph.sparse_initializer)
    for attribute in _attributes(graph):
        yield from [attribute.t] if attribute.HasField("t") else []
        yield from attribute.tensors
        sparse += [attribute.sparse_tensor] if attribute.HasField("sparse_tensor") else []
        sparse += attribute.sparse_tensors
    for tensor in sparse:
        yield from (tensor.values, tensor.indices)


def _check_tensor(tensor: TensorProto) -> None:
    if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
        name = _quote(tensor.name)
        raise _refuse(f"model.onnx keeps the tensor {name} in another file; save the whole model in one file.")
    if any(size < 0 for size in tensor.dims):
        raise _refuse(f"model.onnx gives the tensor {_quote(tensor.name)} a negative size; export the model again.")


def _parameters(graphs: list[GraphProto]) -> int:
    """Elements of all initializers; those in Constant nodes are not counted."""
    total = 0
    for graph in graphs:
        for tensor in [*graph.initializer, *(sparse.values for sparse in graph.sparse_initializer)]:
            elements = 1
            for size in tensor.dims:
                elements *= size
            total += elements
    return total


def _shape(value: ValueInfoProto) -> tuple[int, list[int | None]]:
    """The element type and the dimensions of a declared tensor, None where one is free; (0, []) where not declared."""
    if not value.type.HasField("tensor_type") or not value.type.tensor_type.HasField("shape"):
        return 0, []
    tensor = value.type.tensor_type
    return tensor.elem_type, [d.dim_value if d.HasField("dim_value") else None for d in tensor.shape.dim]


def _check_input(graph: GraphProto, height: int | None) -> None:
    if [value.name for value in graph.input] != ["images"]:
        found = ", ".join(_quote(value.name) for value in graph.input[:4]) or "none"
        raise _refuse(f"model.onnx must have one input, called 'images'; it has {found}.")
    element, shape = _shape(graph.input[0])
    if element != TensorProto.UINT8 or len(shape) != 3 or shape[0] not in (1, None):
        raise _refuse("The input 'images' must be uint8 (1, height, width); convert and batch inside the model.")
    if shape[2] is not None:
        raise _refuse(f"The input 'images' fixes its width to {shape[2]}; export it with the width free.")
    if shape[1] is not None and (shape[1] < 1 or (height is not None and shape[1] != height)):
        wanted = f"{height} pixels high" if height is not None else "at least one pixel high"
        raise _refuse(f"The input 'images' fixes its height to {shape[1]}, but the lines are {wanted}.")


def _check_output(graph: GraphProto, entries: int) -> Literal["logits", "ids"]:
    names = [value.name for value in graph.output]
    if names == ["logits"]:
        _check_logits(*_shape(graph.output[0]), entries)
        return "logits"
    if names == ["ids"]:
        element, shape = _shape(graph.output[0])
        if element != TensorProto.INT64 or len(shape) != 2 or shape[0] not in (1, None):
            raise _refuse("The output 'ids' must be declared as int64 (1, length).")
        return "ids"
    found = ", ".join(_quote(name) for name in names[:4]) or "none"
    raise _refuse(f"model.onnx must have one output, called 'logits' or 'ids'; it has {found}.")


def _check_logits(element: int, shape: list[int | None], entries: int) -> None:
    if element not in FLOATS or len(shape) != 3 or shape[0] not in (1, None):
        raise _refuse("The output 'logits' must be declared as float (1, time, classes).")
    if shape[2] is not None and shape[2] != entries + 1:
        reason = f"The output 'logits' has {shape[2]} classes, but an alphabet of {entries} entries needs {entries + 1}"
        raise _refuse(reason + " (class 0 is the blank).")


def _alphabet(model: ModelProto) -> tuple[str, ...]:
    found = [entry.value for entry in model.metadata_props if entry.key == "alphabet"]
    if len(found) != 1:
        raise _refuse(f"model.onnx has {len(found)} metadata entries called 'alphabet'; it must have one, a JSON list.")
    # A string that is no UTF-8 comes out of protobuf as bytes.
    if not isinstance(found[0], str) or len(found[0]) > MAX_JSON_CHARACTERS:
        raise _refuse(f"The metadata 'alphabet' must be UTF-8 text of at most {MAX_JSON_CHARACTERS} characters.")
    try:
        entries = json.loads(found[0])
    except (ValueError, RecursionError):
        raise _refuse("The metadata 'alphabet' is no JSON; it must be a JSON list of strings.") from None
    if not isinstance(entries, list) or not 1 <= len(entries) <= MAX_ENTRIES:
        raise _refuse(f"The metadata 'alphabet' must be a JSON list of 1 to {MAX_ENTRIES} strings.")
    if not all(isinstance(entry, str) and 1 <= len(entry) <= MAX_ENTRY_CHARACTERS for entry in entries):
        raise _refuse(f"Each entry of the alphabet must be a string of 1 to {MAX_ENTRY_CHARACTERS} characters.")
    if any("\ud800" <= character <= "\udfff" for entry in entries for character in entry):
        raise _refuse("The alphabet holds half a surrogate pair, which is no character; write the whole character.")
    if len(set(entries)) != len(entries):
        twice = next(entry for i, entry in enumerate(entries) if entry in entries[:i])
        raise _refuse(f"The alphabet holds {_quote(twice)} twice; leave each entry once.")
    return tuple(entries)
