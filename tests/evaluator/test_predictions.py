"""The one file that leaves the room with the model: written whole, read in disbelief."""

import json
from pathlib import Path

import pytest

from harness.evaluator.decode import MAX_CHARACTERS
from harness.evaluator.predictions import Prediction, read_predictions, write_predictions
from harness.nouns import SubmissionError

IDS = ("a", "b", "\u05d0")
LIMIT = 2**20
GOOD = {"id": "a", "text": "x", "failure": "", "seconds": 0.5}


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """In the order of the ids asked for, seconds to six digits, texts untouched."""
    path = tmp_path / "predictions.jsonl"
    text = 'e\u0301  \u2028\r\n"\\ \U0001f600\u202e\0'
    made = [Prediction("b", text, "", 0.12345678), Prediction("a", "", "crashed", 2.0)]
    write_predictions(path, made)
    found = read_predictions(path, IDS, LIMIT)
    rest = [Prediction("b", text, "", 0.123457), Prediction("\u05d0", "", "missing", 0.0)]
    assert list(found.values()) == [Prediction("a", "", "crashed", 2.0), *rest]
    assert [file.name for file in tmp_path.iterdir()] == ["predictions.jsonl"]
    write_predictions(path, found.values())
    assert read_predictions(path, IDS, LIMIT) == found


def test_a_file_that_cannot_be_written_whole_is_not_written(tmp_path: Path) -> None:
    """NaN seconds are an error of ours; what stood there still stands, and nothing else is left."""
    path = tmp_path / "predictions.jsonl"
    write_predictions(path, [])
    with pytest.raises(ValueError, match="JSON"):
        write_predictions(path, [Prediction("a", "", "", 1.0), Prediction("b", "", "", float("nan"))])
    assert path.read_bytes() == b""
    assert len(list(tmp_path.iterdir())) == 1


def test_an_empty_file_means_that_every_line_is_missing(tmp_path: Path) -> None:
    """Which the score counts in full."""
    (tmp_path / "p").write_bytes(b"")
    assert [one.failure for one in read_predictions(tmp_path / "p", IDS, LIMIT).values()] == ["missing"] * 3


def row(**changed: object) -> str:
    return json.dumps({**GOOD, **changed})


@pytest.mark.parametrize("seconds", [0, 3, 1e9, 0.1])
def test_seconds_may_be_any_sensible_number(tmp_path: Path, seconds: float) -> None:
    """Whole ones too."""
    (tmp_path / "p").write_text(row(seconds=seconds) + "\n")
    assert read_predictions(tmp_path / "p", IDS, LIMIT)["a"].seconds == seconds


@pytest.mark.parametrize(
    ("says", "content"),
    [
        ("line 1 is no JSON object", "nonsense\n"),
        ("line 1 is no JSON object", "\n"),
        ("line 2 is no JSON object", row() + "\n\n"),
        ("line 1 is no JSON object", row().replace("0.5", "NaN") + "\n"),
        ("line 1 is no JSON object", row().replace("0.5", "-Infinity") + "\n"),
        ("line 1 is no JSON object", row().replace('"text"', '"id": "b", "text"') + "\n"),
        ("line 1 is no JSON object", "[" * 100_000 + "\n"),
        ("line 1 is no JSON object", row().replace("0.5", "9" * 5000) + "\n"),
        ("line 1 is no JSON object", row() + row(id="b") + "\n"),
        ("last line is cut short", row()),
        ("last line is cut short", row() + "\n" + row(id="b")[:10]),
        ("exactly the keys", "[]\n"),
        ("exactly the keys", "3\n"),
        ("exactly the keys", row(score=1.0) + "\n"),
        ("exactly the keys", '{"id": "a", "text": "x"}\n'),
        ("wrong type", row(id=1) + "\n"),
        ("wrong type", row(text=None) + "\n"),
        ("wrong type", row(text=["x"]) + "\n"),
        ("wrong type or an unknown failure", row(failure="bored") + "\n"),
        ("wrong type or an unknown failure", row(failure=[]) + "\n"),
        ("has a text where it failed", row(failure="crashed") + "\n"),
        ("over 10000 characters", row(text="x" * (MAX_CHARACTERS + 1)) + "\n"),
        ("half a surrogate pair", row(text="\ud83d") + "\n"),
        ("no sensible number of seconds", row(seconds="1") + "\n"),
        ("no sensible number of seconds", row(seconds=True) + "\n"),
        ("no sensible number of seconds", row(seconds=-1) + "\n"),
        ("no sensible number of seconds", row().replace("0.5", "1e999") + "\n"),
        ("no sensible number of seconds", row(seconds=10**400) + "\n"),
        ("no line of this split", row(id="c") + "\n"),
        ("no line of this split", row(id="\ud800") + "\n"),
        ("line 2 repeats an id", row() + "\n" + row(text="y") + "\n"),
    ],
)
def test_a_file_that_is_not_exactly_right_is_refused(tmp_path: Path, says: str, content: str) -> None:
    """With the number of the line, and none of its text."""
    (tmp_path / "p").write_text(content)
    with pytest.raises(SubmissionError, match="cannot be used") as caught:
        read_predictions(tmp_path / "p", IDS, LIMIT)
    assert says in caught.value.reason
    assert caught.value.phase == "predict"


def test_a_file_must_be_utf8_and_within_its_size(tmp_path: Path) -> None:
    """To the byte."""
    path = tmp_path / "p"
    path.write_bytes(row(text="\u00e9").encode("ascii").replace(b"\\u00e9", b"\xe9") + b"\n")
    with pytest.raises(SubmissionError, match="no JSON object"):
        read_predictions(path, IDS, LIMIT)
    size = path.write_text(row() + "\n")
    assert read_predictions(path, IDS, size)["a"].text == "x"
    with pytest.raises(SubmissionError, match=f"{size} bytes where {size - 1}"):
        read_predictions(path, IDS, size - 1)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """Neither kind: the room must not choose which of the host's files is read."""
    (tmp_path / "real").write_text(row() + "\n")
    (tmp_path / "soft").symlink_to("real")
    with pytest.raises(SubmissionError, match="not a link"):
        read_predictions(tmp_path / "soft", IDS, LIMIT)
    (tmp_path / "hard").hardlink_to(tmp_path / "real")
    with pytest.raises(SubmissionError, match="hard links"):
        read_predictions(tmp_path / "hard", IDS, LIMIT)
