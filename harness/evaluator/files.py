"""Reads, once, a file that a stranger's program left; sole owner of how such a file is opened.

It does not protect against a writer that is still alive: what was read is fixed, what lies on the disk is not.
"""

import os
import stat
from pathlib import Path

from harness.nouns import Phase, SubmissionError

# Not following a link keeps a path inside its folder; not blocking keeps a FIFO from holding the reader for ever.
# Systems that lack one of these flags lack what it guards against, or have no rooms.
FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read_once(path: Path, max_bytes: int, phase: Phase) -> bytes:
    """The bytes of a regular file that has this one name only, in one read of at most `max_bytes`.

    Raises SubmissionError in `phase` on anything else: missing, a link, a second hard link (the file could be
    somebody else's), a FIFO, a folder, too large.
    """
    try:
        descriptor = os.open(path, FLAGS)
    except OSError as error:
        reason = f"{path.name} cannot be opened ({error.strerror}); leave one regular file of that name, not a link."
        raise SubmissionError(reason, phase) from None
    try:
        found = os.fstat(descriptor)
        _check(path.name, found, max_bytes, phase)
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(found.st_size + 1)
    finally:
        os.close(descriptor)
    if len(data) != found.st_size:
        raise SubmissionError(f"{path.name} changed while it was read; let nothing write to it afterwards.", phase)
    return data


def _check(name: str, found: os.stat_result, max_bytes: int, phase: Phase) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise SubmissionError(f"{name} is no regular file; leave one regular file of that name.", phase)
    if found.st_nlink != 1:
        reason = f"{name} has {found.st_nlink} hard links, so it could be another file; leave a copy of its own."
        raise SubmissionError(reason, phase)
    if found.st_size > max_bytes:
        reason = f"{name} has {found.st_size} bytes where {max_bytes} are allowed; make it smaller."
        raise SubmissionError(reason, phase)
