"""Owns the text of the synthetic lines: a small grammar of English prose, in lines of 20 to 60 characters.

A line belongs to one part by its checksum, so no text stands in two parts; some words are kept out of
training, so that a model has to read and cannot only remember. The sentences mean nothing.
"""

import functools
import re
import string
import zlib
from collections.abc import Callable, Mapping

import numpy as np

from harness.datasets.words import PATTERNS, WORDS
from harness.nouns import Split

ALPHABET = " !\"$&'()+,-./0123456789:;?" + string.ascii_uppercase + string.ascii_lowercase
SHORTEST, LONGEST = 20, 60
OPENINGS = (
    "Jack Quill & Max (of Zennor) paid $56.70 + $1.",
    "\"Who? Vera, Kit, Bob; Ugo!\" - it's Yan's crazy jig/fly",
    "Note: Ada Choy, Di Fenn, Guy Hart, Ivo Lund met",
    "quiet Ned Orr, Pip Rees, Sue Tann, Xan Ewe: 23/4, 89",
)
"""The first lines of training. They hold the whole alphabet, so training has all characters of the others."""

_SHARES: Mapping[Split, tuple[int, ...]] = {"train": (0, 1, 2, 3), "valid": (4, 5), "test": (6, 7)}
_SLOT = re.compile(r"\{(\w+)\}")
_BEFORE_VOWEL = re.compile(r"\b([Aa])(?= [aeiou])")
_BEGINNING = re.compile(r"(^| )\"[a-z]|^[a-z]")
_Maker = Callable[[np.random.Generator], str]


def line_of(split: Split, rng: np.random.Generator) -> str:
    """A line of prose that only this part can hold; it may start and end in mid-sentence."""
    while True:
        text = _fragment(split, rng)
        if zlib.crc32(text.encode()) % 8 in _SHARES[split] and text not in OPENINGS:
            return text


def _fragment(split: Split, rng: np.random.Generator) -> str:
    """As many words of running prose as fit a line of a random width."""
    width = int(np.clip(rng.normal(41, 9), SHORTEST + 3, LONGEST))
    words = sentence(split, rng).split()
    start = int(rng.integers(len(words)))
    while len(" ".join(words[start:])) < width:
        words += sentence(split, rng).split()
    line = ""
    for word in words[start:]:
        if len(line) + 1 + len(word) > width and len(line) >= SHORTEST:
            break
        line = f"{line} {word}".strip()
    return line if len(line) <= LONGEST else line[:LONGEST].rsplit(" ", 1)[0]


def sentence(split: Split, rng: np.random.Generator) -> str:
    """A sentence of the grammar, in the words that this part may use."""
    text = _BEFORE_VOWEL.sub(r"\1n", _filled("{sentence}", split, rng))
    return _BEGINNING.sub(lambda begin: begin[0].upper(), text)


def _filled(pattern: str, split: Split, rng: np.random.Generator) -> str:
    return _SLOT.sub(lambda slot: _word(slot[1], split, rng), pattern)


def _word(slot: str, split: Split, rng: np.random.Generator) -> str:
    if slot in _FIGURES:
        return _FIGURES[slot](rng)
    if slot in PATTERNS:
        patterns = PATTERNS[slot]
        return _filled(patterns[rng.integers(len(patterns))], split, rng)
    words = _known(slot, split)
    return words[rng.integers(len(words))].replace("_", " ")


@functools.cache
def _known(slot: str, split: Split) -> tuple[str, ...]:
    """The words of a slot; about one in ten is kept out of training."""
    words = tuple(WORDS[slot].split())
    return tuple(w for w in words if split != "train" or zlib.crc32(w.encode()) % 10)


def _code(rng: np.random.Generator) -> str:
    letters = "".join(rng.choice(list(string.ascii_uppercase), rng.integers(1, 4)))
    return f"{letters}{('-', '/', '')[rng.integers(3)]}{rng.integers(1, 1000)}"


def _price(rng: np.random.Generator) -> str:
    return f"${rng.integers(1, 400)}" + (f".{rng.integers(100):02}" if rng.uniform() < 0.5 else "")


def _count(rng: np.random.Generator) -> str:
    if rng.uniform() < 0.3:
        return f"{rng.integers(1, 10)},{rng.integers(1000):03}"
    return str(rng.integers(2, 999))


_FIGURES: Mapping[str, _Maker] = {
    "capital": lambda rng: string.ascii_uppercase[rng.integers(26)],
    "code": _code,
    "count": _count,
    "day": lambda rng: str(rng.integers(1, 31)),
    "month_number": lambda rng: str(rng.integers(1, 13)),
    "price": _price,
    "time": lambda rng: f"{rng.integers(1, 13)}:{rng.integers(60):02}",
    "year": lambda rng: str(rng.integers(1690, 2030)),
}
