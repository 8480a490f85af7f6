"""Turns texts into CTC targets, and finds the lines that cannot be learnt."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from harness.evaluator.text import normalise

BAD_SHARE = 0.05
"""Above this share of lines too short for their text, the network's steps are too coarse for the data."""


def encode(text: str, classes: Mapping[str, int], longest: int) -> NDArray[np.int64]:
    """The classes of a normalised text. LookupError, with the character, where no entry fits.

    classes: entry to class, from 1 on. longest: characters of the longest entry; the longest that fits is taken.
    """
    text, found = normalise(text), []
    while text:
        entry = next((text[:n] for n in range(longest, 0, -1) if text[:n] in classes), None)
        if entry is None:
            raise LookupError(text[0])
        found.append(classes[entry])
        text = text[len(entry) :]
    return np.array(found, np.int64)


def encode_all(texts: Sequence[str], ids: Sequence[str], alphabet: Sequence[str]) -> list[NDArray[np.int64]]:
    """The classes of every text, (length,) int64 each; SystemExit where the alphabet lacks a character."""
    classes = {entry: i for i, entry in enumerate(alphabet, 1)}
    longest = max(map(len, alphabet), default=1)
    targets = []
    for line, text in zip(ids, texts, strict=True):
        try:
            targets.append(encode(text, classes, longest))
        except LookupError as missing:
            lacks = f"Line {line} holds {missing.args[0]!r}, which the task's alphabet lacks"
            raise SystemExit(f"{lacks}; build the dataset again.") from None
    return targets


def steps_needed(target: NDArray[np.int64]) -> int:
    """CTC needs one step a character, and a blank between two equal ones."""
    return len(target) + int((target[1:] == target[:-1]).sum())


def learnable(
    targets: Sequence[NDArray[np.int64]], steps: NDArray[np.int64], ids: Sequence[str]
) -> tuple[NDArray[np.int64], str]:
    """The indices of the lines that have as many steps as their text needs, and a sentence about the others.

    SystemExit where those are more than BAD_SHARE of all.
    """
    needed = np.array([steps_needed(target) for target in targets], np.int64)
    short = np.flatnonzero(needed > steps)
    if not len(short):
        return np.arange(len(targets)), ""
    names = ", ".join(ids[i] for i in short[:3])
    note = f"{len(short)} of {len(targets)} training lines give fewer steps than their text needs ({names}, ...)"
    if len(short) > BAD_SHARE * len(targets):
        raise SystemExit(f"{note}: let the network keep more columns, that is, use smaller strides along the width.")
    return np.flatnonzero(needed <= steps), f"{note}; they are left out."
