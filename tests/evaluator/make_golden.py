"""Writes the judge's golden vectors: `python -m tests.evaluator.make_golden`.

An expected value is written here by hand or comes from the second judge, never from the code under test; where it is
written by hand, the second judge must agree before anything is written.
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.evaluator import second_judge as second

GOLDEN = Path(__file__).parents[2] / "harness" / "evaluator" / "golden.jsonl"

# (text, expected): by hand.
NORMALISED = [
    ("", ""),
    (" ", ""),
    ("\t\r\n", ""),
    ("a", "a"),
    ("  a", "a"),
    ("a  ", "a"),
    ("a b", "a b"),
    ("a  b", "a b"),
    ("a \t b", "a b"),
    ("a\tb", "a b"),
    ("a\nb", "a b"),
    ("a\r\nb\r\n", "a b"),
    ("a\u00a0b", "a b"),  # no-break space
    ("\u00a0a\u00a0", "a"),
    ("a\u202fb", "a b"),  # narrow no-break space
    ("a\u2009b\u200ac", "a b c"),  # thin and hair space
    ("a\u2002b", "a b"),
    ("a\u2000b", "a b"),  # NFC itself turns this one into U+2002
    ("a\u3000b", "a b"),
    ("a\u1680b", "a b"),
    ("a\u205fb", "a b"),
    ("a\u2028b\u2029c", "a b c"),
    ("a\u0085b", "a b"),
    ("a\u001cb\u001fc", "a b c"),
    ("a\u000bb\u000cc", "a b c"),
    ("a\u200bb", "a\u200bb"),  # a zero-width space is no whitespace
    ("a\ufeffb", "a\ufeffb"),  # nor is a byte order mark
    ("a\u00adb", "a\u00adb"),  # nor a soft hyphen
    ("e\u0301", "\u00e9"),
    ("\u00e9", "\u00e9"),
    ("E\u0301t\u00e9 ", "\u00c9t\u00e9"),
    ("a\u0308\u0304", "\u01df"),  # two marks, one character
    ("a\u0323\u0302", "\u1ead"),
    ("a\u0302\u0323", "\u1ead"),  # marks in the other order are put in order first
    ("q\u0307\u0323", "q\u0323\u0307"),  # nothing to compose, but the order is still fixed
    ("x\u0301", "x\u0301"),  # no composed form exists
    (" \u0301a", "\u0301a"),  # a mark on a space loses its space, and nothing composes across it
    ("\u212b", "\u00c5"),  # angstrom sign
    ("\u2126", "\u03a9"),  # ohm sign
    ("\ufb01", "\ufb01"),  # a ligature is compatible, not canonical: it stays
    ("\u017f", "\u017f"),  # and so does a long s
    ("\u1100\u1161\u11a8", "\uac01"),  # Hangul
    ("\u0915\u093c", "\u0915\u093c"),  # excluded from composition
    ("\u0958", "\u0915\u093c"),
    ("\u05e9\u05c1", "\u05e9\u05c1"),
    ("\ufb2a", "\u05e9\u05c1"),
    ("\u0627\u0653", "\u0622"),  # Arabic
    ("\U0001d15e", "\U0001d157\U0001d165"),  # astral, excluded from composition
    ("\U0001f600  \U0001f3fd", "\U0001f600 \U0001f3fd"),
    ("Case Stays, So Does Punctuation!?", "Case Stays, So Does Punctuation!?"),
    ("\u201cquotes\u201d \u2014 dash", "\u201cquotes\u201d \u2014 dash"),
    ("\u05e9\u05dc\u05d5\u05dd  \u05e2\u05d5\u05dc\u05dd", "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd"),
]
LETTERS = ["a", "b", "c"]
RICH = [" ", "e", "\u0301", "th", "\U0001f600", "\u05d0", "..."]
# (argmax path, alphabet, expected): by hand; each step's class gets the largest logit.
PATHS = [
    ([], LETTERS, ""),
    ([0], LETTERS, ""),
    ([0, 0, 0], LETTERS, ""),
    ([1], LETTERS, "a"),
    ([1, 1], LETTERS, "a"),
    ([1, 0, 1], LETTERS, "aa"),
    ([1, 1, 0, 0, 1, 1], LETTERS, "aa"),
    ([0, 1, 1, 0], LETTERS, "a"),
    ([1, 2], LETTERS, "ab"),
    ([1, 2, 1], LETTERS, "aba"),
    ([1, 2, 2, 3], LETTERS, "abc"),
    ([1, 0, 2, 0, 3], LETTERS, "abc"),
    ([3, 3, 0, 3, 2, 0, 0, 2, 2], LETTERS, "ccbb"),
    ([0, 0, 3], LETTERS, "c"),
    ([3, 0, 0], LETTERS, "c"),
    ([4], RICH, "th"),
    ([4, 4, 0, 4], RICH, "thth"),
    ([2, 3], RICH, "e\u0301"),
    ([1, 2, 1], RICH, " e "),
    ([5, 0, 5, 6], RICH, "\U0001f600\U0001f600\u05d0"),
    ([7, 0, 7, 7], RICH, "......"),
    ([6, 4, 2, 1, 7], RICH, "\u05d0the ..."),
]
# (rows, alphabet, expected): by hand; ties and odd numbers.
ROWS = [
    ([[1, 1, 1, 1]], LETTERS, ""),
    ([[0, 2, 2, 2]], LETTERS, "a"),
    ([[0, 1, 2, 2]], LETTERS, "b"),
    ([[-3, -2, -1, -2]], LETTERS, "b"),
    ([[0, 0, 0, 1e-30]], LETTERS, "c"),
    ([[1e30, -1e30, 0, 0], [0, 1e30, 0, 0]], LETTERS, "a"),
    ([[5, 4.5, 4, 0], [4.5, 5, 4, 0], [5, 4.5, 4, 0], [4.5, 5, 4, 0]], LETTERS, "aa"),
    ([[2, 1]], ["x"], ""),
    ([[1, 2]], ["x"], "x"),
    ([[-1, -1]], ["x"], ""),
]
# (ids, alphabet, expected or None for "undecodable"): by hand.
IDS = [
    ([], LETTERS, ""),
    ([0], LETTERS, ""),
    ([0, 1, 2], LETTERS, ""),
    ([1], LETTERS, "a"),
    ([1, 1], LETTERS, "aa"),
    ([1, 1, 0, 1], LETTERS, "aa"),
    ([3, 2, 1, 0], LETTERS, "cba"),
    ([3, 2, 1], LETTERS, "cba"),
    ([4], LETTERS, None),
    ([1, 4], LETTERS, None),
    ([-1], LETTERS, None),
    ([1, -1, 0], LETTERS, None),
    ([1, 0, 4], LETTERS, "a"),
    ([1, 0, -1], LETTERS, "a"),
    ([2**62], LETTERS, None),
    ([-(2**63)], LETTERS, None),
    ([4, 4, 1, 2, 3], RICH, "thth e\u0301"),
    ([5, 6, 7], RICH, "\U0001f600\u05d0..."),
    ([8], RICH, None),
    ([7, 0], RICH, "..."),
    ([1] * 40 + [0], ["ab"], "ab" * 40),
]
# (reference, reading, edits, characters, word edits, words): by hand, one line each.
LINES = [
    ("a", "a", 0, 1, 0, 1),
    ("a", "", 1, 1, 1, 1),
    ("a", "b", 1, 1, 1, 1),
    ("a", "A", 1, 1, 1, 1),
    ("abc", "abd", 1, 3, 1, 1),
    ("abc", "ab", 1, 3, 1, 1),
    ("abc", "abcd", 1, 3, 1, 1),
    ("abc", "xyz", 3, 3, 1, 1),
    ("abc", "xyzxyz", 6, 3, 1, 1),
    ("ab", "ba", 2, 2, 1, 1),
    ("kitten", "sitting", 3, 6, 1, 1),
    ("intention", "execution", 5, 9, 1, 1),
    ("the cat sat", "the cat sat", 0, 11, 0, 3),
    ("the cat sat", "the  cat\tsat ", 0, 11, 0, 3),
    ("the cat sat", "the\u00a0cat sat", 0, 11, 0, 3),
    ("the cat sat", "thecat sat", 1, 11, 2, 3),
    ("the cat sat", "the cat", 4, 11, 1, 3),
    ("the cat sat", "cat the sat", 6, 11, 2, 3),
    ("the cat sat", "The cat sat.", 2, 11, 2, 3),
    ("the the the", "the", 8, 11, 2, 3),
    ("the", "the the the", 8, 3, 2, 1),
    ("caf\u00e9", "cafe\u0301", 0, 4, 0, 1),
    ("cafe\u0301", "caf\u00e9", 0, 4, 0, 1),
    ("caf\u00e9", "cafe", 1, 4, 1, 1),
    ("x\u0301", "x", 1, 2, 1, 1),
    ("q\u0307\u0323", "q\u0323\u0307", 0, 3, 0, 1),
    ("\U0001f600", "\U0001f601", 1, 1, 1, 1),
    ("\U0001f600a", "a", 1, 2, 1, 1),
    ("\u05e9\u05dc\u05d5\u05dd", "\u05e9\u05dc\u05d5", 1, 4, 1, 1),
    ("\u05e9\u05dc\u05d5\u05dd", "\u05dd\u05d5\u05dc\u05e9", 4, 4, 1, 1),
    ("\u0645\u0631\u062d\u0628\u0627", "\u0645\u0631\u062d\u0628\u0627 \u0628\u0643", 3, 5, 1, 1),
    ('"No," he said.', "No he said", 4, 14, 2, 3),
    ("don't", "don\u2019t", 1, 5, 1, 1),
    ("-", "\u2014", 1, 1, 1, 1),
    ("1984", "1948", 2, 4, 1, 1),
    ("\ufb01n", "fin", 2, 2, 1, 1),
    ("a b c d", "", 7, 7, 4, 4),
    ("a b c d", "   ", 7, 7, 4, 4),
    ("a b c d", "abcd", 3, 7, 4, 4),
    ("a b c d", "d c b a", 4, 7, 4, 4),
    ("a\u200bb", "ab", 1, 3, 1, 1),
    ("x" * 64, "x" * 63 + "y", 1, 64, 1, 1),
    ("x" * 65, "y" + "x" * 65, 1, 65, 1, 1),
    ("ab" * 64, "ba" * 64, 2, 128, 1, 1),
    ("x" * 700, "x" * 641, 59, 700, 1, 1),
]
# (truth, predictions, edits, characters, character accuracy, mean line accuracy, exact lines): by hand, several lines.
SPLITS: list[tuple[dict[str, str], dict[str, str], int, int, str, str, str]] = [
    ({"1": "ab", "2": "cd"}, {"1": "ab", "2": "cd"}, 0, 4, "1", "1", "1"),
    ({"1": "ab", "2": "cd"}, {"1": "ab"}, 2, 4, "1/2", "1/2", "1/2"),
    ({"1": "ab", "2": "cd"}, {"1": "ab", "2": ""}, 2, 4, "1/2", "1/2", "1/2"),
    ({"1": "ab", "2": "cd"}, {}, 4, 4, "0", "0", "0"),
    ({"1": "ab", "2": "cdefgh"}, {"1": "ab", "2": "cdexxx"}, 3, 8, "5/8", "3/4", "1/2"),
    ({"1": "abc", "2": "d"}, {"1": "abc", "2": "x"}, 1, 4, "3/4", "1/2", "1/2"),
    ({"1": "a"}, {"1": "aaaa"}, 3, 1, "-2", "-2", "0"),
    ({"1": "", "2": "ab"}, {"1": "", "2": "ab"}, 0, 2, "1", "1", "1"),
    ({"1": "", "2": "ab"}, {"1": "x", "2": "ab"}, 1, 2, "1/2", "1/2", "1/2"),
    ({"1": "", "2": "ab"}, {"1": "xyz", "2": "ab"}, 3, 2, "-1/2", "-1/2", "1/2"),
    ({"1": " \t", "2": "ab"}, {"1": "\u00a0", "2": "ab"}, 0, 2, "1", "1", "1"),
    ({"1": "", "2": "ab"}, {"2": "a"}, 1, 2, "1/2", "3/4", "1/2"),
    ({"1": "a", "2": "ab", "3": "abc"}, {"1": "b", "2": "ab", "3": "ab"}, 2, 6, "2/3", "5/9", "1/3"),
    ({"1": "A", "2": "b."}, {"1": "a", "2": "b"}, 2, 3, "1/3", "1/4", "0"),
    ({"\u00e9": "e\u0301", "e": "e"}, {"\u00e9": "\u00e9", "e": "\u00e9"}, 1, 2, "1/2", "1/2", "1/2"),
]


def vectors() -> Iterator[dict[str, Any]]:
    """All vectors, in the order of the file."""
    for text, expected in NORMALISED:
        yield _agreed({"kind": "normalise", "text": text}, expected, second.normalise(text))
    for path, alphabet, expected in PATHS:
        yield _best_path([[float(i == best) for i in range(len(alphabet) + 1)] for best in path], alphabet, expected)
    for rows, alphabet, expected in ROWS:
        yield _best_path(rows, alphabet, expected)
    for ids, alphabet, spelt in IDS:
        yield _agreed({"kind": "ids", "ids": ids, "alphabet": alphabet}, spelt, second.ids_to_text(ids, alphabet))
    yield from _scores()
    yield from _drawn(random.Random(1))


def _agreed(case: dict[str, Any], by_hand: object, by_second: object) -> dict[str, Any]:
    if by_hand != by_second:
        raise ValueError(f"{case}: by hand {by_hand!r}, by the second judge {by_second!r}")
    return {**case, "expected": by_hand}


def _best_path(rows: list[list[float]], alphabet: list[str], expected: str) -> dict[str, Any]:
    case = {"kind": "best_path", "logits": rows, "alphabet": alphabet}
    return _agreed(case, expected, second.best_path(rows, alphabet))


def _scores() -> Iterator[dict[str, Any]]:
    for reference, reading, *counts in LINES:
        case = {"kind": "score", "truth": {"line": reference}, "predictions": {"line": reading}}
        figures = second.score({"line": reference}, {"line": reading})
        _agreed(case, counts, [figures[key] for key in ("edits", "characters", "word_edits", "words")])
        yield {**case, "expected": figures}
    for truth, predictions, *known in SPLITS:
        case = {"kind": "score", "truth": truth, "predictions": predictions}
        figures = second.score(truth, predictions)
        keys = ("edits", "characters", "character_accuracy", "mean_line_accuracy", "exact_lines")
        _agreed(case, known, [figures[key] for key in keys])
        yield {**case, "expected": figures}


def _drawn(draw: random.Random) -> Iterator[dict[str, Any]]:
    """Cases nobody thought of: drawn, with the second judge's answers."""
    letters = "aabé e\u0301\u0323  \t\u00a0.,'T\U0001f600\u05d0"
    for _ in range(30):
        text = _draw_text(draw, letters, 2) + _draw_text(draw, letters, 20) + "  e" + _draw_text(draw, letters, 3)
        yield {"kind": "normalise", "text": text, "expected": second.normalise(text)}
    for _ in range(30):
        rows = [[draw.randrange(-2, 3) / 2 for _ in range(len(RICH) + 1)] for _ in range(draw.randrange(1, 9))]
        yield _best_path(rows, RICH, second.best_path(rows, RICH))
    for _ in range(40):
        truth = {f"l{i}": "T" + _draw_text(draw, letters, 14) for i in range(draw.randrange(1, 6))}
        predictions = {i: _draw_text(draw, letters, 4) + text[draw.randrange(5) :] for i, text in truth.items()}
        if draw.random() < 0.3:
            del predictions["l0"]
        figures = second.score(truth, predictions)
        yield {"kind": "score", "truth": truth, "predictions": predictions, "expected": figures}


def _draw_text(draw: random.Random, letters: str, longest: int) -> str:
    return "".join(letters[draw.randrange(len(letters))] for _ in range(draw.randrange(longest)))


def as_text() -> str:
    """The file's content: one JSON object a line, in ASCII, so that no editor can compose or tidy a text."""
    return "".join(json.dumps(vector, sort_keys=True) + "\n" for vector in vectors())


if __name__ == "__main__":
    GOLDEN.write_text(as_text(), "ascii", newline="\n")
