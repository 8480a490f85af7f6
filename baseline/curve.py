"""Writes OUT/metrics.jsonl, the training curve that others follow while it grows."""

import json
from pathlib import Path

INTERVAL = 0.5
"""Seconds between two rows, at most one second with a step in between."""


class Curve:
    """Appends rows. A resumed run adds to the file, so a step done twice has two rows; the later one counts."""

    def __init__(self, out: Path) -> None:
        self._file = open(out / "metrics.jsonl", "a", encoding="utf-8")  # noqa: SIM115 (open for the run's length)
        self._last = float("-inf")

    def due(self, seconds: float) -> bool:
        """Whether a row is due at this second."""
        return seconds - self._last >= INTERVAL

    def add(self, row: dict[str, float | int | None]) -> None:
        """Write one row through to the system; `row["seconds"]` starts the interval to the next."""
        self._last = float(row["seconds"] or 0.0)
        self._file.write(json.dumps(row) + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()
