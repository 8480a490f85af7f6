"""Static checks: what is wrong, where, and what to do, without running a line of it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.nouns import InputError, SubmissionError
from harness.submission import check, copy_submission, digest_folder
from tests.fabricated import make_submission

SETTINGS = 'name = "Alice"\nauthors = ["A"]\n'


def test_a_good_folder_is_a_submission(tmp_path: Path) -> None:
    """Its name is the folder's, its title and authors are the file's."""
    folder = make_submission(tmp_path)
    (folder / "submission.toml").write_text(SETTINGS + 'about = "b"\n[recipe]\nsteps = 3\n')
    found = check(folder)
    assert (found.entry.name, found.entry.title, found.entry.authors, found.entry.about) == (
        "alice",
        "Alice",
        ("A",),
        "b",
    )
    assert (found.kind, found.recipe) == ("model", {"steps": 3})


def _write(name: str, text: str | bytes) -> Callable[[Path], object]:
    content = text.encode() if isinstance(text, str) else text
    return lambda folder: (folder / name).write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda d: (d / "model.py").unlink(), "neither model.py nor train.py"),
        (_write("train.py", "pass"), "both model.py and train.py"),
        (lambda d: (d / "submission.toml").unlink(), r"submission\.toml: cannot be read"),
        (_write("submission.toml", 'name = "a"\nauthors = ["a"\n'), r"no valid TOML: .*line"),
        (_write("submission.toml", b"\xff"), "not UTF-8"),
        (
            _write("submission.toml", SETTINGS + 'auhtor = "x"\n'),
            "line 3: unknown key 'auhtor'; did you mean 'authors'",
        ),
        (_write("submission.toml", SETTINGS + "zzz = 1\n"), "known here: about, authors, name, recipe"),
        (_write("submission.toml", 'authors = ["a"]\n'), "lacks the key 'name'"),
        (_write("submission.toml", 'name = 3\nauthors = ["a"]\n'), "line 1: 'name' must be text, not a whole number"),
        (_write("submission.toml", 'name = "a"\nauthors = []\n'), "list of one to fifty names"),
        (_write("submission.toml", 'name = "a"\nauthors = [1]\n'), "list of one to fifty names"),
        (_write("submission.toml", f'name = "{"a" * 10_000}"\nauthors = ["a"]\n'), "10,000 characters"),
        (_write("submission.toml", 'name = "a\\u202eb"\nauthors = ["a"]\n'), "direction characters"),
        (_write("submission.toml", 'name = " "\nauthors = ["a"]\n'), "'name' is empty"),
        (_write("submission.toml", SETTINGS + "[recipe]\nsteps = [1]\n"), r"'steps' in \[recipe\] must be"),
        (_write("model.py", "def build_model(task:\n"), r"model\.py, line 1: no valid Python"),
        (_write("model.py", b"\x00"), "no valid Python"),
        (_write("model.py", "x = 1\n"), "defines no build_model"),
        (_write("model.py", "def build_model():\n    pass\n"), "line 1: build_model must take one argument"),
        (_write("model.py", "def build_model(a, b):\n    pass\n"), "line 1: build_model must take one argument"),
        (lambda d: (d / "weights").symlink_to("/etc/passwd"), "is a link or a device"),
        (lambda d: os.mkfifo(d / "pipe"), "is a link or a device"),
        (_write("a\nb", "x"), "characters that do not print"),
        (_write("requirements.txt", "numpy"), "installs no extra packages"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path: Path, damage: Callable[[Path], object], sentence: str) -> None:
    """With the file, the line where there is one, and what to do."""
    folder = make_submission(tmp_path)
    damage(folder)
    with pytest.raises(SubmissionError, match=sentence) as caught:
        check(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "program",
    [
        "from somewhere import build_model\n",
        "from somewhere import crnn as build_model\n",
        "class build_model:\n    pass\n",
        "build_model = make()\n",
        "def build_model(task, depth=3):\n    pass\n",
        "def build_model(*tasks):\n    pass\n",
    ],
)
def test_build_model_may_be_bound_in_any_plain_way(tmp_path: Path, program: str) -> None:
    """Imported, assigned, a class, or a function that can take the task alone."""
    assert check(make_submission(tmp_path, program=program)).kind == "model"


def test_no_such_folder_is_wrong_usage(tmp_path: Path) -> None:
    """The caller's slip, not the participant's."""
    with pytest.raises(InputError, match="no such folder"):
        check(tmp_path / "nobody")


@pytest.mark.parametrize("name", ["-rf", "a b", "é", ".hidden", "a" * 65])
def test_a_folder_name_that_would_harm_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    """The name becomes a run's, a record's and a page's."""
    with pytest.raises(SubmissionError, match="is named with letters"):
        check(make_submission(tmp_path, name))


def test_too_much_is_refused(tmp_path: Path) -> None:
    """Data and results do not belong in a submission."""
    folder = make_submission(tmp_path)
    with open(folder / "big.bin", "wb") as file:
        file.truncate(2**27)
    with pytest.raises(SubmissionError, match="more than 64 MB"):
        check(folder)


def test_caches_and_hidden_files_count_for_nothing(tmp_path: Path) -> None:
    """Importing one's own model must not change its digest."""
    folder = make_submission(tmp_path)
    before = digest_folder(folder)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "model.pyc").write_text("x")
    (folder / ".git").mkdir()
    assert digest_folder(folder) == before
    copy_submission(folder, tmp_path / "copy")
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == ["model.py", "submission.toml"]
    assert digest_folder(tmp_path / "copy") == before


def test_the_digest_knows_names_from_contents(tmp_path: Path) -> None:
    """Moving bytes from a name into a file, or between files, is another submission."""
    digests = set()
    for i, files in enumerate([{"a": b"bc", "d": b""}, {"a": b"b", "cd": b""}, {"ab": b"c", "d": b""}]):
        folder = make_submission(tmp_path / str(i))
        for name, content in files.items():
            (folder / name).write_bytes(content)
        digests.add(digest_folder(folder))
    assert len(digests) == 3


def test_checking_runs_nothing_and_loads_nothing_heavy(tmp_path: Path) -> None:
    """A submission that would raise and leave a trace when run does neither, and torch stays unloaded."""
    trace = tmp_path / "trace"
    program = f"open({str(trace)!r}, 'w')\nraise SystemExit\ndef build_model(task):\n    pass\n"
    folder = make_submission(tmp_path, program=program)
    heavy = "{'torch', 'wandb', 'onnxruntime', 'h5py'} & set(sys.modules)"
    code = f"import sys; from pathlib import Path; from harness.submission import check; check(Path({str(folder)!r})); print({heavy})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
    assert not trace.exists()
