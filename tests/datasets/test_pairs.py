"""Pairs of image and text: every layout that users have, and every way a pair can be wrong."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harness.datasets.pairs import Pair, find_pairs, read_pairs
from harness.datasets.pictures import read_picture
from harness.nouns import InputError
from tests.fabricated import draw


def pair(folder: Path, name: str, text: str = "abc", ending: str = ".png") -> None:
    """One image with its text beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(draw("abc")).save(folder / f"{name}{ending}")
    (folder / f"{name}.gt.txt").write_text(text, "utf-8")


def by_part(root: Path) -> Path:
    """train, valid and test, with one writer's folder each."""
    for split in ("train", "valid", "test"):
        for i in range(3):
            pair(root / split / f"writer-{split}", f"{split}-{i}")
    return root


def test_parts_and_writers_come_from_folders(tmp_path: Path) -> None:
    """As Copiste and many others are laid out."""
    found = find_pairs(by_part(tmp_path))
    assert found.writers_known
    assert {split: len(pairs) for split, pairs in found.parts.items()} == {"train": 3, "valid": 3, "test": 3}
    assert {pair.writer for pair in found.parts["test"]} == {"writer-test"}


def test_parts_are_drawn_by_writer_from_a_seed(tmp_path: Path) -> None:
    """No writer is in two parts; the seed alone decides."""
    for writer in range(20):
        for i in range(5):
            pair(tmp_path / f"w{writer}", f"l{i}")
    found = find_pairs(tmp_path, seed=3)
    writers = [{pair.writer for pair in pairs} for pairs in found.parts.values()]
    assert [len(part) for part in writers] == [16, 2, 2]
    assert len(set().union(*writers)) == 20
    assert find_pairs(tmp_path, seed=3) == found
    assert find_pairs(tmp_path, seed=4) != found


def test_a_flat_folder_is_drawn_by_line_and_says_that_writers_are_unknown(tmp_path: Path) -> None:
    """Kraken's usual folder."""
    for i in range(30):
        pair(tmp_path, f"l{i:02d}")
    found = find_pairs(tmp_path)
    assert not found.writers_known
    assert [len(pairs) for pairs in found.parts.values()] == [24, 3, 3]


@pytest.mark.parametrize("separator", [",", "\t"])
def test_writers_come_from_a_file(tmp_path: Path, separator: str) -> None:
    """CSV or TSV, by file name or by path."""
    for i in range(4):
        pair(tmp_path / "lines", f"l{i}")
    table = tmp_path / "writers.csv"
    table.write_text("\n".join(f"l{i}.png{separator}w{i}" for i in range(4)))
    found = find_pairs(tmp_path / "lines", table)
    assert sorted(pair.writer for pairs in found.parts.values() for pair in pairs) == ["w0", "w1", "w2", "w3"]


def _drop(name: str) -> Callable[[Path], object]:
    return lambda root: (root / name).unlink()


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (_drop("train/writer-train/train-1.gt.txt"), r"train-1\.png: has no text"),
        (_drop("train/writer-train/train-1.png"), r"train-1\.gt\.txt: has no image"),
        (lambda root: pair(root / "train" / "writer-train", "train-1", ending=".jpg"), "has the same name"),
        (lambda root: __import__("shutil").rmtree(root / "valid"), "no valid folder"),
        (lambda root: __import__("shutil").rmtree(root), "no such folder"),
        (lambda root: [path.unlink() for path in (root / "test" / "writer-test").iterdir()], "no pairs here"),
    ],
)
def test_an_incomplete_source_is_one_sentence(tmp_path: Path, damage: Callable[[Path], object], sentence: str) -> None:
    """With the name of the file, and what to do."""
    root = by_part(tmp_path / "source")
    damage(root)
    with pytest.raises(InputError, match=sentence):
        find_pairs(root)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [("l0.png", "line 1: 1 columns"), ("l0.png,w0\nl1.png,w1", "does not name it"), ("\xff", "does not name it")],
)
def test_a_wrong_writers_file_is_one_sentence(tmp_path: Path, content: str, sentence: str) -> None:
    """It names the line, or the image that is missing from it."""
    for i in range(3):
        pair(tmp_path / "lines", f"l{i}")
    (tmp_path / "writers.csv").write_text(content + "\n")
    with pytest.raises(InputError, match=sentence if content != "\xff" else "1 columns"):
        find_pairs(tmp_path / "lines", tmp_path / "writers.csv")


def _one(folder: Path) -> Pair:
    return Pair("l", folder / "l.png", folder / "l.gt.txt", "w")


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda d: (d / "l.png").write_bytes((d / "l.png").read_bytes()[:60]), r"l\.png: no image that can be read"),
        (lambda d: (d / "l.png").write_text("hello"), r"l\.png: no image that can be read"),
        (lambda d: (d / "l.gt.txt").write_text(" \n"), r"l\.gt\.txt: its text is empty"),
        (lambda d: (d / "l.gt.txt").write_bytes(b"\xff\xfe\x00"), r"l\.gt\.txt: no UTF-8"),
    ],
)
def test_a_damaged_pair_is_one_sentence(tmp_path: Path, damage: Callable[[Path], object], sentence: str) -> None:
    """With the file's name."""
    pair(tmp_path, "l")
    damage(tmp_path)
    with pytest.raises(InputError, match=sentence):
        list(read_pairs([_one(tmp_path)], 32, 2, lambda _: None))


def test_pairs_are_read_in_order_and_counted(tmp_path: Path) -> None:
    """Whatever the number of threads."""
    for i in range(9):
        pair(tmp_path, f"l{i}", text=f"text {i}")
    pairs = [Pair(f"l{i}", tmp_path / f"l{i}.png", tmp_path / f"l{i}.gt.txt", "w") for i in range(9)]
    seen: list[int] = []
    found = list(read_pairs(pairs, 32, 3, seen.append))
    assert [row[2] for row in found] == [f"text {i}" for i in range(9)]
    assert sum(seen) == 9


@pytest.mark.parametrize("mode", ["L", "1", "RGB", "RGBA", "LA", "P", "I;16", "CMYK"])
def test_every_kind_of_image_becomes_dark_ink_on_white(tmp_path: Path, mode: str) -> None:
    """A 64 pixel high image of any mode, at half the height, keeps its aspect ratio and its ink."""
    grey = np.full((64, 200), 255, np.uint8)
    grey[20:40, 50:100] = 0
    image = Image.fromarray(grey)
    if mode == "I;16":
        image = Image.fromarray(grey.astype(np.uint16) * 257)
    elif mode != "L":
        image = image.convert("RGB").convert(mode) if mode in ("P", "CMYK") else image.convert(mode)
    path = tmp_path / f"a{'.tif' if mode == 'CMYK' else '.png'}"
    image.save(path)
    read = read_picture(path, 32)
    assert read.shape == (32, 100)
    assert read[15, 35] < 40
    assert read[2, 2] > 215


def test_a_transparent_background_is_paper(tmp_path: Path) -> None:
    """Not black, as its hidden colour may be."""
    Image.new("RGBA", (40, 20), (0, 0, 0, 0)).save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png", 20).min() == 255


def test_a_banner_is_no_line(tmp_path: Path) -> None:
    """An image 3 pixels high and 9,000 wide would be 192,000 wide."""
    Image.new("L", (9000, 3)).save(tmp_path / "a.png")
    with pytest.raises(InputError, match="too wide"):
        read_picture(tmp_path / "a.png", 64)
