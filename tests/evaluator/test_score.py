"""The score, its totals, and that two judges agree on it."""

import random
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest

from harness.evaluator.score import align, count_edits, score
from harness.nouns import HarnessError, SubmissionError
from tests.evaluator import second_judge as second

LETTERS = "aabbc\u00e9e\u0301\u0323 \u00a0\t.T\U0001f600\u05d0"


def draw_text(draw: random.Random, longest: int) -> str:
    return "".join(draw.choices(LETTERS, k=draw.randrange(longest + 1)))


def draw_pairs(count: int, longest: int, seed: int = 3) -> list[tuple[str, str]]:
    """Half of the pairs have nothing in common but their letters, half are a text and a damaged copy."""
    draw = random.Random(seed)
    pairs = []
    for i in range(count):
        text = draw_text(draw, longest)
        cut = draw.randrange(longest + 1)
        damaged = text[:cut] + draw_text(draw, 2) + text[cut + draw.randrange(3) :]
        pairs.append((text, damaged if i % 2 else draw_text(draw, longest)))
    return pairs


def numbered(texts: Sequence[Sequence[str]]) -> list[list[int]]:
    number: dict[str, int] = {}
    return [[number.setdefault(one, len(number)) for one in text] for text in texts]


def test_two_judges_agree_on_a_hundred_thousand_pairs() -> None:
    """Characters and words, line by line, from the raw texts on; and the totals from them."""
    pairs = draw_pairs(100_000, 12)
    judged = score({str(i): a for i, (a, _) in enumerate(pairs)}, {str(i): b for i, (_, b) in enumerate(pairs)})
    texts = [[second.normalise(pair[side]) for pair in pairs] for side in (0, 1)]
    words = [[text.split(" ") if text else [] for text in side] for side in texts]
    edits, word_edits = (
        second.distances(together[: len(pairs)], together[len(pairs) :])
        for together in (numbered([*texts[0], *texts[1]]), numbered([*words[0], *words[1]]))
    )
    found = np.array([(line.edits, line.characters, line.word_edits, line.words) for line in judged.lines])
    expected = np.stack([edits, list(map(len, texts[0])), word_edits, list(map(len, words[0]))], axis=1)
    assert np.flatnonzero((found != expected).any(axis=1)).tolist() == []
    assert (judged.edits, judged.words) == (edits.sum(), sum(map(len, words[0])))
    assert judged.exact_lines == (edits == 0).sum() / len(pairs)
    assert 0.05 < judged.exact_lines < 0.5  # the pairs are neither all equal nor all different


def test_the_vectorised_table_is_the_textbook_one() -> None:
    """The second judge's fast form is checked against its slow one."""
    pairs = draw_pairs(500, 10, seed=4)
    both = numbered([a for a, _ in pairs] + [b for _, b in pairs])
    assert second.distances(both[:500], both[500:]).tolist() == [second.distance(a, b) for a, b in pairs]


@pytest.mark.parametrize("length", [63, 64, 65, 127, 128, 129, 640, 641, 705])
def test_distances_are_right_where_editdistance_changes_its_method(length: int) -> None:
    """It works in blocks of 64 characters up to ten blocks, then by the table."""
    draw = random.Random(length)
    reference = "".join(draw.choices("abcd", k=length))
    for reading_length in (length, max(1, length - 64), 40):
        reading = "".join(draw.choices("abcd", k=reading_length))
        edits = score({"1": reference}, {"1": reading}).edits
        assert edits == _long_distance(reference, reading)
        assert edits == sum(a != b for a, b in align(reference, reading))


def _long_distance(a: str, b: str) -> int:
    """Row by row; the textbook table of 700 x 700 cells would take a second in Python for each pair."""
    row = np.arange(len(b) + 1)
    letters, columns = np.array(list(b)), np.arange(len(b) + 1)
    for i, letter in enumerate(a, 1):
        best = np.minimum(row[1:] + 1, row[:-1] + (letters != letter))
        row = np.minimum.accumulate(np.concatenate([[i], best]) - columns) + columns
    return int(row[-1])


def test_an_alignment_costs_what_the_distance_says_and_spells_both_texts() -> None:
    """On 2,000 random pairs."""
    for a, b in draw_pairs(2_000, 12, seed=5):
        pairs = align(a, b)
        assert "".join(x for x, _ in pairs) == a
        assert "".join(y for _, y in pairs) == b
        assert all(x or y for x, y in pairs)
        assert sum(x != y for x, y in pairs) == second.distance(a, b)


@pytest.mark.parametrize(
    ("reference", "reading", "pairs"),
    [
        ("", "", []),
        ("a", "", ["a-"]),
        ("", "a", ["-a"]),
        ("ab", "ab", ["aa", "bb"]),
        ("abc", "axc", ["aa", "bx", "cc"]),
        ("aa", "a", ["aa", "a-"]),  # the common beginning is paired first
        ("a", "aa", ["aa", "-a"]),
        ("ba", "a", ["b-", "aa"]),
        ("ab", "ba", ["ab", "ba"]),  # two substitutions rather than a deletion and an insertion
        ("aba", "bab", ["-b", "aa", "bb", "a-"]),  # from the end: a deletion rather than an insertion
        ("abxc", "aybc", ["aa", "by", "xb", "cc"]),
    ],
)
def test_of_many_cheapest_alignments_the_documented_one_is_chosen(
    reference: str, reading: str, pairs: list[str]
) -> None:
    """Written with "-" for a gap."""
    assert ["".join(side or "-" for side in pair) for pair in align(reference, reading)] == pairs


def test_counts_by_kind_add_up_to_the_edits() -> None:
    """On the same pairs that `score` sees, normalised."""
    pairs = draw_pairs(500, 12, seed=6)
    truth, read = ({str(i): pair[side] for i, pair in enumerate(pairs)} for side in (0, 1))
    counts = count_edits(truth, read)
    assert counts.substitutions + counts.insertions + counts.deletions == score(truth, read).edits
    lengths = [len(second.normalise(pair[1])) - len(second.normalise(pair[0])) for pair in pairs]
    assert counts.insertions - counts.deletions == sum(lengths)


def test_edits_are_named_from_the_reference_to_the_reading() -> None:
    """What the reading adds is an insertion, what it lacks a deletion."""
    counts = count_edits({"1": "abc", "2": "de", "3": "fg"}, {"1": "abcx", "2": "dX"})
    assert (counts.substitutions, counts.insertions, counts.deletions) == (1, 1, 2)


def test_a_missing_line_counts_in_full() -> None:
    """It is the empty text, and the lines keep the truth's order."""
    judged = score({"b": "xyz", "a": "uv"}, {"a": "uv"})
    assert [(line.id, line.edits, line.characters) for line in judged.lines] == [("b", 3, 3), ("a", 0, 2)]
    assert judged.character_accuracy == float(Fraction(2, 5))
    assert judged.cer == float(Fraction(3, 5))


def test_an_accuracy_is_not_clipped() -> None:
    """A reading three times too long is worse than no reading."""
    assert score({"1": "a"}, {"1": "bbb"}).character_accuracy == -2.0


def test_an_empty_reference_makes_its_whole_reading_errors() -> None:
    """Three edits and no characters; its own share is 1 - 3/1."""
    judged = score({"1": " ", "2": "ab"}, {"1": "xyz", "2": "ab"})
    assert (judged.edits, judged.characters) == (3, 2)
    assert judged.mean_line_accuracy == float((Fraction(1 - 3) + 1) / 2)


def test_shares_are_rounded_once() -> None:
    """Adding a third a thousand times over in floats would not give the float nearest to a third."""
    truth = {str(i): "abc" for i in range(1000)}
    judged = score(truth, dict.fromkeys(truth, "a"))
    assert judged.mean_line_accuracy == judged.character_accuracy == float(Fraction(1, 3))


def test_a_prediction_for_an_unknown_line_is_refused() -> None:
    """Nothing is ignored; the id is quoted safely."""
    for judge in (score, count_edits):
        with pytest.raises(SubmissionError, match=r"prediction for 'x\\n\\u202e'") as caught:
            judge({"1": "a"}, {"1": "a", "x\n\u202e": "b"})
        assert caught.value.phase == "score"


@pytest.mark.parametrize("truth", [{}, {"1": ""}, {"1": " ", "2": "\u00a0\t"}])
def test_a_truth_with_nothing_in_it_is_our_error(truth: dict[str, str]) -> None:
    """Never a score of 0, nor of 1."""
    with pytest.raises(HarnessError):
        score(truth, {})


def test_texts_that_collide_as_negative_hashes_do_not_collide_here() -> None:
    """editdistance takes -1 and -2 for the same thing; words and characters reach it as numbers from 0 up."""
    judged = score({"1": "-1 -1 -1"}, {"1": "-2 -2 -2"})
    assert (judged.edits, judged.word_edits) == (3, 3)
