"""The synthetic lines: reproducible, disjoint, readable, whole."""

import hashlib
from collections.abc import Iterable

import numpy as np
import pytest

from harness.datasets import fonts, prose, synthetic
from harness.datasets.fonts import FACES, SEEN, UNSEEN, Face, open_font
from harness.datasets.glyphs import Letters
from harness.datasets.pens import hand_of
from harness.datasets.prose import ALPHABET, OPENINGS, line_of
from harness.datasets.strokes import OVERSIZE, ink_line
from harness.datasets.synthetic import SIZES, WRITERS, Row, part, unseen_font_writers
from harness.nouns import SPLITS, InputError, Split

LINES: dict[Split, int] = {"train": 50, "valid": 8, "test": 16}


@pytest.fixture(scope="module")
def parts() -> dict[Split, list[Row]]:
    """A line or two of every writer, 32 pixels high."""
    return {split: list(part(split, 1, 32, LINES[split])) for split in SPLITS}


def _digest(rows: Iterable[Row]) -> str:
    digest = hashlib.sha256()
    for line_id, image, text, writer in rows:
        digest.update(f"{line_id}|{text}|{writer}|{image.shape}|".encode() + image.tobytes())
    return digest.hexdigest()


@pytest.mark.parametrize("processes", [1, 2])
def test_the_same_seed_gives_the_same_bytes(parts: dict[Split, list[Row]], processes: int) -> None:
    """Drawn again, and by two processes, a part does not change by a byte."""
    assert _digest(part("valid", 1, 32, 8, processes)) == _digest(parts["valid"])


def test_another_seed_gives_other_lines(parts: dict[Split, list[Row]]) -> None:
    """Neither the texts nor the pictures of two seeds are the same."""
    other = list(part("valid", 2, 32, 8))
    assert not {row[2] for row in other} & {row[2] for row in parts["valid"]}
    assert len({row[1].tobytes() for row in (*other, *parts["valid"])}) == 16


def test_a_line_does_not_depend_on_how_many_follow_it() -> None:
    """A writer's first line is the same in a short part and in a longer one."""
    (short,), long = part("test", 1, 32, 1), list(part("test", 1, 32, 2))
    assert _digest([short]) == _digest(long[:1])


def test_parts_share_no_writer_and_no_text(parts: dict[Split, list[Row]]) -> None:
    """Over three parts, writers and texts stand in one part only."""
    for column in (2, 3):
        sets = [{row[column] for row in parts[split]} for split in SPLITS]
        assert len(set.union(*sets)) == sum(map(len, sets))


def test_no_checksum_lets_a_text_into_two_parts() -> None:
    """The shares of the checksum are disjoint, which keeps texts apart for every seed and size."""
    owned = [share for split in SPLITS for share in prose._SHARES[split]]
    assert sorted(owned) == list(range(8))


@pytest.mark.parametrize(("lines", "most", "fewest"), [(50, 2, 1), (5, 1, 1)])
def test_writers_have_equal_shares(lines: int, most: int, fewest: int) -> None:
    """No writer has more than one line above another's, and ids count a writer's lines."""
    rows = list(part("train", 3, 24, lines))
    counts = [sum(row[3] == writer for row in rows) for writer in dict.fromkeys(row[3] for row in rows)]
    assert (sum(counts), max(counts), min(counts)) == (lines, most, fewest)
    assert len(counts) == min(lines, WRITERS["train"])
    assert rows[0][0] == "train-w00-0000"
    assert len({row[0] for row in rows}) == lines


@pytest.mark.parametrize("seed", [0, 1, 2, 7])
def test_a_quarter_of_the_test_writers_use_fonts_that_training_never_saw(seed: int) -> None:
    """4 of 16, over both kept fonts, and nobody in training or validation uses either."""
    unseen = unseen_font_writers(seed)
    assert len(unseen) / WRITERS["test"] == 1 / 4
    assert {synthetic._font("test", seed, int(name[-2:])) for name in unseen} == set(UNSEEN)
    used = {synthetic._font(split, seed, w) for split in ("train", "valid") for w in range(WRITERS[split])}
    assert used == set(SEEN)
    assert not used & set(UNSEEN)


def test_the_unseen_writers_are_in_the_part(parts: dict[Split, list[Row]]) -> None:
    """The group's names are writers of the test part."""
    assert set(unseen_font_writers(1, LINES["test"])) <= {row[3] for row in parts["test"]}


def test_ink_is_dark_on_white(parts: dict[Split, list[Row]]) -> None:
    """Every line is mostly paper and has some ink much darker than it."""
    for _, image, _, _ in (row for rows in parts.values() for row in rows):
        assert image.dtype == np.uint8
        assert np.median(image) > 150
        assert image.min() < 0.75 * np.median(image)


@pytest.mark.parametrize("height", [24, 28, 64, 128])
def test_every_height_is_drawn_whole(height: int) -> None:
    """Pictures are as high as asked, and no ink touches their edges, for hands of every font."""
    for number, font in enumerate(FACES):
        rng = np.random.default_rng(number)
        letters = Letters(hand_of(font, rng), height * OVERSIZE, rng)
        ink, baseline = ink_line("(Jig) fly, \"Why 'Q'? by\" Gabfly", letters, height, rng)
        assert ink.shape[0] == height
        assert 0 < baseline < height
        assert max(edge.max() for edge in (ink[0], ink[-1], ink[:, 0], ink[:, -1])) < 0.05
        assert ink.max() > 0.8


@pytest.mark.parametrize("height", [0, 23, 513])
def test_a_height_that_cannot_be_drawn_is_refused(height: int) -> None:
    """One sentence names the height and the range."""
    with pytest.raises(InputError, match=rf"a height of {height} px .* 24 to 512"):
        next(part("train", 1, height, 1))


def test_training_holds_every_character(parts: dict[Split, list[Row]]) -> None:
    """The opening lines of training hold the alphabet, and no line of any part holds another character."""
    assert set("".join(OPENINGS)) == set(ALPHABET)
    assert [row[2] for row in parts["train"] if row[0].endswith("-0000")][: len(OPENINGS)] == list(OPENINGS)
    assert {c for rows in parts.values() for row in rows for c in row[2]} == set(ALPHABET)


@pytest.mark.parametrize("split", SPLITS)
def test_lines_are_of_20_to_60_characters_and_vary(split: Split) -> None:
    """500 lines: all different, all in range, about 38 characters on average, single spaces, ASCII."""
    rng = np.random.default_rng(5)
    lines = [line_of(split, rng) for _ in range(500)]
    assert len(set(lines)) == 500
    assert 20 <= min(map(len, lines)) <= max(map(len, lines)) <= 60
    assert 36 < np.mean([len(line) for line in lines]) < 40
    assert all(line.isascii() and line == " ".join(line.split()) for line in lines)
    assert set("".join(lines)) <= set(ALPHABET)


def test_some_words_are_kept_from_training() -> None:
    """Every slot's training words are among the test's, and about one word in ten is not in training."""
    known = {split: {w for slot in prose.WORDS for w in prose._known(slot, split)} for split in SPLITS}
    assert known["train"] < known["test"] == known["valid"]
    assert 0.05 < 1 - len(known["train"]) / len(known["test"]) < 0.15


@pytest.mark.parametrize("name", FACES)
def test_no_font_draws_an_empty_box(name: str) -> None:
    """Each character of the alphabet has a glyph of its own in each font."""
    for weight in (0.0, 0.5, 1.0):
        font = open_font(name, weight, 40)
        box = bytes(font.getmask("\ufffe"))
        assert [c for c in ALPHABET[1:] if bytes(font.getmask(c)) in (box, b"")] == []


def test_a_missing_font_package_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the package and the command that installs all of them."""
    monkeypatch.setattr(fonts, "FACES", {"Gone": Face("fontpkg_gone", ("Gone.ttf",))})
    sentence = r"fontpkg-gone is missing.*run `pip install 'htr-harness\[demo\]'`\.$"
    with pytest.raises(InputError, match=sentence):
        open_font("Gone", 0.5, 40)


def test_progress_adds_up_to_the_lines() -> None:
    """The callback hears of every line once."""
    heard: list[int] = []
    rows = list(part("test", 1, 24, 20, progress=heard.append))
    assert sum(heard) == len(rows) == 20


def test_the_default_sizes_are_those_of_the_docstring() -> None:
    """3,120 lines, 72 writers, 78 characters."""
    lines, writers = sum(SIZES.values()), sum(WRITERS.values())
    for fact in (f"{lines:,} lines", f"{writers} writers", f"{len(ALPHABET)} characters"):
        assert fact in (synthetic.__doc__ or "")
