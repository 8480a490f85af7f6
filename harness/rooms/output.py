"""How much a job has left in its one writable folder.

Links are never followed. Files that were deleted while still open are not seen here: each is bounded by the limit on
the size of one file, their number by the limit on open files.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

DEEPEST = 64


class Overfull(Exception):
    """There is more in the folder than allowed, or a part of it that cannot be counted."""


def overfull(folder: Path, most_bytes: int, most_files: int) -> bool:
    """Whether a folder holds more than allowed; the walk stops at the first thing too many, so its cost is bounded."""
    size = files = 0
    try:
        for _, facts in entries(folder):
            files += 1
            # A sparse file counts with its length: whoever copies it would pay for that.
            size += max(facts.st_size, facts.st_blocks * 512) if stat.S_ISREG(facts.st_mode) else 0
            if files > most_files or size > most_bytes:
                return True
    except Overfull:
        return True
    return False


def entries(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Everything below a folder, with its own facts. Raises Overfull where it is too deep or closed to us."""
    waiting = [(os.fspath(folder), 0)]
    while waiting:
        path, depth = waiting.pop()
        for entry in _listed(path, depth):
            try:
                facts = entry.stat(follow_symlinks=False)
            except OSError:
                continue  # gone between the listing and the look
            if stat.S_ISDIR(facts.st_mode):
                waiting.append((entry.path, depth + 1))
            yield entry.path, facts


def _listed(path: str, depth: int) -> Iterator[os.DirEntry[str]]:
    if depth > DEEPEST:
        raise Overfull(path)
    try:
        with os.scandir(path) as listing:
            yield from listing
    except (FileNotFoundError, NotADirectoryError):
        return  # gone, or replaced, since its parent was listed
    except OSError as error:
        raise Overfull(path) from error
