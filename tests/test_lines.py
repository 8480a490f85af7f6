"""The line store: what is written is read, and what is damaged is said."""

from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from harness.datasets.folder import Row
from harness.lines import LineWriter, digest_of, read_index, read_lines, subset, write_lines
from harness.nouns import InputError
from tests.fabricated import HEIGHT, rows


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "train.h5"
    write_lines(path, rows("train", 24, 3), HEIGHT, {"dataset": "small"})
    return path


def test_what_is_written_is_read(stored: Path) -> None:
    """Ids, texts, writers and pixels come back in order."""
    lines, wanted = read_lines(stored), rows("train", 24, 3)
    assert lines.ids == tuple(row[0] for row in wanted)
    assert lines.texts == tuple(row[2] for row in wanted)
    assert lines.writers == tuple(row[3] for row in wanted)
    assert all(np.array_equal(lines.image(i), row[1]) for i, row in enumerate(wanted))


def test_an_image_is_a_view_of_the_strip(stored: Path) -> None:
    """A training loop gets its lines without a copy."""
    lines = read_lines(stored)
    assert all(np.shares_memory(lines.image(i), lines.strip) for i in range(len(lines)))


def test_the_digest_depends_on_the_content_alone(stored: Path, tmp_path: Path) -> None:
    """Same lines, same digest, whatever the chunks; one pixel, one letter or the order changes it."""
    lines = read_lines(stored)
    assert lines.about["digest"] == digest_of(lines)
    changed = rows("train", 24, 3)
    changed[0][1][0, 0] ^= 1
    others = [changed, rows("train", 24, 3)[::-1], [(a, b, c + "!", d) for a, b, c, d in rows("train", 24, 3)]]
    digests = {write_lines(tmp_path / f"{i}.h5", other, HEIGHT, {}) for i, other in enumerate(others)}
    assert len(digests | {lines.about["digest"]}) == 4


def test_a_file_without_texts_holds_none(tmp_path: Path) -> None:
    """Not one byte of a text is in a file that a room with a model may see."""
    path = tmp_path / "test.h5"
    write_lines(path, [("a", np.zeros((HEIGHT, 9), np.uint8), "Marigold", "w")], HEIGHT, {}, with_texts=False)
    assert read_lines(path).texts is None
    assert b"Marigold" not in path.read_bytes()


def test_an_error_while_writing_leaves_nothing(tmp_path: Path) -> None:
    """A half store never stands under its name, nor under another."""

    def broken() -> Iterator[Row]:
        yield rows("train", 1, 1)[0]
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        write_lines(tmp_path / "a.h5", broken(), HEIGHT, {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_one_sentence(stored: Path, part: float) -> None:
    """Cut anywhere, it is refused with the file's name."""
    content = stored.read_bytes()
    stored.write_bytes(content[: int(part * len(content))])
    with pytest.raises(InputError, match=r"train\.h5: damaged"):
        read_lines(stored)


def test_a_flipped_pixel_is_noticed(tmp_path: Path) -> None:
    """Damage that HDF5 does not see, the digest does."""
    path = tmp_path / "a.h5"
    write_lines(path, rows("train", 4, 1), HEIGHT, {})
    with h5py.File(path, "r+") as file:
        file["strip"][3, 3] ^= 255
    with pytest.raises(InputError, match="does not match its digest"):
        read_lines(path)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda file: file.attrs.__setitem__("format", 9), "no line store of format 1"),
        (lambda file: file.__delitem__("offset"), "damaged"),
        (lambda file: file.__delitem__("id"), "damaged"),
        (lambda file: file["offset"].__setitem__(1, 0), "disagree"),
        (lambda file: file["offset"].__setitem__(-1, 1), "disagree"),
        (lambda file: file.attrs.__setitem__("height", 7), "stated height"),
    ],
)
def test_a_wrong_table_is_one_sentence(stored: Path, change: object, sentence: str) -> None:
    """Whatever is wrong inside, the sentence names the file."""
    with h5py.File(stored, "r+") as file:
        change(file)  # type: ignore[operator]
    with pytest.raises(InputError, match=rf"train\.h5.*{sentence}"):
        read_lines(stored)


def test_a_file_that_is_no_hdf5_is_one_sentence(tmp_path: Path) -> None:
    """Nor is a missing one."""
    (tmp_path / "a.h5").write_text("hello")
    with pytest.raises(InputError, match="damaged or no line store"):
        read_lines(tmp_path / "a.h5")
    with pytest.raises(InputError, match="no such line store"):
        read_lines(tmp_path / "b.h5")


def test_the_index_is_the_lines_without_pixels(stored: Path) -> None:
    """Ids, writers and the digest that the file states; damage is said in the same way."""
    lines, index = read_lines(stored), read_index(stored)
    assert (index.ids, index.writers, index.digest) == (lines.ids, lines.writers, lines.about["digest"])
    stored.write_bytes(stored.read_bytes()[:100])
    with pytest.raises(InputError, match="damaged"):
        read_index(stored)


def test_a_subset_writes_the_chosen_lines(stored: Path, tmp_path: Path) -> None:
    """Their ids and pixels are the whole's."""
    lines = read_lines(stored)
    write_lines(tmp_path / "few.h5", subset(lines, [5, 2]), HEIGHT, {})
    few = read_lines(tmp_path / "few.h5")
    assert few.ids == (lines.ids[5], lines.ids[2])
    assert np.array_equal(few.image(1), lines.image(2))


@pytest.mark.parametrize("shape", [(HEIGHT + 1, 9), (HEIGHT, 0)])
def test_a_line_of_another_shape_is_refused(tmp_path: Path, shape: tuple[int, int]) -> None:
    """A wrong height or no width would damage the strip."""
    with pytest.raises(ValueError, match="uint8"), LineWriter(tmp_path / "a.h5", HEIGHT, {}) as writer:
        writer.add("a", np.zeros(shape, np.uint8), "text", "w")
