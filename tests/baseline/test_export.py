"""Only a file that reads like its module is accepted, and it keeps the model contract."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import Tensor, nn

from baseline.export import Reader, Unfaithful, check, export
from baseline.networks import Shape, build_model
from harness.evaluator.gate import admit
from harness.nouns import Task
from tests.baseline.tiny import ALPHABET, HEIGHT, draw

LINES = [draw(text) for text in ("abc", "a b c a", "cc", "abcabcab")]


def network(height: int = HEIGHT) -> nn.Module:
    torch.manual_seed(1)
    return build_model(Task(ALPHABET, height, 1, 60.0), Shape(channels=32, hidden=8))


class Frozen(nn.Module):
    """Turns the width into a Python number, which a traced file then keeps for every line."""

    def __init__(self) -> None:
        super().__init__()
        self.columns = nn.Conv2d(1, 5, (HEIGHT, 4), 4)

    def forward(self, ink: Tensor) -> Tensor:
        logits = self.columns(ink)[:, :, 0].transpose(1, 2)
        positions = torch.arange(int(logits.shape[1]), dtype=torch.float32)
        found: Tensor = logits + positions[None, :, None]
        return found


class Unexportable(nn.Module):
    """Uses an operator that no ONNX opset has."""

    def forward(self, ink: Tensor) -> Tensor:
        columns = torch.special.bessel_j1(ink.amax(2)).transpose(1, 2)
        return columns.expand(-1, -1, 5)


def test_the_file_keeps_the_contract_and_tells_nothing_of_this_machine(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    export(network(), ALPHABET, LINES, path)
    facts = admit(path, 2**30, HEIGHT)
    assert facts.output == "logits"
    assert facts.alphabet == ALPHABET
    assert facts.opset == 17
    assert not any(node.doc_string for node in onnx.load(str(path)).graph.node)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("height", [16, 28, 64, 96, 128])
def test_every_usual_height_can_be_exported(tmp_path: Path, height: int) -> None:
    lines = [np.random.default_rng(width).integers(0, 256, (height, width), np.uint8) for width in (height, 200)]
    export(network(height), ALPHABET, lines, tmp_path / "model.onnx")
    assert admit(tmp_path / "model.onnx", 2**30, height).parameters > 0


def test_a_frozen_time_axis_is_noticed_and_the_sentence_says_where_to_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("baseline.export.EXPORTERS", {False: "the tracing exporter"})
    with pytest.raises(SystemExit) as refused:
        export(Frozen(), ALPHABET, LINES, tmp_path / "model.onnx")
    assert "cannot be exported to ONNX" in str(refused.value)
    assert "a shape turned into a Python number in forward" in str(refused.value)
    assert not list(tmp_path.iterdir())


def test_an_operator_without_an_onnx_twin_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"Most likely at fault: the operator aten::special_bessel_j1"):
        export(Unexportable(), ALPHABET, LINES, tmp_path / "model.onnx")


def test_a_file_with_other_weights_is_unfaithful(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    export(network(), ALPHABET, LINES, path)
    torch.manual_seed(2)
    other = Reader(build_model(Task(ALPHABET, HEIGHT, 1, 60.0), Shape(channels=32, hidden=8))).eval()
    with pytest.raises(Unfaithful, match="a logit differs by"):
        check(other, path, ALPHABET, LINES)
