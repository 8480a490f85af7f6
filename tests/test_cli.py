"""The command line as a user meets it: fast help, one sentence for each mistake, the right exit code."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.cli import main
from tests.fabricated import bar_model, make_submission

HEAVY = "{'torch', 'wandb', 'onnxruntime', 'h5py', 'numpy'} & set(sys.modules)"


@dataclass
class Answer:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def htr(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Run the command line in this process."""

    def call(*words: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["htr-harness", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        printed = capsys.readouterr()
        return Answer(code, printed.out, printed.err)

    return call


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_data: Path) -> Path:
    """A workplace with the small dataset and one submission; the current folder."""
    (tmp_path / "data").mkdir()
    shutil.copytree(small_data, tmp_path / "data" / "small")
    make_submission(tmp_path / "submissions")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "words", [["--help"], ["submit", "--help"], ["data", "--help"], ["leaderboard", "build", "--help"]]
)
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    """It answers at once, on a machine without torch too."""
    code = (
        f"import sys; sys.argv = ['htr-harness', *{words!r}]\n"
        f"from harness.cli import main\ntry: main()\nexcept SystemExit: pass\nprint({HEAVY})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Usage" in done.stdout
    assert done.stdout.strip().endswith("set()")


def test_every_command_says_what_it_does(htr: Callable[..., Answer]) -> None:
    """The commands of the design that exist, and no empty help."""
    top = htr("--help").out
    for command in ("new", "check", "submit", "evaluate", "verify", "rescore", "doctor", "data", "leaderboard"):
        assert re.search(rf"^│ {command}\s+\w+", top, re.MULTILINE), command


MISTAKES = [
    (["submit", "nobody"], 2, "nobody: no such folder"),
    (["check", "nobody"], 2, "no such folder"),
    (["submit", "submissions/alice", "--data", "none"], 2, "data/none: no dataset here"),
    (["submit", "submissions/alice", "--competition", "none"], 2, "competitions here: demo"),
    (["submit", "submissions/alice", "--competition", "../x"], 2, "no name of a competition"),
    (["submit", "submissions/alice", "--data", "small", "--competition", "demo"], 2, "not both"),
    (["submit", "submissions/alice", "--data", "small", "--room", "cellar"], 2, "cellar"),
    (["submit", "submissions/alice", "--data", "small", "--wandb", "maybe"], 2, "auto, offline or off"),
    (["submit", "submissions/alice", "--data", "small", "--seconds", "-3"], 2, "at least 1 second"),
    (["evaluate", "none.onnx", "--data", "small"], 2, "none.onnx: no such file"),
    (["evaluate", "submissions", "--data", "small"], 2, "record cannot be read"),
    (["verify", "none.json"], 2, "cannot be read"),
    (["rescore", "runs/none"], 2, "cannot be read"),
    (["data", "make", "gold"], 2, "known here: synthetic"),
    (["data", "import", "gold", "."], 2, "known here: pairs"),
    (["data", "import", "pairs", "none"], 2, "no such folder"),
    (["data", "import", "pairs", "submissions", "--name", "../x"], 2, "no name for a dataset"),
    (["data", "info", "none"], 2, "no dataset here"),
    (["leaderboard", "build", "none"], 2, "no competition.toml"),
    (["leaderboard", "serve", "demo"], 2, "makes it"),
    (["new", "alice"], 2, "already there"),
    (["new", "a b"], 2, "named with letters"),
]


@pytest.mark.parametrize(("words", "code", "sentence"), MISTAKES, ids=[" ".join(row[0]) for row in MISTAKES])
def test_a_mistake_is_one_sentence(
    htr: Callable[..., Answer], place: Path, words: list[str], code: int, sentence: str
) -> None:
    """On standard error, with the exit code that says whose it is; for machines as JSON too."""
    before = sorted(place.rglob("*"))
    answer = htr(*words)
    assert answer.code == code
    assert sentence in answer.err
    assert len(answer.err.strip().splitlines()) == 1
    assert sorted(place.rglob("*")) == before
    if words[0] not in ("new", "leaderboard"):
        as_json = htr(*words, "--json")
        assert json.loads(as_json.out)["exit_code"] == code


@pytest.mark.parametrize(
    "words", [["submit"], ["submit", "a", "b"], ["frobnicate"], ["submit", "a", "--colour", "red"]]
)
def test_wrong_usage_ends_with_two(htr: Callable[..., Answer], words: list[str]) -> None:
    """As Typer says it."""
    assert htr(*words).code == 2


def test_a_mistake_in_a_submission_ends_with_one(htr: Callable[..., Answer], place: Path) -> None:
    """It is the participant's."""
    (place / "submissions" / "alice" / "model.py").unlink()
    answer = htr("check", "submissions/alice")
    assert (answer.code, "neither model.py nor train.py" in answer.err) == (1, True)


def test_a_new_submission_passes_at_once(htr: Callable[..., Answer], place: Path) -> None:
    """Untouched."""
    assert htr("new", "bob").code == 0
    assert htr("check", "submissions/bob").code == 0
    assert 'name = "bob"' in (place / "submissions" / "bob" / "submission.toml").read_text()


def test_a_model_is_evaluated(htr: Callable[..., Answer], place: Path) -> None:
    """Read in a room, scored on the host, and nothing left behind but what was asked for."""
    (place / "model.onnx").write_bytes(bar_model(wrong_every=2))
    answer = htr("evaluate", "model.onnx", "--data", "small", "--json", "--keep", "readings.jsonl")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert found["score"]["lines"] == 12
    assert 0 < found["score"]["character_accuracy"] < 1
    assert len((place / "readings.jsonl").read_text().splitlines()) == 12
    plain = htr("evaluate", "model.onnx", "--data", "small")
    assert f"{100 * found['score']['character_accuracy']:.2f} %" in plain.out
    assert "synthetic" in plain.out


@pytest.mark.parametrize(
    ("content", "code", "sentence"),
    [(b"", 1, "model.onnx"), (b"hello", 1, "model.onnx"), (bar_model()[:-40], 1, "model.onnx")],
)
def test_a_bad_model_is_the_participants(
    htr: Callable[..., Answer], place: Path, content: bytes, code: int, sentence: str
) -> None:
    """Refused by the gate, before any session is made."""
    (place / "model.onnx").write_bytes(content)
    answer = htr("evaluate", "model.onnx", "--data", "small")
    assert (answer.code, sentence in answer.err) == (code, True)
    assert "Traceback" not in answer.err


def test_data_are_described(htr: Callable[..., Answer], place: Path) -> None:
    """In words and as JSON."""
    assert "24 lines by 3 writers" in htr("data", "info", "small").out
    assert json.loads(htr("data", "info", "small", "--json").out)["dataset"]["train"]["lines"] == 24


def test_a_damaged_dataset_is_one_sentence(htr: Callable[..., Answer], place: Path) -> None:
    """Whatever command meets it."""
    path = place / "data" / "small" / "public" / "test.h5"
    path.write_bytes(path.read_bytes()[:-500])
    (place / "model.onnx").write_bytes(bar_model())
    for words in (["data", "info", "small"], ["evaluate", "model.onnx", "--data", "small"]):
        answer = htr(*words)
        assert answer.code in (1, 2, 3)
        assert "test.h5" in answer.err or "predict" in answer.err
        assert "Traceback" not in answer.err


def test_the_doctor_says_what_to_do(htr: Callable[..., Answer], place: Path) -> None:
    """Each finding that needs mending has an advice."""
    findings = json.loads(htr("doctor", "--json").out)
    assert {"python", "cpu", "memory", "disk", "torch", "gpu", "room", "wandb", "data"} == {f["what"] for f in findings}
    assert all(finding["fine"] or finding["advice"] for finding in findings)
    shutil.rmtree(place / "data")
    answer = htr("doctor")
    assert answer.code == 3
    assert "`htr-harness data make synthetic` makes one" in answer.out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_sentence(htr: Callable[..., Answer], place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing to a device that is always full, as the disk would be."""
    (place / "model.onnx").write_bytes(bar_model())
    answer = htr("evaluate", "model.onnx", "--data", "small", "--keep", "/dev/full")
    assert answer.code == 3
    assert answer.err.strip().endswith("it goes on where it stopped.")


def test_an_interrupt_is_one_sentence(place: Path) -> None:
    """Ctrl-C while importing: no traceback, and no half dataset."""
    code = (
        "import os, signal, sys; sys.argv = ['htr-harness', 'data', 'info', 'small']\n"
        "import harness.datasets.folder as folder\n"
        "folder.open_dataset = lambda *a, **b: os.kill(os.getpid(), signal.SIGINT)\n"
        "from harness.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=place, env={**os.environ})
    assert done.returncode == 3
    assert done.stderr.startswith("htr-harness: interrupted")
    assert "Traceback" not in done.stderr
