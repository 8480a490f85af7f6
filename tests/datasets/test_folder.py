"""A dataset's folder: whole or absent, disjoint, and without answers where models look."""

from collections.abc import Callable
from pathlib import Path

import h5py
import pytest

from harness.datasets.folder import Row, build, described, open_dataset, read_split, read_truth
from harness.nouns import InputError, Split
from tests.fabricated import ABOUT, fabricated_parts

Parts = dict[Split, list[Row]]


def test_a_built_folder_opens_whole(small_data: Path) -> None:
    """The manifest's figures are those of the parts."""
    dataset = open_dataset(small_data, whole=True)
    assert (dataset.train.lines, dataset.valid.lines, dataset.test.lines) == (24, 8, 12)
    assert (dataset.train.writers, dataset.valid.writers, dataset.test.writers) == (3, 2, 4)
    assert dataset.alphabet == (" ", *"abcdefgh")


def test_no_text_of_the_test_part_is_public(small_data: Path) -> None:
    """The truth lies in private/ alone."""
    dataset = open_dataset(small_data)
    truth = read_truth(small_data, dataset)
    assert len(truth) == 12
    assert read_split(small_data, dataset, "test").texts is None
    public = b"".join(path.read_bytes() for path in (small_data / "public").iterdir() if path.name == "test.h5")
    assert not any(text.encode() in public for text in truth.values())


def test_texts_are_stored_as_the_judge_sees_them(tmp_path: Path) -> None:
    """NFC and single spaces, so that training and judge agree."""
    parts = dict(fabricated_parts())
    first = parts["train"][0]
    parts["train"] = [(first[0], first[1], "  e\u0301a \t b\n", first[3])]
    dataset = build(tmp_path / "d", parts, ABOUT)
    assert read_split(tmp_path / "d", dataset, "train").texts == ("\u00e9a b",)


def _change(split: Split, index: int, **new: str) -> Callable[[Parts], None]:
    def change(parts: Parts) -> None:
        line_id, image, text, writer = parts[split][index]
        parts[split][index] = (new.get("id", line_id), image, new.get("text", text), new.get("writer", writer))

    return change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (_change("train", 3, text=" \t"), "train-003: its text is empty"),
        (_change("train", 3, id="train-002"), "train-002: the id stands twice"),
        (_change("test", 0, id="train-000"), "line train-000 stands in both train and test"),
        (_change("valid", 0, writer="train-writer1"), "writer train-writer1 stands in both train and valid"),
        (lambda parts: parts["valid"].clear(), "the valid part has no lines"),
    ],
)
def test_a_wrong_part_is_one_sentence_and_no_folder(
    tmp_path: Path, change: Callable[[Parts], None], sentence: str
) -> None:
    """Nothing stays behind, under any name."""
    parts = dict(fabricated_parts())
    change(parts)
    with pytest.raises(InputError, match=sentence):
        build(tmp_path / "d", parts, ABOUT)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_kept_unless_replaced(tmp_path: Path) -> None:
    """And a failed replacement leaves the old one as it was."""
    build(tmp_path / "d", fabricated_parts(), ABOUT)
    with pytest.raises(InputError, match="already there"):
        build(tmp_path / "d", fabricated_parts(train=8), ABOUT)
    with pytest.raises(InputError, match="no lines"):
        build(tmp_path / "d", fabricated_parts(train=0), ABOUT, replace=True)
    assert open_dataset(tmp_path / "d", whole=True).train.lines == 24
    build(tmp_path / "d", fabricated_parts(train=8), ABOUT, replace=True)
    assert open_dataset(tmp_path / "d", whole=True).train.lines == 8


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda d: (d / "manifest.json").unlink(), "no dataset here"),
        (lambda d: (d / "manifest.json").write_text("{"), "manifest.json"),
        (lambda d: (d / "private" / "test-text.json").unlink(), "nothing can be scored"),
        (lambda d: (d / "private" / "test-text.json").write_text("{}"), "not the texts"),
        (lambda d: (d / "public" / "valid.h5").unlink(), "no such line store"),
        (lambda d: (d / "public" / "valid.h5").write_bytes((d / "public" / "train.h5").read_bytes()), "not the file"),
    ],
)
def test_a_damaged_folder_is_one_sentence(tmp_path: Path, damage: Callable[[Path], object], sentence: str) -> None:
    """Each part is held against the manifest."""
    build(tmp_path / "d", fabricated_parts(), ABOUT)
    damage(tmp_path / "d")
    with pytest.raises(InputError, match=sentence):
        open_dataset(tmp_path / "d", whole=True)


def test_a_test_file_with_texts_is_refused(tmp_path: Path) -> None:
    """Answers where a model can see them are an error, whoever put them there."""
    build(tmp_path / "d", fabricated_parts(), ABOUT)
    path = tmp_path / "d" / "public" / "test.h5"
    with h5py.File(path, "r+") as file:
        file["text"] = file["id"][:]
    with pytest.raises(InputError):
        open_dataset(tmp_path / "d", whole=True)


def test_the_description_tells_what_a_person_wants_to_know(small_data: Path) -> None:
    """Lines, writers, alphabet, licence, and that it is synthetic."""
    text = "\n".join(described(small_data, open_dataset(small_data)))
    for word in ("synthetic", "24 lines by 3 writers", "alphabet of 9", "licence: CC0"):
        assert word in text
