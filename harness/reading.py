"""The program of the room that predicts: line stores and a model in, predictions out. It never has answers.

`python -m harness.reading MODEL OUTPUT-KIND THREADS OUT LINES.h5 NAME [LINES.h5 NAME ...]` leaves OUT/NAME.jsonl for
each store, and OUT/count, the number of lines read so far. A model that must be refused leaves OUT/refusal and exit
code 4. The alphabet stands beside the model as alphabet.json.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from harness.evaluator.predict import predict, write_predictions
from harness.lines import read_lines
from harness.nouns import SubmissionError

REFUSED = 4


Output = Literal["logits", "ids"]


def read_store(model: Path, output: Output, threads: int, store: Path, target: Path,
               count: Callable[[int], None]) -> None:  # fmt: skip
    """Read one line store and leave its predictions in `target`."""
    alphabet = json.loads(model.with_name("alphabet.json").read_text("utf-8"))
    lines = read_lines(store)
    write_predictions(target, predict(model, list(lines.images()), alphabet, output, threads, count))


def main(arguments: list[str]) -> int:
    """Read every store named; returns the exit code."""
    model, threads, out, rest = Path(arguments[0]), int(arguments[2]), Path(arguments[3]), arguments[4:]
    output: Output = "ids" if arguments[1] == "ids" else "logits"
    seen = 0

    def count(lines: int) -> None:
        nonlocal seen
        seen += lines
        partial = out / ".count"
        partial.write_text(str(seen))
        os.replace(partial, out / "count")

    try:
        for store, name in zip(rest[::2], rest[1::2], strict=True):
            read_store(model, output, threads, Path(store), out / f"{name}.jsonl", count)
    except SubmissionError as error:
        (out / "refusal").write_text(error.reason, "utf-8")
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
