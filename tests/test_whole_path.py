"""The whole path in the best room there is, with real processes: trained, killed, gone on, and alike."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from harness.datasets import synthetic
from harness.datasets.folder import build
from harness.nouns import Split
from harness.record import read_record
from tests.fabricated import ABOUT, bar_model
from tests.test_bad_submissions import COMPETITION, LEAVE, place, submission, submit
from tests.test_run import _timeless

pytestmark = pytest.mark.slow  # every test runs rooms

FEW: Mapping[Split, int] = {"train": 64, "valid": 12, "test": 16}
SLOW_AT_FIRST = """
import os, sys, time
keep = sys.argv[2] + "/keep"
first = not os.path.exists(keep)
os.makedirs(keep, exist_ok=True)
open(keep + "/began", "w").close()
if first:
    time.sleep(120)
"""


def start(where: Path, folder: Path) -> subprocess.Popen[bytes]:
    """`submit`, not waited for."""
    words = ("submit", str(folder), "--competition", "cup", "--wandb", "off", "--json")
    return subprocess.Popen((sys.executable, "-m", "harness", *words), cwd=where,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip


def wait_for(come: Callable[[], object], patience: float = 60.0) -> None:
    """Wait for something that takes as long as the machine is busy."""
    until = time.monotonic() + patience
    while not come():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.01)


def living(folder: Path) -> list[int]:
    """Processes that have anything of this folder in their command line."""
    found = []
    for process in psutil.process_iter():
        try:
            if str(folder) in " ".join(process.cmdline()):
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


@pytest.mark.parametrize(
    "moment",
    ["runs/*/plan.json", "runs/*/submission", "runs/*/out/keep/began", "runs/*/model.onnx", "runs/*/trained.json",
     "runs/*/given/*", "runs/*/predictions.jsonl", "runs/*/read.json", "runs/*/record.json"],
)  # fmt: skip
def test_killed_in_any_phase_it_goes_on_by_itself(tmp_path: Path, small_data: Path, moment: str) -> None:
    """SIGKILL as soon as a phase shows: nothing is left running or looks finished, and the next call ends well."""
    where = place(tmp_path, small_data)
    (where / "leaderboard" / "cup" / "competition.toml").write_text(COMPETITION.replace("seconds = 4", "seconds = 60"))
    slow = SLOW_AT_FIRST if "began" in moment else ""
    folder = submission(tmp_path, {"train.py": slow + LEAVE, "given.onnx": bar_model()})
    harness = start(where, folder)
    wait_for(lambda: list(where.glob(moment)) or harness.poll() is not None)
    harness.send_signal(signal.SIGKILL)
    harness.wait()
    wait_for(lambda: not living(where / "runs"))
    for record in where.glob("runs/*/record.json"):
        assert read_record(record).score is not None
    done = submit(where, folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["record"]["score"]["character_accuracy"] == 1.0
    assert len(list(where.glob("runs/*/record.json"))) == 1


def trained(tmp_path: Path, *more: str) -> dict[str, Any]:
    """What `submit` of the example prints, trained for a few steps on a few synthetic lines."""
    done = submit(tmp_path, tmp_path / "submissions" / "mallory", *more)
    assert done.returncode == 0, done.stderr
    printed: dict[str, Any] = json.loads(done.stdout)
    return printed


def test_the_same_submission_gives_the_same_record(tmp_path: Path) -> None:
    """Trained twice on a CPU from one seed: equal model, readings and score; only times differ."""
    parts = {split: list(synthetic.part(split, 1, 64, lines)) for split, lines in FEW.items()}
    build(tmp_path / "data" / "small", parts, ABOUT.__class__(**{**vars(ABOUT), "height": 64}))
    (tmp_path / "leaderboard" / "cup").mkdir(parents=True)
    limits = COMPETITION.replace("seconds = 4", "seconds = 120").replace("processes = 32", "processes = 256")
    (tmp_path / "leaderboard" / "cup" / "competition.toml").write_text(
        limits.replace("memory_gib = 0.5", "memory_gib = 4")
    )
    example = (Path(__file__).parent.parent / "submissions" / "example" / "model.py").read_bytes()
    folder = submission(tmp_path, {"model.py": example})
    (folder / "submission.toml").write_text('name = "M"\nauthors = ["M"]\n[recipe]\nsteps = 12\n')
    one, other = trained(tmp_path), trained(tmp_path, "--again")
    assert one["run"] != other["run"]
    records = [read_record(tmp_path / printed["run"] / "record.json") for printed in (one, other)]
    assert _timeless(records[0]) == _timeless(records[1])
    assert records[0].model is not None
    assert (tmp_path / "site" / "cup" / "index.html").is_file()


def test_a_run_tells_what_the_room_was(tmp_path: Path, small_data: Path) -> None:
    """Room, machine and limits stand in the record; a process room says that it isolates nothing."""
    where = place(tmp_path, small_data)
    folder = submission(tmp_path, {"train.py": LEAVE, "given.onnx": bar_model()})
    words = ("submit", str(folder), "--competition", "cup", "--wandb", "off", "--room", "process")
    done = subprocess.run((sys.executable, "-m", "harness", *words), cwd=where, capture_output=True, text=True,
                          env={**os.environ, "NO_COLOR": "1"})  # fmt: skip
    assert done.returncode == 0
    assert "nothing is isolated" in done.stderr
    (path,) = where.glob("runs/*/record.json")
    record = read_record(path)
    assert (record.room.name, record.room.official) == ("process", False)
    assert record.limits.seconds == 4.0
    assert record.machine.cores == psutil.cpu_count()
