"""Curves that a stranger's program writes: numbers pass, everything else is dropped, nothing hangs."""

import os
from pathlib import Path

import pytest

from harness.metrics import LONGEST_ROW, MetricsTail


def test_rows_come_once_and_whole(tmp_path: Path) -> None:
    """A row that is half written waits for its other half."""
    path = tmp_path / "metrics.jsonl"
    tail = MetricsTail(path)
    assert tail.new_rows() == []
    path.write_text('{"step": 1}\n{"step": ')
    assert tail.new_rows() == [{"step": 1.0}]
    with open(path, "a") as file:
        file.write('2, "loss": 0.5}\n')
    assert tail.new_rows() == [{"step": 2.0, "loss": 0.5}]
    assert tail.new_rows() == []


@pytest.mark.parametrize(
    "row",
    [
        "[1]", "1", "null", "{", '"a"', '{"a": NaN}', '{"a": Infinity}', '{"a": 1e999}', '{"a": "1"}', '{"a": true}',
        '{"A B": 1}', '{"<script>": 1}', '{"' + "a" * 41 + '": 1}', '{"a": ' + "1" * 5000 + "}", "[" * 4000,
        '{"a": ' + "9" * 400 + "}", "\ufffd",
    ],
)  # fmt: skip
def test_what_is_no_number_is_dropped(tmp_path: Path, row: str) -> None:
    """And the next row still counts."""
    path = tmp_path / "metrics.jsonl"
    path.write_text(row + '\n{"step": 1}\n')
    assert MetricsTail(path).new_rows() == [{"step": 1.0}]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """It could point at any file of the host."""
    (tmp_path / "secret").write_text('{"step": 1}\n')
    (tmp_path / "metrics.jsonl").symlink_to(tmp_path / "secret")
    assert MetricsTail(tmp_path / "metrics.jsonl").new_rows() == []


def test_a_pipe_or_a_folder_does_not_hold_the_host(tmp_path: Path) -> None:
    """Opening a pipe without a writer would wait for ever."""
    os.mkfifo(tmp_path / "metrics.jsonl")
    assert MetricsTail(tmp_path / "metrics.jsonl").new_rows() == []
    (tmp_path / "folder").mkdir()
    assert MetricsTail(tmp_path / "folder").new_rows() == []


def test_a_line_without_an_end_does_not_fill_memory(tmp_path: Path) -> None:
    """Only a bounded part of it is kept."""
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b"a" * 100_000)
    tail = MetricsTail(path)
    tail.new_rows()
    assert len(tail._rest) <= LONGEST_ROW
