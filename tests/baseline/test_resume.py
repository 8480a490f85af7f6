"""A run that was killed goes on where it was, and ends as if nothing had happened."""

import signal
import time
from pathlib import Path

import pytest

from baseline import recipe as recipe_module
from baseline.recipe import Recipe
from tests.baseline.tiny import TINY, rows, run_here, start

SETTINGS = {"steps": 40, "batch_size": 8, "validations": 1}
RECIPE = Recipe(steps=40, batch_size=8, validations=1)
OFTEN = "from baseline import checkpoint\ncheckpoint.INTERVAL = 0.0\n" + TINY


def test_a_run_killed_and_started_again_ends_with_the_same_model(data: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    process = start(data, broken, SETTINGS, OFTEN)
    deadline = time.monotonic() + 60
    while not (broken / "keep" / "checkpoint.pt").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (broken / "model.onnx").exists()
    run_here(data, broken, RECIPE)
    run_here(data, tmp_path / "whole", RECIPE)
    assert (broken / "model.onnx").read_bytes() == (tmp_path / "whole" / "model.onnx").read_bytes()


def test_a_resumed_run_begins_at_the_step_it_had_saved_and_counts_earlier_seconds(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn, calls = recipe_module._learn, []

    def dies(*arguments: object) -> float:
        calls.append(arguments)
        if len(calls) > 17:
            raise KeyboardInterrupt
        return learn(*arguments)  # type: ignore[arg-type]

    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr("baseline.checkpoint.INTERVAL", 0.0)
        patch.setattr(recipe_module, "_learn", dies)
        with pytest.raises(KeyboardInterrupt):
            run_here(data, out, RECIPE)
    before = rows(out)
    run_here(data, out, RECIPE)
    after = rows(out)[len(before) :]
    assert after[0]["step"] == 18
    assert after[-2]["step"] == 40
    assert after[0]["seconds"] > before[-1]["seconds"]


@pytest.mark.parametrize("other", [Recipe(steps=3, batch_size=8), Recipe(steps=2, batch_size=8, learning_rate=0.1)])
def test_a_checkpoint_of_another_run_is_refused(data: Path, tmp_path: Path, other: Recipe) -> None:
    run_here(data, tmp_path / "out", Recipe(steps=2, batch_size=8))
    with pytest.raises(SystemExit, match="is of a run with another recipe; delete it to start over"):
        run_here(data, tmp_path / "out", other)


def test_a_damaged_checkpoint_is_said(data: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / "keep").mkdir(parents=True)
    (tmp_path / "out" / "keep" / "checkpoint.pt").write_bytes(b"PK half a file")
    with pytest.raises(SystemExit, match=r"checkpoint\.pt cannot be read"):
        run_here(data, tmp_path / "out", RECIPE)
