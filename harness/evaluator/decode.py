"""Turns a model's output and its alphabet into text: the best path of CTC logits, or ids up to the first 0."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.nouns import SubmissionError

MAX_CHARACTERS = 10_000


class Undecodable(ValueError):
    """One line's output is no text, so that line reads as the empty text; its neighbours are unharmed."""


class TooLong(Undecodable):
    """One line's reading has more than MAX_CHARACTERS characters."""


def best_path(logits: NDArray[Any], alphabet: Sequence[str]) -> str:
    """The most likely class of each step, repeats merged, blanks dropped.

    logits: (1, time, classes) or (time, classes) floats; class 0 is the blank, class i is `alphabet[i - 1]`. Of equal
    logits the lowest class wins; infinities are compared like other numbers.
    Raises SubmissionError on NaN (never replaced: which class a NaN means is anybody's guess) and where the classes
    do not fit the alphabet; TooLong where the reading is longer than MAX_CHARACTERS.
    """
    steps = logits[0] if logits.ndim == 3 and logits.shape[0] == 1 else logits
    if steps.ndim != 2 or steps.dtype.kind != "f":
        found = f"{logits.dtype} {logits.shape}"
        raise SubmissionError(f"The output `logits` is {found}; it must be float (1, time, classes).", "predict")
    if steps.shape[1] != len(alphabet) + 1:
        reason = f"The output `logits` has {steps.shape[1]} classes; an alphabet of {len(alphabet)} needs one more."
        raise SubmissionError(reason, "predict")
    if np.isnan(steps).any():
        reason = "The output `logits` holds NaN; make the model's arithmetic stable (export and run it in float32)."
        raise SubmissionError(reason, "predict")
    classes = steps.argmax(axis=1)
    new = np.ones(len(classes), bool)
    new[1:] = classes[1:] != classes[:-1]
    return _spell(classes[new & (classes != 0)], alphabet)


def ids_to_text(ids: NDArray[Any], alphabet: Sequence[str]) -> str:
    """The text of ids: (1, length) int64, where 0 ends the line and i is `alphabet[i - 1]`.

    What follows the first 0 is not looked at. Raises Undecodable on an id outside 0 to len(alphabet), TooLong where
    the text is longer than MAX_CHARACTERS, SubmissionError on another type or shape.
    """
    if ids.dtype != np.int64 or ids.ndim != 2 or ids.shape[0] != 1:
        reason = f"The output `ids` is {ids.dtype} {ids.shape}; it must be int64 (1, length)."
        raise SubmissionError(reason, "predict")
    ends = np.flatnonzero(ids[0] == 0)
    line = ids[0, : ends[0]] if len(ends) else ids[0]
    if ((line < 0) | (line > len(alphabet))).any():
        raise Undecodable(f"an id lies outside 0 to {len(alphabet)}")
    return _spell(line, alphabet)


def _spell(ids: NDArray[np.int64], alphabet: Sequence[str]) -> str:
    # Lengths come before the join, so that ten million ids cost no ten-million-character string.
    if len(ids) > MAX_CHARACTERS:
        raise TooLong(f"the reading has {len(ids)} characters or more")
    pieces = [alphabet[i - 1] for i in ids.tolist()]
    if sum(map(len, pieces)) > MAX_CHARACTERS:
        raise TooLong(f"the reading has more than {MAX_CHARACTERS} characters")
    return "".join(pieces)
