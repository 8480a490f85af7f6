"""Writes model.onnx from a trained module, and accepts it only after it has read lines like the module itself.

Which of torch's two exporters is right depends on the operators, and both can be silently wrong (a time axis frozen
at the example's width), so each is tried and neither is trusted.
"""

import contextlib
import io
import json
import os
import re
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from baseline.batches import PAPER
from baseline.reader import frames_of, ink_of
from harness.evaluator.decode import best_path
from harness.evaluator.gate import admit
from harness.evaluator.predict import raw_outputs
from harness.nouns import SubmissionError

Image = NDArray[np.uint8]
TOLERANCE = 1e-3
"""The largest difference of a logit that is taken for rounding, as a share of the line's largest logit, or of 1.

Rounding grows with the logits, and training makes them large: 0.0023 was seen where they reach 20.
"""
SAME = 0.999
"""The least share of lines that must read the same; one line may always differ, by a near-tie that rounding turned."""
MAX_BYTES = 2**31
"""No model of a protobuf can be larger; the competition's own limit is its gate's affair."""
EXPORTERS = {False: "dynamo=False, opset 17", True: "dynamo=True, opset 18"}
FREEZERS = ("MultiheadAttention", "TransformerEncoderLayer", "AdaptiveAvgPool2d", "AdaptiveMaxPool2d")
"""Layers with which an exporter is known to keep the example's width for ever."""


class Unfaithful(ValueError):
    """The exported file does not read like the module; the text says how."""


class Reader(nn.Module):
    """The model contract around a module: uint8 (1, height, width), ink dark on white -> logits (1, time, classes).

    As in training, paper follows the line; the steps that belong to it are cut off.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        width = images.shape[2]
        logits: Tensor = self.network(F.pad(ink_of(images).unsqueeze(1), (0, PAPER)))
        return logits[:, : frames_of(width, width + PAPER, logits.shape[1])]


def export(
    network: nn.Module, alphabet: Sequence[str], lines: Sequence[Image], path: Path, trained: bool = True
) -> None:
    """Write `path`, whole or not at all, after it has read `lines` and other widths like the module in float32.

    lines: (height, width) uint8. trained: False for a rehearsal, where near-ties make equal texts too much to ask.
    SystemExit, naming what is most likely at fault, where no exporter makes a faithful file.
    """
    reader = Reader(network).cpu().float().eval()
    failures = []
    for dynamo, name in EXPORTERS.items():
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export-") as folder:
            draft = Path(folder, "model.onnx")
            try:
                _write(reader, lines[0].shape[0], dynamo, draft)
                _finish(draft, alphabet)
                check(reader, draft, alphabet, _widths(lines), trained=False)  # noise is full of near-ties
                check(reader, draft, alphabet, lines, trained)
            except Exception as error:  # exporters and strangers' modules raise anything
                failures.append(f"{name}: {_cause(error)}")
                continue
            os.replace(draft, path)
            return
    raise SystemExit(f"The network cannot be exported to ONNX ({'; '.join(failures)}). {_suspect(reader, failures)}")


def _write(reader: Reader, height: int, dynamo: bool, draft: Path) -> None:
    example = torch.full((1, height, 4 * height + 24), 255, dtype=torch.uint8)
    names = {"input_names": ["images"], "output_names": ["logits"]}
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), torch.no_grad():
        warnings.simplefilter("ignore")
        if dynamo:
            width = {"images": {2: torch.export.Dim.DYNAMIC}}
            torch.onnx.export(
                reader, (example,), str(draft), dynamo=True, opset_version=18, dynamic_shapes=width,
                external_data=False, verbose=False, **names,
            )  # fmt: skip
        else:
            axes = {"images": {2: "width"}, "logits": {1: "time"}}
            torch.onnx.export(
                reader, (example,), str(draft), dynamo=False, opset_version=17, dynamic_axes=axes, **names
            )


def _finish(draft: Path, alphabet: Sequence[str]) -> None:
    """Add the alphabet, and drop what exporters tell of this machine: source lines, paths and stacks of calls."""
    model = onnx.load(str(draft))
    _strip(model.graph)
    model.doc_string = ""
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, {"alphabet": json.dumps(list(alphabet), ensure_ascii=False)})
    with open(draft, "wb") as file:
        file.write(model.SerializeToString(deterministic=True))
        file.flush()
        os.fsync(file.fileno())


def _strip(graph: onnx.GraphProto) -> None:
    graph.doc_string = ""
    del graph.metadata_props[:]
    for value in (*graph.input, *graph.output, *graph.value_info, *graph.initializer):
        value.doc_string = ""
        del value.metadata_props[:]
    for node in graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
        for attribute in node.attribute:
            for inner in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
                _strip(inner)


def _widths(lines: Sequence[Image]) -> list[Image]:
    """Noise at widths that no line may have: the narrowest and the widest line's, and a pixel or so off."""
    height, found = lines[0].shape[0], sorted(line.shape[1] for line in lines)
    random = np.random.default_rng(0)
    wanted = sorted({found[0], found[0] + 1, found[-1] + 7})
    return [random.integers(0, 256, (height, width), np.uint8) for width in wanted]


def check(reader: Reader, path: Path, alphabet: Sequence[str], lines: Sequence[Image], trained: bool = True) -> None:
    """Unfaithful where the file and the module differ on these lines; SubmissionError where the gate refuses it."""
    admit(path, MAX_BYTES, lines[0].shape[0])
    texts = 0
    for line, found in zip(lines, raw_outputs(path, lines), strict=True):
        with torch.no_grad():
            wanted = reader(torch.from_numpy(line[None].copy())).numpy()
        if found.shape != wanted.shape:
            where = f"for a line {line.shape[1]} pixels wide"
            raise Unfaithful(f"{where} the file gives {found.shape} where the network gives {wanted.shape}")
        difference = float(np.abs(found - wanted).max(initial=0.0))
        if not difference <= TOLERANCE * max(1.0, float(np.abs(wanted).max(initial=0.0))):
            raise Unfaithful(f"a logit differs by {difference:.2g} for a line {line.shape[1]} pixels wide")
        texts += best_path(found, alphabet) == best_path(wanted, alphabet)
    if trained and len(lines) - texts > max(1, (1 - SAME) * len(lines)):
        raise Unfaithful(f"{len(lines) - texts} of {len(lines)} lines read differently")


def _cause(error: Exception) -> str:
    reason = error.reason if isinstance(error, SubmissionError) else str(error)
    if isinstance(error, ModuleNotFoundError):
        return f"needs the package {error.name}, which is not installed"
    return (" ".join(reason.split()) or type(error).__name__)[:200].rstrip(".")


def _suspect(reader: Reader, failures: Sequence[str]) -> str:
    """A sentence that names the operator, or else the layer, that is most likely at fault."""
    operator = re.search(r"aten::\w+", failures[0])
    if operator:
        return f"Most likely at fault: the operator {operator[0]}; say it with other operators."
    layers = sorted({type(module).__name__ for module in reader.modules()} & set(FREEZERS))
    if layers:
        return f"Most likely at fault: {', '.join(layers)}, which keeps the example's width; use another layer."
    if re.search(r"differs by|read differently", failures[0]):
        return "Most likely at fault: a layer that onnxruntime computes otherwise; leave layers out until it fits."
    return "Most likely at fault: a shape turned into a Python number in forward; keep sizes symbolic (-1, x.shape[i])."
