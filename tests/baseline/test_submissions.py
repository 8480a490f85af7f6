"""The two submissions that come with the harness take the same path as everybody's."""

import shutil
import subprocess
import sys
from pathlib import Path

from harness.evaluator.gate import admit
from harness.jobs import STANDARD
from harness.submission import check
from tests.baseline.tiny import ALPHABET, HEIGHT, ROOT, environment, rows, start


def test_the_example_trains_by_the_standard_program_of_a_room(data: Path, tmp_path: Path) -> None:
    folder, out = ROOT / "submissions" / "example", tmp_path / "out"
    process = start(data, out, {**check(folder).recipe, "steps": 2}, STANDARD, folder)
    assert process.communicate(timeout=120)[1] == ""
    assert admit(out / "model.onnx", 2**30, HEIGHT).alphabet == ALPHABET
    assert rows(out)[-2]["step"] == 2


def test_the_baseline_trains_by_its_own_program_in_a_copy_of_its_folder(data: Path, tmp_path: Path) -> None:
    folder, out = tmp_path / "copy", tmp_path / "out"
    shutil.copytree(ROOT / "baseline", folder)
    text = (folder / "submission.toml").read_text()
    (folder / "submission.toml").write_text(text.replace("[recipe]", "[recipe]\nsteps = 2"))
    command = [sys.executable, "train.py", str(data), str(out)]
    subprocess.run(command, cwd=folder, env=environment(), check=True, timeout=120)
    assert admit(out / "model.onnx", 2**30, HEIGHT).alphabet == ALPHABET
    assert rows(out)[-2]["step"] == 2
