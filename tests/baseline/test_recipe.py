"""The recipe learns, keeps to its time, and says in one sentence why it cannot."""

import json
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from baseline.networks import Shape
from baseline.recipe import Recipe
from baseline.schedule import Pace, learning_rate
from baseline.settings import read_settings
from baseline.standard import main
from harness.documents import write_noun
from harness.evaluator.predict import predict
from harness.evaluator.score import score
from harness.lines import read_lines, write_lines
from harness.nouns import Task
from tests.baseline.tiny import ALPHABET, HEIGHT, draw, rows, run_here, tiny, write_data

KEYS = {"step", "steps", "seconds", "loss", "learning_rate", "lines_per_second"}
VALID_KEYS = {"valid_cer", "valid_mean_line_accuracy"}


def test_it_learns_a_tiny_task_by_heart_and_the_exported_file_reads_it(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_here(data, out, Recipe(steps=500, batch_size=8, learning_rate=0.01, average=0.9, augmentation=0))
    lines = read_lines(data / "train.h5")
    read = predict(out / "model.onnx", list(lines.images()), ALPHABET, "logits", 1)
    truth = dict(zip(lines.ids, lines.texts or (), strict=True))
    assert score(truth, {one.id: one.text for one in read}).character_accuracy > 0.95


def test_the_curve_holds_its_keys_and_the_steps_in_order(data: Path, tmp_path: Path) -> None:
    run_here(data, tmp_path / "out", Recipe(steps=12, batch_size=8, validations=2))
    found = rows(tmp_path / "out")
    assert set(found[0]) == KEYS
    assert [row["step"] for row in found[:-1]] == sorted({row["step"] for row in found[:-1]})
    assert found[-2]["step"] == found[-2]["steps"] == 12
    assert sum(set(row) == KEYS | VALID_KEYS for row in found) == 2
    assert set(found[-1]) == {"seconds"} | VALID_KEYS


def test_without_a_number_of_steps_the_time_allowed_is_filled_and_never_passed(tmp_path: Path) -> None:
    data = write_data(tmp_path / "data", seconds=8.0)
    assert run_here(data, tmp_path / "out", Recipe()).here() < 8.0
    assert (tmp_path / "out" / "model.onnx").exists()
    last = rows(tmp_path / "out")[-2]
    assert last["seconds"] > 2
    assert last["steps"] is None
    assert last["learning_rate"] < 0.1 * Recipe().learning_rate


def test_too_many_steps_for_the_time_end_in_good_order(tmp_path: Path) -> None:
    data = write_data(tmp_path / "data", seconds=8.0)
    run_here(data, tmp_path / "out", Recipe(steps=10**6))
    assert (tmp_path / "out" / "model.onnx").exists()
    last = rows(tmp_path / "out")[-2]
    assert last["step"] < 10**6
    assert last["learning_rate"] < 0.1 * Recipe().learning_rate


def test_too_little_time_for_anything_is_said(tmp_path: Path) -> None:
    data = write_data(tmp_path / "data", seconds=0.01)
    with pytest.raises(SystemExit, match=r"0.01 seconds are too few: starting and exporting alone take \d+ here"):
        run_here(data, tmp_path / "out", Recipe())


def test_two_runs_with_one_seed_give_the_same_bytes_and_no_path_of_this_machine(data: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        run_here(data, tmp_path / name, Recipe(steps=6, batch_size=8))
    first, second = ((tmp_path / name / "model.onnx").read_bytes() for name in ("one", "two"))
    assert first == second
    assert b".py" not in first
    assert str(Path(__file__).parents[2]).encode() not in first


def test_a_loss_that_is_no_number_ends_the_run_with_the_step(data: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"The loss is (nan|inf) at step \d+; lower learning_rate"):
        run_here(data, tmp_path / "out", Recipe(steps=60, learning_rate=1e30, warmup=0, clip=1e30, batch_size=8))
    assert not (tmp_path / "out" / "model.onnx").exists()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"learning_rat": 1e-3}, "unknown key 'learning_rat'; did you mean 'learning_rate'?"),
        ({"epochs_of_q": 3}, "unknown key 'epochs_of_q'"),
        ({"steps": "many"}, "steps = 'many'"),
        ({"steps": 1.5}, "steps = 1.5"),
        ({"steps": True}, "steps = True"),
        ({"learning_rate": -1}, "learning_rate = -1"),
        ({"batch_size": 0}, "batch_size of 1 or more"),
        ({"bidirectional": 1}, "bidirectional = 1; it must be true or false"),
        ({"hiden": 128}, "did you mean 'hidden'?"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_with_the_key(settings: dict[str, object], sentence: str) -> None:
    with pytest.raises(SystemExit) as refused:
        read_settings(settings, Recipe, Shape)
    assert sentence in str(refused.value)


def test_each_setting_goes_where_it_belongs_and_a_whole_number_passes_for_a_float() -> None:
    found = read_settings({"learning_rate": 1, "steps": 3, "hidden": 64, "bidirectional": False}, Recipe, Shape)
    assert found == (Recipe(steps=3, learning_rate=1.0), Shape(hidden=64, bidirectional=False))


class Wrong(nn.Module):
    """Returns whatever it is made with."""

    def __init__(self, answer: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.answer, self.weight = answer, nn.Parameter(torch.zeros(1))

    def forward(self, ink: Tensor) -> Any:
        return self.answer(ink)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda ink: "text", "returns a str"),
        (lambda ink: (ink, ink), "returns a tuple"),
        (lambda ink: torch.zeros(2, 9, 99), r"returns torch.float32 \(2, 9, 99\)"),
        (lambda ink: torch.zeros(9, 2, 5), r"must return one float tensor \(2, time, 5\)"),
        (lambda ink: torch.zeros(2, 9, 5, dtype=torch.int64), "returns torch.int64"),
        (lambda ink: ink.no_such_thing, "fails on a float image of shape"),
    ],
)
def test_a_network_that_breaks_the_contract_is_told_what_was_expected(
    data: Path, tmp_path: Path, answer: Callable[[Tensor], Any], sentence: str
) -> None:
    with pytest.raises(SystemExit, match=sentence):
        run_here(data, tmp_path / "out", Recipe(steps=1), lambda task: Wrong(answer))


def test_something_else_than_a_module_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"build_model\(task\) returns a NoneType; it must return a torch.nn.Module"):
        run_here(data, tmp_path / "out", Recipe(steps=1), lambda task: None)


class Coarse(nn.Module):
    """One step for each forty columns: too few for the texts."""

    def __init__(self) -> None:
        super().__init__()
        self.columns = nn.Conv2d(1, 5, (HEIGHT, 40), 40, (0, 20))

    def forward(self, ink: Tensor) -> Tensor:
        found: Tensor = self.columns(ink)[:, :, 0].transpose(1, 2)
        return found


def test_lines_with_fewer_steps_than_characters_are_counted_and_named(data: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"\d+ of 40 training lines give fewer steps than their text needs \(train-"):
        run_here(data, tmp_path / "out", Recipe(steps=1), lambda task: Coarse())


def test_a_few_lines_too_short_for_their_text_are_left_out_with_a_note(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = [(f"good-{i}", draw("abc"), "abc", "w") for i in range(30)]
    write_lines(data / "train.h5", [*good, ("bad-1", draw("a"), "abcabcabc", "w")], HEIGHT, {})
    run_here(data, tmp_path / "out", Recipe(steps=1))
    printed = capsys.readouterr().out
    assert "1 of 31 training lines give fewer steps than their text needs (bad-1, ...); they are left out." in printed
    assert "30 lines on cpu" in printed


def test_a_character_that_the_alphabet_lacks_is_named(tmp_path: Path) -> None:
    data = write_data(tmp_path / "data", alphabet=("a", "b", "c"))
    with pytest.raises(SystemExit, match=r"Line train-\d+ holds ' ', which the task's alphabet lacks"):
        run_here(data, tmp_path / "out", Recipe(steps=1))


def test_no_training_lines_is_said(tmp_path: Path) -> None:
    data = write_data(tmp_path / "data", lines=0)
    with pytest.raises(SystemExit, match=r"train.h5 holds no lines with texts"):
        run_here(data, tmp_path / "out", Recipe(steps=1))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["data"], "Needs the arguments DATA and OUT"),
        (["data", "out", "[1]"], "is no JSON object"),
        (["data", "out", "{"], "is no JSON object"),
        (["data", "out", '{"step": 3}'], "did you mean 'steps'?"),
        (["data", "out"], "task.json: cannot be read"),
    ],
)
def test_arguments_that_cannot_be_used_are_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: list[str], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["program", *words])
    with pytest.raises(SystemExit) as refused:
        main(tiny)
    assert sentence in str(refused.value)


def test_cuda_is_refused_where_there_is_none(data: Path, tmp_path: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    task = {**json.loads((data / "task.json").read_text()), "device": "cuda"}
    write_noun(data / "task.json", Task(**{**task, "alphabet": tuple(task["alphabet"])}))
    with pytest.raises(SystemExit, match="asks for the device cuda"):
        run_here(data, tmp_path / "out", Recipe(steps=1))


def test_the_learning_rate_rises_and_falls() -> None:
    found = [learning_rate(i / 100, 1.0, 0.1) for i in range(101)]
    assert max(found) == found[10] == 1.0
    assert found[:11] == sorted(found[:11])
    assert found[10:] == sorted(found[10:], reverse=True)
    assert math.isclose(found[-1], 0.01)


@pytest.mark.parametrize(
    ("step", "elapsed", "expected"),
    [(0, 10, 0.0), (10, 20, 0.1), (50, 55, 0.5), (100, 60, 1.0), (60, 71, 0.6)],
)
def test_a_run_that_is_in_time_goes_by_its_steps(step: int, elapsed: float, expected: float) -> None:
    assert Pace(100, begin=10, end=110).progress(step, elapsed) == pytest.approx(expected)


def test_a_late_run_spends_what_is_left_of_the_time_on_what_is_left_of_the_schedule() -> None:
    pace = Pace(100, begin=0, end=100)
    assert pace.progress(20, 60) == pytest.approx(0.2)
    assert pace.progress(21, 80) == pytest.approx(0.6)
    assert pace.progress(22, 100) == pytest.approx(1.0)
