"""Aligned readings: cheapest, whole, and cut where a page may break."""

from itertools import product

import pytest

from leaderboard.alignment import LONGEST, align, words


def distance(text: str, reading: str) -> int:
    """A second, recursive edit distance."""
    if not text or not reading:
        return len(text) + len(reading)
    same = distance(text[1:], reading[1:]) + (text[0] != reading[0])
    return min(same, distance(text[1:], reading) + 1, distance(text, reading[1:]) + 1)


def test_alignments_are_cheapest_and_whole() -> None:
    """Over every pair of words of up to four letters from two."""
    some = ["".join(letters) for length in range(5) for letters in product("ab", repeat=length)]
    for text, reading in product(some, some):
        cells = align(text, reading)
        assert "".join(cell.text for cell in cells) == text
        assert "".join(cell.reading for cell in cells) == reading
        assert sum(cell.wrong for cell in cells) == distance(text, reading)


PAIRS = {
    "nothing": ("", "", []),
    "right": ("ab", "ab", [("ab", "ab", False)]),
    "replaced": ("abc", "axc", [("a", "a", False), ("b", "x", True), ("c", "c", False)]),
    "missed": ("abc", "ac", [("a", "a", False), ("b", "·", True), ("c", "c", False)]),
    "added": ("ac", "abc", [("a", "a", False), ("·", "b", True), ("c", "c", False)]),
    "all of it": ("ab", "", [("ab", "··", True)]),
    "a space in a word": ("ab", "a b", [("a", "a", False), ("·", "\u00a0", True), ("b", "b", False)]),
    "one letter in two spellings": ("e\u0301", "\u00e9", [("\u00e9", "\u00e9", False)]),
}


@pytest.mark.parametrize(("text", "reading", "expected"), PAIRS.values(), ids=PAIRS.keys())
def test_runs_of_one_word(text: str, reading: str, expected: list[tuple[str, str, bool]]) -> None:
    """Both rows of a run are equally wide."""
    runs = [run for word in words(align(text, reading)) for run in word]
    assert [(run.text, run.reading, run.wrong) for run in runs] == expected


def test_pieces_end_after_the_spaces_of_the_text() -> None:
    """A page may break between words, and the rows stay aligned."""
    pieces = words(align("to be or", "to beor"))
    assert ["".join(run.text for run in piece) for piece in pieces] == ["to\u00a0", "be\u00a0", "or"]
    assert ["".join(run.reading for run in piece) for piece in pieces] == ["to\u00a0", "be·", "or"]


def test_a_hostile_reading_is_cut() -> None:
    """A hundred thousand characters do not stall a build."""
    assert len(align("a", "b" * 100_000)) == LONGEST
