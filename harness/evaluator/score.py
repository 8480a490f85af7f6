"""Scores readings against the truth (design, section 5). It knows no models, images or files."""

from collections.abc import Mapping
from fractions import Fraction

import editdistance
import numpy as np
from numpy.typing import NDArray

from harness.evaluator.text import normalise
from harness.nouns import EditCounts, HarnessError, LineScore, Score, SubmissionError

Pairs = tuple[tuple[str, str], ...]


def score(truth: Mapping[str, str], predictions: Mapping[str, str]) -> Score:
    """Compare each line of truth with its prediction, after normalising both; a missing prediction is the empty text.

    truth and predictions map a line's id to its text. Shares are quotients of whole numbers, rounded once, and are
    not clipped: a reading much longer than its reference makes an accuracy negative. A line without reference
    characters adds all its reading to the edits and nothing to the characters; its part of `mean_line_accuracy` is
    1 - edits / max(1, characters), so 1 where the reading is empty too.
    Raises SubmissionError on a prediction for a line that the truth lacks, HarnessError on a truth without lines or
    without any character.
    """
    lines = tuple(_score_line(line_id, *pair) for line_id, pair in _pair(truth, predictions).items())
    edits, characters = sum(line.edits for line in lines), sum(line.characters for line in lines)
    word_edits, words = sum(line.word_edits for line in lines), sum(line.words for line in lines)
    if not characters:
        raise HarnessError("Every line of the truth is empty, so no share of it can be told; check the split's texts.")
    shares = (Fraction(max(1, line.characters) - line.edits, max(1, line.characters)) for line in lines)
    return Score(
        character_accuracy=(characters - edits) / characters,
        cer=edits / characters,
        wer=word_edits / words,
        exact_lines=sum(line.edits == 0 for line in lines) / len(lines),
        mean_line_accuracy=float(sum(shares, Fraction(0)) / len(lines)),
        edits=edits,
        characters=characters,
        word_edits=word_edits,
        words=words,
        lines=lines,
    )


def count_edits(truth: Mapping[str, str], predictions: Mapping[str, str]) -> EditCounts:
    """The edits of `score` by kind, along the alignment that `align` chooses; their sum equals `score(...).edits`.

    An insertion is a character that only the reading has, a deletion one that only the reference has.
    """
    pairs = [pair for texts in _pair(truth, predictions).values() for pair in align(*texts)]
    return EditCounts(
        substitutions=sum(bool(a) and bool(b) and a != b for a, b in pairs),
        insertions=sum(not a for a, _ in pairs),
        deletions=sum(not b for _, b in pairs),
    )


def align(reference: str, reading: str) -> Pairs:
    """A cheapest alignment as (reference character, reading character) pairs; "" stands for a gap.

    Texts are taken as they are; normalise them first. Many alignments can be cheapest; this one pairs the common
    beginning, then the common end of what is left, and walks the middle from its end, where it rather pairs two
    characters (equal or not) than leaves one of the reference out, and rather that than inserts one of the reading.
    Time and memory grow with the product of the middle's two lengths: 4 bytes for each pair of characters.
    """
    start = _common(reference, reading)
    end = _common(reference[start:][::-1], reading[start:][::-1])
    last, last_read = len(reference) - end, len(reading) - end
    return (
        tuple((a, a) for a in reference[:start])
        + _walk(reference[start:last], reading[start:last_read])
        + tuple((a, a) for a in reference[last:])
    )


def _pair(truth: Mapping[str, str], predictions: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Each line's normalised reference and reading, in the truth's order."""
    if not truth:
        raise HarnessError("The truth holds no lines, so there is nothing to score; check the split's texts.")
    stray = next((line_id for line_id in predictions if line_id not in truth), None)
    if stray is not None:
        reason = f"There is a prediction for {stray[:60]!r}, which is no line of this split; predict its lines only."
        raise SubmissionError(reason, "score")
    return {line_id: (normalise(text), normalise(predictions.get(line_id, ""))) for line_id, text in truth.items()}


def _score_line(line_id: str, reference: str, reading: str) -> LineScore:
    words, words_read = reference.split(), reading.split()
    number = {word: i for i, word in enumerate(dict.fromkeys(words + words_read))}
    # editdistance compares hashes, and -1 and -2 share one; numbers from 0 up are their own hashes.
    return LineScore(
        id=line_id,
        edits=editdistance.eval([ord(a) for a in reference], [ord(a) for a in reading]),
        characters=len(reference),
        word_edits=editdistance.eval([number[word] for word in words], [number[word] for word in words_read]),
        words=len(words),
    )


def _common(a: str, b: str) -> int:
    """The length of the longest common beginning."""
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _table(reference: str, reading: str) -> NDArray[np.int32]:
    """(len(reference) + 1, len(reading) + 1): the distance of every two beginnings (Wagner and Fischer 1974)."""
    columns = np.arange(len(reading) + 1, dtype=np.int32)
    codes = np.array([ord(a) for a in reading], np.int32)
    table = np.empty((len(reference) + 1, len(reading) + 1), np.int32)
    table[0] = columns
    for i, character in enumerate(reference):
        above, row = table[i], table[i + 1]
        row[0] = i + 1
        np.minimum(above[1:] + 1, above[:-1] + (codes != ord(character)), out=row[1:])
        # A run of insertions costs its length: the best start of one is a running minimum along the row.
        row[:] = np.minimum.accumulate(row - columns) + columns
    return table


def _walk(reference: str, reading: str) -> Pairs:
    """The middle's pairs, read off the table from its end."""
    table, pairs = _table(reference, reading), []
    i, j = len(reference), len(reading)
    while i or j:
        here = table[i, j]
        if i and j and here == table[i - 1, j - 1] + (reference[i - 1] != reading[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((reference[i], reading[j]))
        elif i and here == table[i - 1, j] + 1:
            i -= 1
            pairs.append((reference[i], ""))
        else:
            j -= 1
            pairs.append(("", reading[j]))
    return tuple(reversed(pairs))
