"""Owns predictions.jsonl, the one file that leaves the room with the model: a JSON object a line.

Writing and reading need no onnxruntime, so the room with the answers can do without it.
"""

import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn, get_args

from harness.evaluator.decode import MAX_CHARACTERS
from harness.evaluator.files import read_once
from harness.nouns import SubmissionError

Failure = Literal["", "crashed", "undecodable", "too long", "missing"]
FAILURES: tuple[str, ...] = get_args(Failure)
KEYS = {"id", "text", "failure", "seconds"}


@dataclass(frozen=True)
class Prediction:
    """One line as the model read it. `failure` says why `text` is empty; `seconds` are on one CPU thread."""

    id: str
    text: str
    failure: Failure
    seconds: float


def write_predictions(path: Path, predictions: Iterable[Prediction]) -> None:
    """Write one JSON object a line, in ASCII, seconds to six digits; the file appears complete or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(temporary, "w", encoding="ascii", newline="\n") as file:
            for prediction in predictions:
                row = {**asdict(prediction), "seconds": round(prediction.seconds, 6)}
                file.write(json.dumps(row, allow_nan=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def read_predictions(path: Path, ids: Sequence[str], max_bytes: int) -> dict[str, Prediction]:
    """Read a file that came out of a room, believing nothing; one prediction for each of `ids`, in their order.

    A line that the file lacks reads as the empty text with the failure "missing" and 0 seconds. Texts are as the
    model gave them, not normalised. Raises SubmissionError in phase "predict" on a link or no regular file, more than
    max_bytes, and any line that is no object of exactly the four keys with a known, unrepeated id.
    It does not show that the model said so: whoever ran in that room with the right to write could have written it.
    """
    rows = read_once(path, max_bytes, "predict").split(b"\n")
    if rows.pop():
        raise _refuse("its last line is cut short")
    known, found = frozenset(ids), dict[str, Prediction]()
    for number, row in enumerate(rows, 1):
        prediction = _read(row, number)
        if prediction.id not in known:
            raise _refuse(f"line {number} has an id that is no line of this split")
        if prediction.id in found:
            raise _refuse(f"line {number} repeats an id")
        found[prediction.id] = prediction
    return {line_id: found.get(line_id) or Prediction(line_id, "", "missing", 0.0) for line_id in ids}


def _refuse(reason: str) -> SubmissionError:
    return SubmissionError(f"The predictions cannot be used: {reason}; evaluate the model again.", "predict")


def _read(row: bytes, number: int) -> Prediction:
    try:
        parsed = json.loads(row.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise _refuse(f"line {number} is no JSON object") from None
    if not isinstance(parsed, dict) or parsed.keys() != KEYS:
        raise _refuse(f"line {number} does not have exactly the keys id, text, failure and seconds")
    return _check(parsed, number)


def _check(row: Mapping[str, Any], number: int) -> Prediction:
    line_id, text, failure, seconds = row["id"], row["text"], row["failure"], row["seconds"]
    if not isinstance(line_id, str) or not isinstance(text, str) or failure not in FAILURES:
        raise _refuse(f"line {number} has a value of the wrong type or an unknown failure")
    if len(text) > MAX_CHARACTERS or (failure and text):
        raise _refuse(f"line {number} has a text where it failed, or one over {MAX_CHARACTERS} characters")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise _refuse(f"line {number} holds half a surrogate pair")
    if type(seconds) not in (int, float) or not 0 <= seconds < math.inf or seconds > 1e9:
        raise _refuse(f"line {number} has no sensible number of seconds")
    return Prediction(line_id, text, failure, round(float(seconds), 6))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object's pairs as a dict; of a key that stands twice, two readers could see two values."""
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
