"""Submissions that go wrong when they run, each in the best room there is: one sentence, exit code 1, and no score.

The training programs here are as short as they can be, so that they start at once; those that need torch stand last.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fabricated import bar_model

pytestmark = pytest.mark.slow  # every test runs a room

LEAVE = "import sys, shutil, pathlib; shutil.copy(pathlib.Path(__file__).with_name('given.onnx'), sys.argv[2] + '/model.onnx')"

PROGRAMS = {
    "raises": (
        "raise ValueError('no \\x1b[31midea')",
        "training ended with exit code 1; its last words: ValueError: no",
    ),
    "is killed": ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "training ended with signal 11"),
    "leaves no model": ("print('done')", "training left no model.onnx in OUT"),
    "leaves a link": ("import os, sys; os.symlink('/etc/passwd', sys.argv[2] + '/model.onnx')", "model.onnx"),
    "leaves nonsense": ("import sys; open(sys.argv[2] + '/model.onnx', 'w').write('hi')", "model.onnx"),
    "never ends": ("import time; time.sleep(1000)", "longer than the 4 seconds allowed"),
    "takes all memory": (
        "a = []\nwhile True: a.append(bytearray(b'x' * 2**24))",
        ("more memory than the", "MemoryError"),
    ),
    "fills the disk": (
        "import sys\nwith open(sys.argv[2] + '/big', 'wb') as f:\n  while True: f.write(b'x' * 2**22)",
        ("wrote more than the", "File too large"),
    ),
    "forks for ever": ("import os\nwhile True: os.fork()", ("more than the 32 processes", "BlockingIOError")),
    "forges a score": (
        "import sys; open(sys.argv[2] + '/record.json', 'w').write('{}'); print('character accuracy 100 %')",
        "training left no model.onnx in OUT",
    ),
}

COMPETITION = """
title = "Small"
dataset = "small"
[train]
seconds = 4
memory_gib = 0.5
processes = 32
output_gib = 0.05
[predict]
seconds = 60
"""


def place(tmp_path: Path, small_data: Path) -> Path:
    """A workplace whose one competition has small limits."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "small").symlink_to(small_data)
    (tmp_path / "leaderboard" / "cup").mkdir(parents=True)
    (tmp_path / "leaderboard" / "cup" / "competition.toml").write_text(COMPETITION)
    return tmp_path


def submission(parent: Path, files: dict[str, str | bytes]) -> Path:
    """A folder with these files."""
    folder = parent / "submissions" / "mallory"
    folder.mkdir(parents=True)
    (folder / "submission.toml").write_text('name = "M"\nauthors = ["M"]\n')
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def submit(where: Path, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """The command line, as a user types it."""
    words = ("submit", str(folder), "--competition", "cup", "--wandb", "off", "--json", *more)
    return subprocess.run((sys.executable, "-m", "harness", *words), cwd=where, capture_output=True, text=True,
                          env={**os.environ, "NO_COLOR": "1"})  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_training_that_goes_wrong_is_one_sentence(tmp_path: Path, small_data: Path, name: str) -> None:
    """The participant's fault, recorded with its reason, and on the board without a number."""
    program, sentences = PROGRAMS[name]
    where = place(tmp_path, small_data)
    done = submit(where, submission(tmp_path, {"train.py": program}))
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    fault = json.loads(done.stdout)["record"]["fault"]
    assert fault["whose"] == "participant"
    wanted = (sentences,) if isinstance(sentences, str) else sentences
    assert any(sentence in fault["reason"] for sentence in wanted), fault
    assert fault["reason"].isprintable()
    assert str(tmp_path) not in fault["reason"]
    assert json.loads(done.stdout)["record"]["score"] is None


def changed(old: bytes, new: bytes) -> bytes:
    """The small model with bytes of the same length replaced."""
    assert len(old) == len(new)
    assert old in bar_model()
    return bar_model().replace(old, new)


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (changed(b"images", b"pixels"), "images"),
        (changed(b"\x03ids", b"\x03idx"), "ids"),
        (changed(b"alphabet", b"alphabex"), "alphabet"),
        (bar_model()[:100], "model.onnx"),
    ],
)  # fmt: skip
def test_a_model_that_breaks_the_contract_is_one_sentence(
    tmp_path: Path, small_data: Path, model: bytes, sentence: str
) -> None:
    """Names, types, metadata; refused by the gate."""
    where = place(tmp_path, small_data)
    done = submit(where, submission(tmp_path, {"train.py": LEAVE, "given.onnx": model}))
    fault = json.loads(done.stdout)["record"]["fault"]
    assert (done.returncode, fault["phase"], fault["whose"]) == (1, "gate", "participant")
    assert sentence in fault["reason"]


def test_a_model_that_keeps_the_contract_is_scored(tmp_path: Path, small_data: Path) -> None:
    """The same path with a good model, so that the tests above fail for their own reasons."""
    where = place(tmp_path, small_data)
    done = submit(where, submission(tmp_path, {"train.py": LEAVE, "given.onnx": bar_model()}))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["record"]["score"]["character_accuracy"] == 1.0


MODELS = {
    "build_model raises": ("def build_model(task):\n    raise KeyError('depth')\n", "KeyError: 'depth'"),
    "build_model gives no module": ("def build_model(task):\n    return 3\n", "it must return a torch.nn.Module"),
    "the loss is no number": (
        "from torch import nn\nclass N(nn.Module):\n"
        "    def __init__(self):\n        super().__init__(); self.l = nn.Linear(32, 10)\n"
        "    def forward(self, x):\n        return self.l(x[:, 0].transpose(1, 2)) * (float('nan') if self.training else 1)\n"
        "def build_model(task):\n    return N()\n",
        "NaN",
    ),
    "the shape is wrong": (
        "from torch import nn\nclass N(nn.Module):\n"
        "    def __init__(self):\n        super().__init__(); self.l = nn.Linear(32, 7)\n"
        "    def forward(self, x):\n        return self.l(x[:, 0].transpose(1, 2))\n"
        "def build_model(task):\n    return N()\n",
        "it must return one float tensor (2, time, 10)",
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_py_that_goes_wrong_is_one_sentence(tmp_path: Path, small_data: Path, name: str) -> None:
    """What the standard recipe says of it reaches the participant."""
    program, sentence = MODELS[name]
    where = place(tmp_path, small_data)
    toml = where / "leaderboard" / "cup" / "competition.toml"
    limits = COMPETITION.replace("seconds = 4", "seconds = 60").replace("processes = 32", "processes = 256")
    toml.write_text(limits.replace("memory_gib = 0.5", "memory_gib = 3"))
    done = submit(where, submission(tmp_path, {"model.py": program}))
    assert done.returncode == 1, done.stderr
    fault = json.loads(done.stdout)["record"]["fault"]
    assert (fault["phase"], fault["whose"]) == ("train", "participant")
    assert sentence.lower() in fault["reason"].lower(), fault
