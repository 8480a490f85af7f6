"""A log keeps both ends of what was printed, within its cap."""

import os
from pathlib import Path

import pytest

from harness.rooms.joblog import JobLog


def logged(path: Path, cap: int, *chunks: bytes) -> bytes:
    with JobLog(path, cap) as log:
        for chunk in chunks:
            os.write(log.writer, chunk)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("cap", "chunks", "kept"),
    [
        (1000, (), b""),
        (1000, (b"one\n", b"two\n"), b"one\ntwo\n"),
        (1000, (b"h" * 500, b"t" * 436), b"h" * 500 + b"t" * 436),
        (1000, (b"h" * 500, b"x" * 7, b"t" * 436), b"h" * 500 + b"\n[... 7 bytes left out ...]\n" + b"t" * 436),
        (100, (b"h" * 50, b"x" * 9), b"h" * 50 + b"\n[... 9 bytes left out ...]\n"),
        (1000, (b"\x00\xff\x1b[2J",), b"\x00\xff\x1b[2J"),
    ],
)
def test_what_is_kept(tmp_path: Path, cap: int, chunks: tuple[bytes, ...], kept: bytes) -> None:
    assert logged(tmp_path / "log", cap, *chunks) == kept


def test_the_first_half_is_in_the_file_while_the_job_runs(tmp_path: Path) -> None:
    with JobLog(tmp_path / "log", 1000) as log:
        os.write(log.writer, b"progress")
        while (tmp_path / "log").read_bytes() != b"progress":
            pass


def test_a_pipe_that_somebody_still_holds_does_not_keep_the_log_open(tmp_path: Path) -> None:
    with JobLog(tmp_path / "log", 1000) as log:
        held = os.dup(log.writer)
        os.write(held, b"words")
    os.close(held)
    assert (tmp_path / "log").read_bytes() == b"words"
