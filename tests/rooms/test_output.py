"""Counting what a job left: links are not followed, and the walk ends at the first thing too many."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from harness.rooms.output import DEEPEST, overfull


@pytest.mark.parametrize(("most_bytes", "most_files", "over"), [(32_768, 3, False), (1000, 3, True), (32_768, 2, True)])
def test_bytes_files_and_folders_count(tmp_path: Path, most_bytes: int, most_files: int, over: bool) -> None:
    (tmp_path / "keep").mkdir()
    (tmp_path / "keep" / "checkpoint").write_bytes(bytes(800))
    (tmp_path / "model.onnx").write_bytes(bytes(800))
    assert overfull(tmp_path, most_bytes, most_files) is over


def test_a_link_counts_as_one_file_and_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "large").write_bytes(bytes(10_000))
    os.symlink(tmp_path / "large", tmp_path / "out" / "file")
    os.symlink(tmp_path, tmp_path / "out" / "folder")
    assert not overfull(tmp_path / "out", 100, 2)
    assert overfull(tmp_path / "out", 100, 1)


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "model.onnx")
    assert not overfull(tmp_path, 0, 1)


def test_folders_nested_beyond_reason_are_too_much(tmp_path: Path) -> None:
    (tmp_path / "/".join("d" * (DEEPEST + 2))).mkdir(parents=True)
    assert overfull(tmp_path, 10**9, 10**9)


def test_a_folder_that_is_closed_to_us_is_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.scandir

    def scandir(path: Any) -> Any:
        if Path(path).name == "closed":  # root can read every folder, so the refusal is made here
            raise PermissionError(errno.EACCES, "closed", str(path))
        return real(path)

    (tmp_path / "closed").mkdir()
    monkeypatch.setattr(os, "scandir", scandir)
    assert overfull(tmp_path, 10**9, 10**9)


def test_a_folder_that_is_gone_holds_nothing(tmp_path: Path) -> None:
    assert not overfull(tmp_path / "gone", 0, 0)
