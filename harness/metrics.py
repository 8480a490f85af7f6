"""Follows a metrics.jsonl while a participant's program writes it: finite numbers under plain names, nothing else.

These curves are self-reported and shown as such; no score comes from them. The file may turn into anything at any
moment: it is opened without following links or waiting for a pipe, and only a bounded part of it is read.
"""

import json
import math
import os
import re
import stat
from pathlib import Path

KEY = re.compile(r"[a-z][a-z0-9_/]{0,39}")
MOST_KEYS = 32
MOST_BYTES = 16 * 2**20
LONGEST_ROW = 4_096
NAMED = ("step", "steps", "seconds", "loss")

Row = dict[str, float]


class MetricsTail:
    """New rows of one file at each call; rows that are not JSON objects of numbers are dropped."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read = 0
        self._rest = b""

    def new_rows(self) -> list[Row]:
        """The rows that were completed since the last call."""
        pieces = (self._rest + self._more()).split(b"\n")
        self._rest = pieces.pop()[:LONGEST_ROW]
        return [row for row in map(_row, pieces) if row]

    def _more(self) -> bytes:
        try:
            file = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return b""
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                return b""
            found = os.pread(file, max(0, MOST_BYTES - self._read), self._read)
        except OSError:
            return b""
        finally:
            os.close(file)
        self._read += len(found)
        return found


def _row(piece: bytes) -> Row:
    if len(piece) > LONGEST_ROW:
        return {}
    try:
        row = json.loads(piece)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(row, dict):
        return {}
    return {key: float(value) for key, value in list(row.items())[:MOST_KEYS] if KEY.fullmatch(key) and _finite(value)}


def _finite(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False
