"""A second judge, written from the rules alone and slow on purpose: what the first one must agree with.

It shares no code and no package with the first: whitespace is a written-out set, the best path is runs by `groupby`,
distances are the textbook table.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

SPACES = re.compile(
    "[\u0009-\u000d\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"
)  # fmt: skip


def normalise(text: str) -> str:
    """Decompose and compose, collapse, strip."""
    composed = unicodedata.normalize("NFC", unicodedata.normalize("NFD", text))
    return SPACES.sub(" ", composed).strip(" ")


def best_path(logits: Sequence[Sequence[float]], alphabet: Sequence[str]) -> str:
    """Take the largest of each row (the first of equals), drop repeats, drop blanks."""
    path = [row.index(max(row)) for row in map(list, logits)]
    return "".join(alphabet[kind - 1] for kind, _ in groupby(path) if kind)


def ids_to_text(ids: Sequence[int], alphabet: Sequence[str]) -> str | None:
    """Spell ids up to the first 0; None where one of them means nothing or the text is over 10,000 long."""
    text = ""
    for i in ids:
        if i == 0:
            break
        if not 1 <= i <= len(alphabet):
            return None
        text += alphabet[i - 1]
    return text if len(text) <= 10_000 else None


def distance(a: Sequence[object], b: Sequence[object]) -> int:
    """Levenshtein's distance by the whole table."""
    table = [[i + j if not i or not j else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            paired = table[i - 1][j - 1] + (0 if a[i - 1] == b[j - 1] else 1)
            table[i][j] = min(paired, table[i - 1][j] + 1, table[i][j - 1] + 1)
    return table[len(a)][len(b)]


def distances(left: Sequence[Sequence[int]], right: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """(pairs,) int64: the same table for many pairs of short sequences of numbers from 0 up, all pairs at once."""
    a, b = _matrix(left), _matrix(right)
    rows, columns = a.shape[0], b.shape[0]
    table = np.zeros((rows + 1, columns + 1, len(left)), np.int16)
    table[:, 0], table[0] = np.arange(rows + 1)[:, None], np.arange(columns + 1)[:, None]
    for i in range(rows):
        for j in range(columns):
            cheapest = np.minimum(table[i, j] + (a[i] != b[j]), table[i, j + 1] + 1)
            table[i + 1, j + 1] = np.minimum(cheapest, table[i + 1, j] + 1)
    lengths = [np.array([len(one) for one in side]) for side in (left, right)]
    return table[lengths[0], lengths[1], np.arange(len(left))].astype(np.int64)


def _matrix(sequences: Sequence[Sequence[int]]) -> NDArray[np.int32]:
    """(longest, pairs): one sequence a column, padded with -1; what lies beyond a sequence's end is never looked at."""
    longest = max(map(len, sequences))
    return np.array([[*one, *[-1] * (longest - len(one))] for one in sequences], np.int32).T


def score(truth: Mapping[str, str], predictions: Mapping[str, str]) -> dict[str, int | str]:
    """The figures of a golden vector: whole numbers, and shares written "p/q"."""
    rows = []
    for line_id, text in truth.items():
        reference, reading = normalise(text), normalise(predictions.get(line_id, ""))
        words, words_read = (one.split(" ") if one else [] for one in (reference, reading))
        rows.append((distance(reference, reading), len(reference), distance(words, words_read), len(words)))
    edits, characters, word_edits, words = (sum(row[i] for row in rows) for i in range(4))
    shares = [1 - Fraction(row[0], row[1] or 1) for row in rows]
    return {
        "edits": edits, "characters": characters, "word_edits": word_edits, "words": words,
        "exact": sum(row[0] == 0 for row in rows), "lines": len(rows),
        "character_accuracy": str(1 - Fraction(edits, characters)), "cer": str(Fraction(edits, characters)),
        "wer": str(Fraction(word_edits, words)), "exact_lines": str(Fraction(sum(r[0] == 0 for r in rows), len(rows))),
        "mean_line_accuracy": str(sum(shares, Fraction(0)) / len(rows)),
    }  # fmt: skip
