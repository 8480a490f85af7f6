"""competition.toml: limits, and where it is wrong."""

from pathlib import Path

import pytest

from harness.competition import practice, read_competition
from harness.nouns import InputError

GOOD = 'title = "T"\ndataset = "small"\n'


def make(tmp_path: Path, text: str, name: str = "cup") -> Path:
    """A competition's folder."""
    (tmp_path / name).mkdir()
    (tmp_path / name / "competition.toml").write_text(text)
    return tmp_path / name


def test_limits_are_read_in_their_units(tmp_path: Path) -> None:
    """Gigabytes and megabytes become bytes; what is not said keeps its default."""
    text = GOOD + "max_model_mb = 1.5\n[train]\nseconds = 90\nmemory_gib = 0.5\nthreads = 3\n"
    found = read_competition(make(tmp_path, text))
    assert (found.name, found.title, found.dataset, found.seed) == ("cup", "T", "small", 1)
    assert found.max_model_bytes == 1_500_000
    assert (found.train.seconds, found.train.memory_bytes, found.train.threads) == (90.0, 2**29, 3)
    assert found.predict == practice("x").predict


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("title = ", "no valid TOML"),
        ('dataset = "d"\n', "lacks the key 'title'"),
        (GOOD + "sede = 1\n", "line 3: unknown key 'sede'; did you mean 'seed'"),
        (GOOD + "[train]\nsecond = 1\n", r"line 4: unknown key 'second' in \[train\]; did you mean 'seconds'"),
        (GOOD + "[train]\nseconds = 0\n", "must be more than 0"),
        (GOOD + "[train]\nseconds = true\n", "must be a number, not true or false"),
        (GOOD + "train = 3\n", "'train' must be a table"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    """With the line where there is one."""
    with pytest.raises(InputError, match=sentence):
        read_competition(make(tmp_path, text))


def test_a_name_that_is_no_folder_name_is_refused(tmp_path: Path) -> None:
    """It stands in addresses."""
    with pytest.raises(InputError, match="small letters"):
        read_competition(make(tmp_path, GOOD, "My Cup"))
